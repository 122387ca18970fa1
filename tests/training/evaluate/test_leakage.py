"""Data leakage is refused: in resumed runs, initial weights and teachers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.dataset import FaceDataset
from inference.training.errors import BadData
from inference.training.evaluate import leakage
from inference.training.evaluate.leakage import list_start_data_uses
from inference.training.records import DataUse, RunRecord
from inference.training.settings import Settings
from inference.training.train.teachers import read_teacher_scores, write_teacher_scores
from inference.training.train.training import train
from tests.training.factories import build_record
from tests.training.train.test_training_options import TINY, scores

OFFICIAL = DataUse("0" * 64, "official", 0, 0.2)


@pytest.fixture(scope="module")
def begun(synthetic_faces: FaceDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("begun")
    train(synthetic_faces, replace(TINY, stages=[(32, 1)]), run)
    return run


def test_a_run_resumes_with_its_own_faces_only(begun: Path, synthetic_faces: FaceDataset) -> None:
    before = (begun / "run.json").read_bytes()
    with pytest.raises(BadData, match="was trained on other faces"):
        train(replace(synthetic_faces, sha256="1" * 64), TINY, begun)
    assert (begun / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    "changed", [{"split": "study"}, {"split_seed": 1}, {"validation_share": 0.3}]
)
def test_a_run_resumes_with_its_own_split_only(
    begun: Path, synthetic_faces: FaceDataset, changed: dict[str, Any]
) -> None:
    with pytest.raises(BadData, match=r"the run in .* was trained on these faces with another"):
        train(synthetic_faces, replace(TINY, **changed), begun)


def test_a_start_that_saw_another_split_is_refused(
    begun: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    start, study = str(begun / "best.pt"), replace(TINY, split="study", stages=[(32, 1)])
    with pytest.raises(BadData, match=r"starts from .* was trained on these faces with another"):
        train(synthetic_faces, study, tmp_path, start)
    # Other faces are free; but the way back is not, however long.
    train(replace(synthetic_faces, sha256="1" * 64), study, tmp_path / "other", start)
    with pytest.raises(BadData, match="with another split"):
        train(synthetic_faces, study, tmp_path / "back", str(tmp_path / "other" / "best.pt"))


def test_data_of_released_weights_is_read_from_their_record(
    synthetic_faces: FaceDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leakage, "WEIGHTS", tmp_path)
    study = replace(TINY, split="study")
    assert list_start_data_uses("released", TINY.architecture) == []
    # As older records are: no split, which was the official one.
    record = build_record(
        settings={"seed": 4, "validation_share": 0.2},
        opset=17,
        calibration_faces=1,
        rows={},
        released={},
    )
    (tmp_path / f"{TINY.architecture}.record.json").write_text(json.dumps(record))
    assert list_start_data_uses("released", TINY.architecture) == [OFFICIAL]
    with pytest.raises(BadData, match="the released mobilenet_v3_small"):
        train(synthetic_faces, study, tmp_path / "run", "released")


def test_starts_averages_and_earlier_records_are_followed() -> None:
    def record(sha256: str, **more: Any) -> dict[str, Any]:
        return build_record(data_sha256=sha256, **more)

    soup = record("a", soup=[{"run": "x", "record": record("b", before=record("c"))}])
    whole = record("d", before=soup, learned_from=[vars(OFFICIAL)], teachers=[{"run": "y"}])
    uses = RunRecord.from_json(whole).list_data_uses()
    assert [use.data_sha256[:1] for use in uses] == ["d", "0", "a", "b", "c"]


def test_earlier_teacher_scores_use_the_records_beside_them(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    path = tmp_path / "said.npz"
    write_teacher_scores(scores(synthetic_faces), synthetic_faces, path)
    assert read_teacher_scores(path, synthetic_faces).data_uses == []
    with np.load(path) as file:
        left = {name: file[name] for name in file.files if name != "learned_from"}
    np.savez(path, **left)
    assert read_teacher_scores(path, synthetic_faces).data_uses == []
    (tmp_path / "wise").mkdir()
    settings = Settings(validation_share=0.2).to_json()
    record = build_record(settings=settings)
    (tmp_path / "wise" / "run.json").write_text(json.dumps(record))
    assert read_teacher_scores(path, synthetic_faces).data_uses == [OFFICIAL]
