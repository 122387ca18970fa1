"""The comparison page: runs, costs, released models, baselines and plots."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

import onnx

from inference.errors import ModelMissing
from inference.expressions import WEIGHTS
from inference.models.onnx_session import open_session
from inference.training.data.dataset import FaceDataset
from inference.training.evaluate.metrics import compute_all_metrics
from inference.training.networks.onnx_export import (
    UNIT_TEMPERATURES,
    export_fp16_weights,
    export_fp32,
)
from inference.training.networks.registry import ExpressionNetwork
from inference.training.records import RunRecord
from inference.training.report import baselines, benchmark
from inference.training.report.baselines import FerPackage
from inference.training.report.comparison import list_comparison_plots, render_comparison
from inference.training.report.pareto import ModelPoint, compute_front, find_best_ratio, rank_models
from inference.training.report.plot_metadata import is_plot_of
from inference.training.report.plots import plot_comparison, plot_evaluation
from inference.training.results import RunResult, build_result
from tests.training.factories import build_epoch, build_record

SMALL = "mobilenet_v3_small"
CONTROL = "kd-2teachers-3ep"
"""The control of the ablations in `experiments/ablations.yaml`."""


def make_metrics() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(8), 90)
    return compute_all_metrics(probabilities, rng.integers(0, 8, 90), tuple("abcdefgh"), draws=10)


def make_evaluation() -> dict[str, Any]:
    ferplus = {**make_metrics(), "accuracy_where_8_of_10_agree": None}
    return {"ferplus": ferplus, "fer7": make_metrics()}


def make_result(name: str, architecture: str = "mobilenet_v2", **fields: Any) -> RunResult:
    """A finished run of one epoch at 48 pixels and two at 96."""
    settings = {"architecture": architecture, "batch_size": 8, "learning_rate": 0.1}
    record = {
        "started_at": name,
        "log": [
            build_epoch(0, 48, loss=0.1, accuracy=0.9, seconds=1200),
            build_epoch(1, 96, loss=0.5, accuracy=0.412, seconds=2400),
            build_epoch(2, 96, loss=0.6, accuracy=0.8, seconds=3600),
        ],
        "evaluation": make_evaluation(),
        **fields,
        "settings": {**settings, **fields.get("settings", {})},
    }
    return build_result(RunRecord.from_json(build_record(name=name, **record)), parameters=1)


def test_the_page_shows_every_run_cost_and_baseline(
    synthetic_faces: FaceDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ModelMissing("no source had it\nand more")

    monkeypatch.setattr(benchmark, "ARCHITECTURES", (SMALL, "mobilenet_v2"))
    monkeypatch.setattr(baselines, "load_model", fail)
    monkeypatch.setattr(benchmark, "PASSES", 2)
    monkeypatch.setattr(benchmark, "ROUNDS", 2)
    measured = json.loads(json.dumps(benchmark.measure_comparison(synthetic_faces, WEIGHTS)))
    results = [make_result(f"study-{SMALL}", SMALL, settings={"split": "study"})]
    text = render_comparison(measured, results)
    assert f"| {SMALL} | scratch |" in text
    assert "| 1.0 | 45 |" in text, "hours, and what the study reports"
    assert results[0].validation_accuracy == 0.412, "of the stored epoch"
    assert "No finished run:" in text, "none on the official split"
    assert measured["cost"][SMALL]["int8_bytes"] < measured["cost"][SMALL]["fp32_bytes"] / 1.6
    latencies = [model["ms"] for model in measured["released"]]
    cost = measured["cost"]["mobilenet_v2"]
    for ms in (cost["fp32_ms"], cost["int8_ms"], *latencies):
        assert 0 < ms["low"] <= ms["median"] <= ms["high"]
    assert f"Processor: {measured['machine']['processor']}" in text
    assert "fer: not measured here (no source had it)" in text
    plots = list_comparison_plots(measured, results)
    paths = plot_comparison(plots, tmp_path / "figures")
    assert [path.name for path in paths] == [
        *(f"{kind}-study.png" for kind in ("networks", "confusion", "curves")),
        "comparison.png",
    ]
    for path, shown in zip(paths, plots.values(), strict=True):
        assert is_plot_of(path, shown)
        assert not is_plot_of(path, [*shown, 1])


def render_runs(*results: RunResult) -> str:
    return render_comparison({"cost": {}, "released": [], "peers": []}, results)


def test_from_scratch_runs_stand_below_the_run_with_imagenet_weights() -> None:
    results = []
    for name in ("mobilenet_v2", SMALL):
        results.append(make_result(f"official-{name}", name, start="ImageNet weights"))
        results.append(make_result(f"scratch-{name}", name, settings={"batch_size": 9}))
    lines = render_runs(*results).splitlines()
    rows = [line.split(" | ")[:2] for line in lines if line.startswith(("| mobilenet",))]
    assert rows == [
        [f"| {name}", start]
        for name in ("mobilenet_v2", SMALL)
        for start in ("ImageNet", "scratch")
    ]
    assert any("Second rows, from scratch" in line and "batch 9" in line for line in lines)
    assert any("Missing runs: official-mobilenet_v3_large" in line for line in lines)


def test_a_deviation_from_the_common_recipe_is_shown() -> None:
    text = render_runs(
        make_result("official-mobilenet_v2"),
        make_result(f"official-{SMALL}", SMALL, settings={"seed": 7}),
    )
    assert f"official-{SMALL} differs from official-mobilenet_v2: seed 7." in text


def test_ablations_are_compared_with_their_control() -> None:
    better = make_evaluation()["ferplus"]
    better["accuracy"] += 0.021
    first = build_record()
    text = render_runs(
        make_result("student"),
        make_result(CONTROL, start="the run student"),
        make_result(
            "cutmix",
            start="the run student",
            settings={"cutmix_share": 0.5},
            evaluation={**make_evaluation(), "ferplus": better},
        ),
        make_result(
            "average",
            start="the run student",
            soup=[
                {"run": name, "record": {**first, "log": [build_epoch(0, seconds=3600)]}}
                for name in (CONTROL, "cutmix")
            ],
        ),
    )
    assert "Runs that start from `student` and differ as named" in text
    rows = {line.split(" | ")[0]: line for line in text.splitlines() if line.startswith("| ")}
    assert rows[f"| {CONTROL}"].startswith(f"| {CONTROL} | control | 41.2 |")
    assert rows["| cutmix"].startswith("| cutmix | cutmix_share 0.5 | 41.2 (+0.0) |")
    assert "(+2.1) |" in rows["| cutmix"]
    average = f"| average | average of {CONTROL}, cutmix | 41.2 (+0.0) |"
    assert rows["| average"].startswith(average)
    assert rows["| average"].endswith("| 2.0 |"), "the hours of both"
    assert "## Runs behind the released weights" in text
    assert "| student | random weights |" in text


def test_an_average_stands_last_and_was_not_trained() -> None:
    parts = [("student", 3), ("more", 1)]
    soup = [{"run": name, "portions": n, "record": build_record()} for name, n in parts]
    text = render_runs(
        make_result("average", soup=soup, started_at="earlier"),
        make_result("student", started_at="later"),
    )
    lines = text.splitlines()
    lines = lines[lines.index("## Runs behind the released weights") :]
    rows = [line for line in lines if line.startswith(("| student |", "| average |"))]
    assert [row.split(" | ")[0] for row in rows] == ["| student", "| average"]
    parts_text = "average of student 3 times, more | no training | none |"
    assert rows[1].startswith(f"| average | {parts_text}")


def test_a_run_that_starts_from_an_average_is_no_ablation_of_its_candidates() -> None:
    soup = [{"run": "student", "portions": 2, "record": build_record()}]
    lines = render_runs(
        make_result("student"),
        make_result(CONTROL, start="the run student"),
        make_result("average", soup=soup),
        make_result("closer", start="the run average"),
    ).splitlines()
    at = lines.index("## Runs behind the released weights")
    assert not any(line.startswith("| closer |") for line in lines[:at])
    assert any(line.startswith("| closer | average |") for line in lines[at:])


def make_point(name: str, accuracy: float, ms: float) -> ModelPoint:
    return ModelPoint(name, accuracy, (accuracy - 0.01, accuracy + 0.01), ms)


def test_a_fast_and_inaccurate_network_has_the_best_ratio_but_does_not_dominate() -> None:
    guess, v2 = make_point("guess", 0.25, 0.1), make_point("v2", 0.874, 1.2)
    large, b0 = make_point("large", 0.86, 2.8), make_point("b0", 0.877, 4.4)
    assert compute_front([v2, guess, large]) == [guess, v2]
    assert find_best_ratio([v2, guess, large]) == guess
    first, second, third, dominated = rank_models([v2, guess, large, b0])
    assert (first.point, first.next_faster, first.dominated_by) == (guess, None, None)
    assert (second.point, second.next_faster, second.is_uncertain) == (v2, guess, False)
    assert second.gain == pytest.approx(62.4)
    assert second.extra_ms == pytest.approx(1.1)
    assert (third.point, third.next_faster, third.is_uncertain) == (b0, v2, True)
    assert third.gain == pytest.approx(0.3)
    assert (dominated.point, dominated.dominated_by, dominated.is_uncertain) == (large, v2, True)


def test_the_page_ranks_the_released_models() -> None:
    released = [
        {"name": name, "accuracy": accuracy, "interval_95": [accuracy - 0.01, accuracy + 0.01]}
        | {"ms": {"median": ms}, "bytes": 1e6, "default": name == "v2"}
        for name, accuracy, ms in (("v2", 0.874, 1.2), ("guess", 0.25, 0.1), ("large", 0.86, 2.8))
    ]
    text = render_comparison({"cost": {}, "released": released, "peers": []}, [])
    assert "| v2 | 87.4 | 1.20 | yes | 62.4 points for 1.10 ms, 56.7 points/ms |" in text
    assert "| large | 86.0 | 2.80 | dominated by v2, uncertain | |" in text
    assert "guess ranks first (250 points/ms). v2 is on the Pareto front and not first" in text


class Graph:
    """A LiteRT graph: a convolution to 2 channels, a depthwise convolution, and a sum."""

    def get_tensor_details(self) -> list[dict[str, Any]]:
        shapes = (
            [1, 8, 8, 3],
            [2, 3, 3, 3],
            [2],
            [1, 600, 600, 2],
            [1, 5, 5, 2],
            [2],
            [1, 200, 200, 2],
        )
        return [{"index": n, "shape": shape} for n, shape in enumerate(shapes)]

    def _get_ops_details(self) -> list[dict[str, Any]]:
        return [
            {"op_name": "CONV_2D", "inputs": [0, 1, 2], "outputs": [3]},
            {"op_name": "DEPTHWISE_CONV_2D", "inputs": [3, 4, 5], "outputs": [6]},
            {"op_name": "ADD", "inputs": [6, 6], "outputs": [6]},
        ]


def test_a_baselines_size_is_counted_in_its_graph() -> None:
    peer = FerPackage.__new__(FerPackage)
    peer._network = Graph()
    macs = 600 * 600 * 2 * 3 * 3 * 3 + 200 * 200 * 2 * 5 * 5
    assert peer.count_size() == {
        "parameters": 2 * 27 + 2 + 2 * 25 + 2,
        "million_macs": round(macs / 1e6, 1),
    }


def test_equal_metrics_give_equal_plot_files(tmp_path: Path) -> None:
    robustness = {"accuracy": 0.5, "interval_95": [0.4, 0.6]}
    found = {"untouched": robustness, "blur": {"1": robustness, "2": robustness}}
    figures = {"ferplus": make_metrics(), "robustness": {"faces": 9, "accuracy": found}}
    first = plot_evaluation("x", figures, tmp_path / "a")
    again = plot_evaluation("x", figures, tmp_path / "b")
    assert [p.name for p in first] == [
        f"x-{what}.png" for what in ("confusion", "reliability", "coverage", "robustness")
    ]
    for path, other in zip(first, again, strict=True):
        assert path.read_bytes() == other.read_bytes()
        assert is_plot_of(path, figures)
        assert not is_plot_of(path, {**figures, "faces": 1})


def test_fp16_weights_give_nearly_the_same_scores_at_half_the_bytes(tmp_path: Path) -> None:
    network = ExpressionNetwork(SMALL).eval()
    fp32, fp16 = tmp_path / "n.onnx", tmp_path / "n-fp16.onnx"
    export_fp32(network, 48, UNIT_TEMPERATURES, fp32)
    export_fp16_weights(fp32, fp16)
    onnx.checker.check_model(str(fp16))
    assert fp16.stat().st_size < 0.6 * fp32.stat().st_size
    face = {"face": np.random.default_rng(0).random((1, 1, 48, 48), np.float32)}
    said = [
        open_session(p, hashlib.sha256(p.read_bytes()).hexdigest()).run(None, face)[0]
        for p in (fp32, fp16)
    ]
    assert np.abs(said[0] - said[1]).max() < 2e-3
