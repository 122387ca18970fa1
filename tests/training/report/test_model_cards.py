"""Model cards and data sheets describe the data by its source and split."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import WEIGHTS
from inference.training.data.dataset import (
    FER2013,
    FER2013_SHA256,
    FaceDataset,
    read_dataset,
    write_dataset,
)
from inference.training.report.model_cards import write_cards

FER2013_PHRASES = ("PublicTest", "were not asked", "FER+ (Barsoum", "found by web search")


@pytest.fixture
def released(tmp_path: Path) -> Path:
    if not (WEIGHTS / "models.json").exists():
        pytest.skip("no weights are released yet")
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


def changed(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def card_of(folder: Path, sheet: dict[str, Any], record: dict[str, Any]) -> str:
    changed(folder / "data_sheet.json", **sheet)
    path = folder / "mobilenet_v2.record.json"
    settings = {**json.loads(path.read_text())["settings"], **record.pop("settings", {})}
    changed(path, settings=settings, **record)
    write_cards(folder)
    return (folder / "MODEL_CARD.md").read_text()


def test_a_card_of_other_faces_does_not_describe_fer2013(released: Path) -> None:
    school: dict[str, Any] = {
        "source": "",
        "people": 12,
        "start": "the released mobilenet_v2",
        "before": None,
    }
    school["learned_from"] = [
        {"data_sha256": FER2013_SHA256, "split": "official", "split_seed": 0}
        | {"validation_share": 0.08}
    ]
    record = {**school, "data_sha256": "5" * 64, "settings": {"split": "study"}}
    card = card_of(released, {"source": "", "sha256": "5" * 64, "people": 12}, record)
    data = card[card.index("## Training data") : card.index("## Training\n")]
    assert not [words for words in FER2013_PHRASES if words in data]
    assert "Metrics on held-out faces" in card
    assert "accuracy on PublicTest" not in card
    assert "The faces show 12 people; nobody is in more than one" in data
    assert f"were trained on FER2013 (sha256 `{FER2013_SHA256}`)" in data
    assert "`train --from released`" not in card
    sheet = (released / "DATA_SHEET.md").read_text()
    assert sheet.startswith("# Data sheet: the faces supplied")
    assert not [words for words in FER2013_PHRASES if words in sheet]
    unnamed = card_of(released, {}, {"people": None})
    assert "one person may be in both training and test" in unnamed


def test_a_card_of_the_study_split_warns_about_public_test(released: Path) -> None:
    card = card_of(released, {}, {"settings": {"split": "study"}})
    assert "never evaluate these weights on PublicTest" in card
    assert "Metrics on the study split's test part" in card
    assert "PublicTest was never used" not in card


def test_a_card_of_the_official_split_describes_public_test(released: Path) -> None:
    card = card_of(released, {}, {})
    assert all(words in card for words in FER2013_PHRASES)
    assert "PublicTest was never used for training or model selection" in card


def test_a_dataset_file_keeps_the_source(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    for source in (FER2013, ""):
        write_dataset(replace(synthetic_faces, source=source), tmp_path / "faces.npz")
        assert read_dataset(tmp_path / "faces.npz").source == source
