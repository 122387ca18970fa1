"""Fine-tuning of released weights on a school's own pictures, on the command line."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import WEIGHTS
from inference.training.__main__ import build_parser
from inference.training.cli import train_commands
from inference.training.data.dataset import FaceDataset
from inference.training.data.image_folder import read_image_folder
from inference.training.data.splits import make_split
from inference.training.errors import BadData
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
    assert sum(person["faces"] for person in figures["by_person"]) == 12
    assert [person["picture"] for person in figures["by_person"]] == sorted(
        person["picture"] for person in figures["by_person"]
    )
    assert report.count("person of ") == 3
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
    figures: dict[str, Any] = {
        "faces": 20,
        "people": None,
        "before": nothing,
        "after": nothing,
        "by_class": {},
    }
    figures["by_person"] = []
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


def make_pictures(counts: dict[int, int], people: int | None) -> FaceDataset:
    """Different faces, `counts` by expression, of so many people in turn."""
    labels = np.repeat(list(counts), list(counts.values()))
    votes = np.zeros((len(labels), 10), np.uint8)
    votes[np.arange(len(labels)), labels] = 10
    return FaceDataset(
        images=np.zeros((len(labels), 48, 48), np.uint8),
        labels=np.full(len(labels), -1, np.int8),
        split=np.zeros(len(labels), np.int8),
        votes=votes,
        group=np.arange(len(labels), dtype=np.int32),
        sha256="0" * 64,
        person=None if people is None else np.arange(len(labels), dtype=np.int32) % people,
    )


@pytest.mark.parametrize(
    ("counts", "people", "message"),
    [
        ({1: 60}, 12, "they show happiness only; add a folder of another expression"),
        ({1: 60}, None, "they show happiness only"),
        ({0: 15, 1: 15}, 12, "30 different pictures; at least 40 are needed"),
        ({0: 30, 1: 30}, 9, "9 people; at least 10 are needed"),
        ({0: 40, 1: 9}, 12, "9 pictures of happiness; add some until there are 10"),
    ],
)
def test_too_few_pictures_are_refused(
    counts: dict[int, int], people: int | None, message: str
) -> None:
    with pytest.raises(BadData, match=message):
        adapt.check_adaptation_faces(make_pictures(counts, people))


def test_an_expression_of_two_people_is_refused() -> None:
    faces = make_pictures({0: 40, 1: 20}, 12)
    assert faces.person is not None
    faces.person[40:] %= 2
    with pytest.raises(BadData, match="happiness of fewer than 3 people"):
        adapt.check_adaptation_faces(faces)


def test_copies_of_a_picture_count_once() -> None:
    faces = make_pictures({0: 40, 1: 40}, 12)
    adapt.check_adaptation_faces(faces)
    faces.group[:35] = 0
    with pytest.raises(BadData, match="6 pictures of neutral"):
        adapt.check_adaptation_faces(faces)


def test_the_command_refuses_a_folder_with_one_expression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is trained, in one plain message."""
    folder = tmp_path / "pictures" / "happy"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(60):
        cv2.imwrite(str(folder / f"pupil{number % 12}_{number}.png"), bar_picture(1, rng))
    typed = ["train", "--run", str(tmp_path / "run"), "--from", "released"]
    typed += ["--data", str(tmp_path / "pictures"), "--people", r"^(pupil\d+)_"]
    monkeypatch.setattr(train_commands, "restart_with_large_malloc_blocks", lambda: None)
    arguments = build_parser().parse_args(typed)
    with pytest.raises(BadData, match="happiness only"):
        arguments.command(arguments)
    assert not (tmp_path / "run").exists()


def test_the_interval_of_the_gain_is_over_people() -> None:
    """Twenty faces of two people are two observations."""
    change = np.repeat([0.0, 1.0], 10)
    assert adapt._compute_interval(change, np.repeat([0, 1], 10)) == (0.0, 1.0)
    low, high = adapt._compute_interval(change, None)
    assert 0.2 < low < high < 0.8
