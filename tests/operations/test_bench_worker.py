import pytest

from tests.bench.temporary_stack import temporary_stack
from tests.bench.worker_bench import Bench, Turn, figures
from tests.bench.worker_bench_text import as_text

KEYS = {
    *("inprocess_fps", "worker_fps", "task_per_frame_fps", "worker_over_inprocess"),
    *("worker_over_task_per_frame", "cpu_ms_per_frame"),
}


def turns(*speeds: tuple[float, float, float]) -> dict[str, list[Turn]]:
    ways = zip(("inprocess", "worker", "task_per_frame"), zip(*speeds, strict=True), strict=True)
    return {way: [Turn(fps, 1000 / fps, 0.1) for fps in each] for way, each in ways}


def test_metrics_are_medians_and_ratios_are_per_round() -> None:
    one = turns((100, 80, 40), (400, 400, 100), (200, 190, 50))
    result = figures({1: one, 2: one})
    assert result.keys() >= KEYS
    assert result["inprocess_fps"] == {"1": 200, "2": 200}
    assert result["worker_over_inprocess"]["1"] == 0.95
    assert result["worker_over_task_per_frame"]["1"] == 3.8
    assert result["cpu_ms_per_frame"]["inprocess"] == 5
    assert "0.95" in as_text(result | {"with_landmarks": result})


@pytest.mark.usefixtures("face_model")
def test_all_three_variants_read_every_frame() -> None:
    with temporary_stack(frame_processes=1) as stack:
        measured = Bench(stack, seconds=0.3).rounds(1, 1, False, lambda _line: None)
    assert all(turn.fps > 0 and turn.cpu_ms > 0 for each in measured.values() for turn in each)
    assert [len(each) for each in measured.values()] == [1, 1, 1]
