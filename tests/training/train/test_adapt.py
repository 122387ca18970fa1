"""Fine-tuning of released weights on a school's own pictures, on the command line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import WEIGHTS
from inference.training.__main__ import build_parser
from inference.training.data.dataset import FaceDataset
from inference.training.data.image_folder import read_image_folder
from inference.training.data.splits import make_split
from inference.training.evaluate.evaluation import Scorer
from inference.training.networks import initial_weights
from inference.training.networks.registry import ExpressionNetwork
from inference.training.networks.safetensors_export import (
    load_released_weights,
    save_trainable_weights,
)
from inference.training.settings import Settings
from inference.training.train import adapt
from inference.training.train.training import train
from tests.training.conftest import bar_picture

SMALL = "mobilenet_v3_small"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten people, each with two pictures of each of two expressions."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for kind, name in enumerate(("happy", "sad")):
        (folder / name).mkdir()
        for number in range(20):
            path = folder / name / f"pupil{number % 10}_{number}.png"
            cv2.imwrite(str(path), bar_picture(2 * kind, rng))
    return folder


def test_a_school_adapts_the_released_network(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    save_trainable_weights(ExpressionNetwork(SMALL), 48, tmp_path)

    def load_here(network: ExpressionNetwork) -> int:
        return load_released_weights(network, tmp_path)

    for module in (adapt, initial_weights):
        monkeypatch.setattr(module, "load_released_weights", load_here)
    faces = read_image_folder(pictures, people=r"^(pupil\d+)_")
    settings = Settings(
        SMALL, "study", [(48, 6)], batch_size=10, learning_rate=3e-3, processes=1, average_decay=0.5
    )
    train(faces, settings, tmp_path / "run", "released")
    report = adapt.write_adaptation_report(tmp_path / "run", faces, settings)
    figures = json.loads((tmp_path / "run" / "adaptation.json").read_text())
    assert figures["people"] == 3
    assert figures["faces"] == 12
    assert set(figures["by_class"]) == {"happiness", "sadness"}
    assert "too few faces" in report
    assert "pictures of 3 people that were not trained on" in report
    change = figures["after"]["accuracy"] - figures["before"]["accuracy"]
    assert figures["gain"]["points"] == pytest.approx(change)
    assert (
        json.loads((tmp_path / "run" / "run.json").read_text())["start"] == f"the released {SMALL}"
    )


def test_the_report_covers_the_runs_own_test_part(
    synthetic_faces: FaceDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[np.ndarray] = []

    def scorer(*_: object) -> Scorer:
        def score(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            requested.append(rows)
            return np.zeros((len(rows), 8)), np.zeros((len(rows), 7))

        return score

    monkeypatch.setattr(adapt, "make_torch_scorer", scorer)
    monkeypatch.setattr(adapt, "load_run", lambda run: (ExpressionNetwork(SMALL), 48))
    monkeypatch.setattr(adapt, "load_released_weights", lambda network: 48)
    for settings in (Settings(SMALL, "official"), Settings(SMALL, "study", split_seed=3)):
        adapt.write_adaptation_report(tmp_path, synthetic_faces, settings)
        split = make_split(settings.split, synthetic_faces, settings.split_seed, 0.08)
        assert np.isin(requested[-1], split.test).all()
        assert np.array_equal(requested[-1], requested[-2]), "before and after"


def test_an_insignificant_gain_is_marked() -> None:
    nothing = {"accuracy": 0.5, "interval_95": [0.3, 0.7]}
    figures = {"faces": 20, "people": None, "before": nothing, "after": nothing, "by_class": {}}
    text = adapt._format_report({**figures, "gain": {"points": 0.0, "interval_95": [-0.1, 0.1]}})
    assert "may be chance" in text
    assert "--people" in text


def test_from_is_an_alias_of_start() -> None:
    typed = build_parser().parse_args(["train", "--run", "x", "--from", "released", "--data", "y"])
    assert typed.start == "released"


def test_committed_weights_can_be_trained() -> None:
    path = WEIGHTS / "mobilenet_v2.safetensors"
    if not path.exists():
        pytest.skip("no trainable weights are released yet")
    assert path.stat().st_size < 12_000_000
    assert load_released_weights(ExpressionNetwork("mobilenet_v2")) == 96
