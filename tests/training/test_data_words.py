"""What cards say of the data: FER2013's own story of FER2013 alone, and by the split."""

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
from inference.training.report.card import write_cards

OF_FER2013 = ("PublicTest", "nobody in them was asked", "FER+ (Barsoum", "web search")


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


def test_a_schools_card_tells_no_story_of_fer2013_about_its_faces(released: Path) -> None:
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
    data = card[card.index("## Data") : card.index("## Training")]
    assert not [words for words in OF_FER2013 if words in data]
    assert "Figures on faces held back" in card
    assert "accuracy on PublicTest" not in card
    assert "Of 12 people, nobody was both" in data
    assert f"learned from FER2013 (sha256 `{FER2013_SHA256}`)" in data
    assert "from which `train --from released`" not in card
    sheet = (released / "DATA_SHEET.md").read_text()
    assert sheet.startswith("# Data sheet: the faces that were given")
    assert not [words for words in OF_FER2013 if words in sheet]
    unnamed = card_of(released, {}, {"people": None})
    assert "one person may have been trained on and tested on" in unnamed


def test_a_card_of_the_study_split_says_that_public_test_was_trained_on(released: Path) -> None:
    card = card_of(released, {}, {"settings": {"split": "study"}})
    assert "never judge these weights on PublicTest" in card
    assert "Figures on the study split's test part" in card
    assert "PublicTest was never trained" not in card


def test_the_official_card_stays_what_it_is(released: Path) -> None:
    card = card_of(released, {}, {})
    assert all(words in card for words in OF_FER2013)
    assert "PublicTest was never trained or chosen on" in card


def test_faces_keep_their_source_in_a_file(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    for source in (FER2013, ""):
        write_dataset(replace(synthetic_faces, source=source), tmp_path / "faces.npz")
        assert read_dataset(tmp_path / "faces.npz").source == source
