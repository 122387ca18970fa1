"""Cards, records and weights agree, and the check notices where they do not."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import WEIGHTS
from inference.training.card import card_faults, write_cards


def test_what_is_committed_agrees() -> None:
    assert card_faults(WEIGHTS) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


def test_a_card_that_was_edited_is_noticed(copied: Path) -> None:
    card = copied / "MODEL_CARD.md"
    card.write_text(card.read_text().replace("0.8", "0.9"))
    assert card_faults(copied) == [
        "MODEL_CARD.md is not what its record says; run the card command"
    ]
    write_cards(copied)
    assert card_faults(copied) == []


def test_other_weights_than_the_records_are_noticed(copied: Path) -> None:
    with (copied / "mobilenet_v2-int8.onnx").open("ab") as file:
        file.write(b"x")
    (copied / "mobilenet_v2.onnx").unlink()
    assert card_faults(copied) == [
        "mobilenet_v2.onnx is missing",
        "mobilenet_v2-int8.onnx is not the file that the record tells of",
    ]


def test_a_listing_of_other_weights_is_noticed(copied: Path) -> None:
    path = copied / "models.json"
    listing = json.loads(path.read_text())
    listing["models"]["mobilenet_v2"]["sha256"] = "0" * 64
    listing["models"]["stranger"] = {"sha256": "1"}
    path.write_text(json.dumps(listing))
    assert card_faults(copied) == [
        "models.json and mobilenet_v2.record.json disagree about mobilenet_v2",
        "stranger is listed, but no record tells of it",
    ]
