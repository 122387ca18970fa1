"""The four networks side by side, from records and from the networks themselves."""

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
from inference.training.release.release import compute_sha256
from inference.training.report import compare, cost, peers
from inference.training.report.drawings import is_drawn_from
from inference.training.report.figures import draw_comparison, draw_evaluation
from inference.training.report.page import comparison_drawings, comparison_page
from inference.training.report.peers import FerPackage
from inference.training.report.verdict import Point, front, verdict_lines

SMALL = "mobilenet_v3_small"


def some_figures() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(8), 90)
    return compute_all_metrics(probabilities, rng.integers(0, 8, 90), tuple("abcdefgh"), draws=10)


def write_record(folder: Path, name: str, architecture: str, **more: Any) -> None:
    folder.mkdir(exist_ok=True)
    settings = {"architecture": architecture, "batch_size": 8, "learning_rate": 0.1}
    record = {
        "name": name,
        "settings": {**settings, "split": more.pop("split", "official"), **more.pop("set", {})},
        "start": "random weights",
        "started_at": name,
        "log": [
            {"side": 48, "loss": 0.1, "accuracy": 0.9, "seconds": 1200},
            {"side": 96, "loss": 0.5, "accuracy": 0.412, "seconds": 2400},
            {"side": 96, "loss": 0.6, "accuracy": 0.8, "seconds": 3600},
        ],
        "evaluation": {"ferplus": some_figures(), "fer7": some_figures()},
        **more,
    }
    (folder / f"{name}.json").write_text(json.dumps(record))


def test_the_page_holds_every_run_cost_and_peer(
    synthetic_faces: FaceDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: Any) -> None:
        raise ModelMissing("no source had it\nand more")

    monkeypatch.setattr(compare, "ARCHITECTURES", (SMALL, "mobilenet_v2"))
    monkeypatch.setattr(peers, "load", nowhere)
    monkeypatch.setattr(cost, "PASSES", 2)
    monkeypatch.setattr(cost, "ROUNDS", 2)
    write_record(tmp_path, f"study-{SMALL}", SMALL, split="study")
    found = json.loads(json.dumps(compare.compare(synthetic_faces, tmp_path, WEIGHTS)))
    text = comparison_page(found)
    assert f"| {SMALL} | scratch |" in text
    assert "| 1.0 | 45 |" in text, "hours, and what the study says"
    assert found["runs"][0]["validation"]["accuracy"] == 0.412, "the epoch that was kept"
    assert "No finished run yet" in text, "none on the official split"
    assert found["cost"][SMALL]["int8_bytes"] < found["cost"][SMALL]["fp32_bytes"] / 1.6
    shipped = {each["name"]: each["ms"] for each in found["released"]}
    own = found["cost"]["mobilenet_v2"]
    for ms in (own["fp32_ms"], own["int8_ms"], *shipped.values()):
        assert 0 < ms["low"] <= ms["median"] <= ms["high"]
    assert f"Processor: {found['machine']['processor']}" in text
    assert "fer: not measured here (no source had it)" in text
    drawn = draw_comparison(comparison_drawings(found), tmp_path / "figures")
    assert [path.name for path in drawn] == [
        *(f"{kind}-study.png" for kind in ("networks", "confusion", "curves")),
        "comparison.png",
    ]
    for path, what in zip(drawn, comparison_drawings(found).values(), strict=True):
        assert is_drawn_from(path, what)
        assert not is_drawn_from(path, [*what, 1])


def page_of(folder: Path) -> str:
    return comparison_page({**compare.of_records(folder), "cost": {}, "released": [], "peers": []})


def test_the_four_stand_in_one_table_and_from_scratch_beside(tmp_path: Path) -> None:
    for name in ("mobilenet_v2", SMALL):
        write_record(tmp_path, f"official-{name}", name, start="ImageNet weights")
        write_record(tmp_path, f"scratch-{name}", name, set={"batch_size": 9})
    lines = page_of(tmp_path).splitlines()
    rows = [line.split(" | ")[:2] for line in lines if line.startswith(("| mobilenet",))]
    assert rows == [
        [f"| {name}", start]
        for name in ("mobilenet_v2", SMALL)
        for start in ("ImageNet", "scratch")
    ]
    assert any("Second rows, from scratch" in line and "batch 9" in line for line in lines)
    assert any("Still due: official-mobilenet_v3_large" in line for line in lines)


def test_another_recipe_among_the_four_is_said(tmp_path: Path) -> None:
    write_record(tmp_path, "official-mobilenet_v2", "mobilenet_v2")
    write_record(tmp_path, f"official-{SMALL}", SMALL, set={"seed": 7})
    assert f"official-{SMALL} differs from official-mobilenet_v2: seed 7." in page_of(tmp_path)


def test_experiments_stand_against_their_control(tmp_path: Path) -> None:
    before = {"started_at": "student"}
    write_record(tmp_path, "student", "mobilenet_v2")
    write_record(tmp_path, "more", "mobilenet_v2", before=before)
    better = some_figures()
    better["accuracy"] += 0.021
    write_record(
        tmp_path,
        "cutmix",
        "mobilenet_v2",
        before=before,
        set={"cutmix_share": 0.5},
        evaluation={"ferplus": better, "fer7": some_figures()},
    )
    text = page_of(tmp_path)
    assert "Runs from `student`, alike but for what is named" in text
    rows = [line for line in text.splitlines() if line.startswith("| more |")]
    assert rows[0].startswith("| more | control | 41.2 |")
    row = next(line for line in text.splitlines() if line.startswith("| cutmix |"))
    assert row.startswith("| cutmix | cutmix_share 0.5 | 41.2 (+0.0) |")
    assert "(+2.1) |" in row
    first = json.loads((tmp_path / "more.json").read_text())
    soup = [{"run": "more", "record": first}, {"run": "cutmix", "record": first}]
    write_record(tmp_path, "soup", "mobilenet_v2", before=before, soup=soup, started_at="more")
    lines = page_of(tmp_path).splitlines()
    stirred = next(line for line in lines if line.startswith("| soup |"))
    assert stirred.startswith("| soup | mean of the weights of more, cutmix | 41.2 (+0.0) |")
    assert stirred.endswith("| 2.0 |"), "the hours of both"
    assert "## The released network's line" in text
    assert "| student | random weights |" in text


def test_a_soup_stands_last_in_the_line_and_was_not_trained(tmp_path: Path) -> None:
    write_record(tmp_path, "student", "mobilenet_v2", started_at="later")
    first = json.loads((tmp_path / "student.json").read_text())
    soup = [{"run": "student", "portions": 3, "record": first}, {"run": "more", "record": first}]
    write_record(tmp_path, "soup", "mobilenet_v2", soup=soup, started_at="earlier")
    lines = page_of(tmp_path).splitlines()
    line = lines[lines.index("## The released network's line") :]
    rows = [each for each in line if each.startswith(("| student |", "| soup |"))]
    assert [each.split(" | ")[0] for each in rows] == ["| student", "| soup"]
    made_of = "mean of the weights of student 3 times, more | no training | none |"
    assert rows[1].startswith(f"| soup | {made_of}")


def test_what_starts_from_a_soup_is_no_sibling_of_what_the_soup_is_of(tmp_path: Path) -> None:
    write_record(tmp_path, "student", "mobilenet_v2")
    before = json.loads((tmp_path / "student.json").read_text())
    write_record(tmp_path, "more", "mobilenet_v2", before=before, started_at="1")
    soup = [{"run": "student", "portions": 2, "record": before}]
    same = before["started_at"]
    write_record(tmp_path, "soup", "mobilenet_v2", soup=soup, started_at=same)
    stirred = json.loads((tmp_path / "soup.json").read_text())
    write_record(tmp_path, "closer", "mobilenet_v2", before=stirred, started_at="2")
    lines = page_of(tmp_path).splitlines()
    at = lines.index("## The released network's line")
    assert not any(line.startswith("| closer |") for line in lines[:at])
    assert any(line.startswith("| closer | soup |") for line in lines[at:])


def point(name: str, accuracy: float, ms: float) -> Point:
    return Point(name, accuracy, (accuracy - 0.01, accuracy + 0.01), ms)


def test_a_fast_and_wrong_network_wins_the_quotient_and_not_the_verdict() -> None:
    points = [point("v2", 0.874, 1.2), point("guess", 0.25, 0.1), point("large", 0.86, 2.8)]
    assert [each.name for each in front(points)] == ["guess", "v2"]
    lines = verdict_lines([*points, point("b0", 0.877, 4.4)], "v2", "all")
    assert "- From guess to v2: 62.4 points more for 1.10 ms more, 56.7 points a millisecond." in (
        lines
    )
    assert "- From v2 to b0: 0.3 points more for 3.20 ms more, 0.1 points a millisecond (the " in (
        "\n".join(lines)
    )
    assert "- large (86.0 %, 2.80 ms) is beaten by v2 in both (the intervals overlap" in (
        "\n".join(lines)
    )
    assert "guess comes first (250 points a millisecond)" in lines[-2]
    assert lines[-1] == "- So v2 is on the front, and not first by the quotient."
    assert verdict_lines(points[:1], "v2", "all") == []


class Graph:
    """As LiteRT tells of one: a convolution to 2 channels, one a channel, and a sum."""

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


def test_a_peer_s_size_is_counted_in_its_graph() -> None:
    peer = FerPackage.__new__(FerPackage)
    peer._network = Graph()
    multiplied = 600 * 600 * 2 * 3 * 3 * 3 + 200 * 200 * 2 * 5 * 5
    assert peer.size() == {
        "parameters": 2 * 27 + 2 + 2 * 25 + 2,
        "million_macs": round(multiplied / 1e6, 1),
    }


def test_figures_are_drawn_and_equal_figures_are_equal_files(tmp_path: Path) -> None:
    robustness = {"accuracy": 0.5, "interval_95": [0.4, 0.6]}
    found = {"untouched": robustness, "blur": {"1": robustness, "2": robustness}}
    figures = {"ferplus": some_figures(), "robustness": {"faces": 9, "accuracy": found}}
    first = draw_evaluation("x", figures, tmp_path / "a")
    again = draw_evaluation("x", figures, tmp_path / "b")
    assert [p.name for p in first] == [
        f"x-{what}.png" for what in ("confusion", "reliability", "coverage", "robustness")
    ]
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert is_drawn_from(one, figures)
        assert not is_drawn_from(one, {**figures, "faces": 1})


def test_half_precision_weights_say_nearly_the_same_at_half_the_bytes(tmp_path: Path) -> None:
    network = ExpressionNetwork(SMALL).eval()
    fp32, fp16 = tmp_path / "n.onnx", tmp_path / "n-fp16.onnx"
    export_fp32(network, 48, UNIT_TEMPERATURES, fp32)
    export_fp16_weights(fp32, fp16)
    onnx.checker.check_model(str(fp16))
    assert fp16.stat().st_size < 0.6 * fp32.stat().st_size
    face = {"face": np.random.default_rng(0).random((1, 1, 48, 48), np.float32)}
    said = [open_session(p, compute_sha256(p)).run(None, face)[0] for p in (fp32, fp16)]
    assert np.abs(said[0] - said[1]).max() < 2e-3
