import pytest

from tests.bench.management.commands.bench_worker import Command
from tests.bench.temporary_stack import temporary_stack
from tests.bench.worker.worker_bench import (
    VARIANTS,
    Bench,
    Measurement,
    Measurements,
    compute_metrics,
)

KEYS = {
    *("inprocess_fps", "worker_fps", "task_per_frame_fps", "worker_over_inprocess"),
    *("worker_over_task_per_frame", "cpu_ms_per_frame"),
}


def build_measurements(*rounds: tuple[float, float, float]) -> Measurements:
    """Build measurements from the speeds of the variants in each round."""
    by_variant = zip(VARIANTS, zip(*rounds, strict=True), strict=True)
    return {
        variant: [Measurement(fps, 1000 / fps, 0.1) for fps in speeds]
        for variant, speeds in by_variant
    }


def test_metrics_are_medians_and_ratios_are_per_round() -> None:
    measurements = build_measurements((100, 80, 40), (400, 400, 100), (200, 190, 50))
    result = compute_metrics({1: measurements, 2: measurements})
    assert result.keys() >= KEYS
    assert result["inprocess_fps"] == {"1": 200, "2": 200}
    assert result["worker_over_inprocess"]["1"] == 0.95
    assert result["worker_over_task_per_frame"]["1"] == 3.8
    assert result["cpu_ms_per_frame"]["inprocess"] == 5
    assert "0.95" in Command().format_text(result | {"with_landmarks": result})


@pytest.mark.usefixtures("face_model")
def test_all_variants_read_every_frame() -> None:
    with temporary_stack(frame_processes=1) as stack:
        measurements = Bench(stack, 0.3, lambda _line: None).measure_rounds(1, 1, False)
    for runs in measurements.values():
        assert len(runs) == 1
        assert runs[0].fps > 0
        assert runs[0].cpu_ms > 0
