"""Records: what may be stored, references between files, and what is refused."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.__main__ import build_parser
from inference.training.cli import data_commands
from inference.training.data.dataset import FaceDataset, write_dataset
from inference.training.data.eye_positions import summarize_eye_positions
from inference.training.errors import BadData, WrongCheckpoint
from inference.training.evaluate.evaluation import load_run
from inference.training.json_files import format_json, read_json, write_json
from inference.training.records import (
    RunRecord,
    load_finished_run,
    load_run_record,
    load_run_records,
)
from tests.training.factories import build_epoch, build_record


def record(losses: list[float], patience: int = 0) -> dict[str, Any]:
    log = [build_epoch(n, 32 if n < 1 else 48, loss=loss) for n, loss in enumerate(losses)]
    return build_record(settings={"stages": [[32, 1], [48, 4]], "patience": patience}, log=log)


def is_finished(value: dict[str, Any]) -> bool:
    return RunRecord.from_json(value).is_finished


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run, evaluated after it was."""
    for second, name in enumerate(("run.json", "best.pt", "evaluation.json")):
        (tmp_path / name).write_text(json.dumps(record([5, 4, 3, 2, 1])))
        os.utime(tmp_path / name, (second, second))
    return tmp_path


def test_a_finished_run_is_stored(run: Path) -> None:
    assert load_finished_run(run).name == run.name


def test_an_unfinished_run_is_not_stored(run: Path) -> None:
    (run / "run.json").write_text(json.dumps(record([5, 4, 3])))
    with pytest.raises(BadData, match="is at epoch 3 of 5"):
        load_finished_run(run)


def test_metrics_of_earlier_weights_are_not_stored(run: Path) -> None:
    os.utime(run / "best.pt", (9, 9))
    with pytest.raises(BadData, match="evaluate it again"):
        load_finished_run(run)


def test_a_run_that_stopped_early_is_finished() -> None:
    assert is_finished(record([0, 1, 2, 3], patience=2))
    assert not is_finished(record([0, 1, 2], patience=2))
    assert not is_finished(record([0, 1, 2, 3], patience=3))
    assert not is_finished(record([0, 1, 2, 3]))
    soup = record([0, 1, 2, 0.5], patience=2)
    assert is_finished({**soup, "soup": [{"run": "a", "record": record([0, 1, 2, 3], patience=2)}]})
    assert not is_finished({**soup, "soup": [{"run": "a", "record": record([0])}]})


def test_malformed_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"log": [')
    with pytest.raises(BadData, match=r"run\.json cannot be read"):
        read_json(tmp_path / "run.json")


@pytest.mark.parametrize(
    "saved",
    [
        {"network": {}, "progress": (1, 2)},
        {"architecture": "mobilenet_v9", "side": 48, "state": {}},
        {"architecture": "mobilenet_v3_small", "side": 48, "state": {"stem": torch.zeros(1)}},
    ],
)
def test_malformed_weights_are_refused(tmp_path: Path, saved: dict[str, Any]) -> None:
    torch.save(saved, tmp_path / "best.pt")
    with pytest.raises(WrongCheckpoint, match=r"^[^\n]*is not a file of best weights[^\n]*$"):
        load_run(tmp_path)


def test_the_eyes_sample_is_limited_to_the_training_faces(
    synthetic_faces: FaceDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[np.ndarray] = []

    def find(faces: FaceDataset, rows: np.ndarray, task: Path) -> np.ndarray:
        requested.append(rows)
        return np.full((len(faces.images), 2, 2), 0.5, np.float32)

    monkeypatch.setattr(data_commands, "detect_eyes", find)
    write_dataset(synthetic_faces, tmp_path / "faces.npz")
    typed = build_parser().parse_args(["eyes", "--faces", str(tmp_path / "faces.npz")])
    typed.command(typed)
    assert sorted(requested[0]) == list(range(100)), "all of Training"


def test_no_detected_eyes_is_an_error() -> None:
    with pytest.raises(BadData, match="no eyes were detected in 3 faces"):
        summarize_eye_positions(np.full((3, 2, 2), np.nan, np.float32), 3)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    start = build_record(started_at="2025", learned_from=[{"data_sha256": "1"}])
    value = build_record(
        before=start,
        teachers=[{"run": "a", "live": True}],
        soup=[{"run": "b", "portions": 2, "record": build_record(started_at="2024")}],
        loss_as_released={"soup": 1.0, "alone": {"b": 2.0}},
        settings={"gentle_epochs": 3, "stages": [[48, 1]]},
    )
    found = RunRecord.from_json(value)
    assert found.settings.low_augmentation_epochs == 3
    assert RunRecord.from_json(json.loads(format_json(found.to_json()))) == found


def test_a_stored_record_refers_to_others_by_name(tmp_path: Path) -> None:
    start = RunRecord.from_json(build_record(started_at="2025"))
    run = replace(start, before=start, started_at="2026")
    write_json(tmp_path / "start.json", start.to_json())
    write_json(tmp_path / "run.json", run.to_json({"start": start}))
    assert read_json(tmp_path / "run.json")["before"] == "start"
    assert load_run_records(tmp_path) == {"run": run, "start": start}
    (tmp_path / "start.json").unlink()
    with pytest.raises(BadData, match=r"start\.json is missing: another record refers to it"):
        load_run_record(tmp_path / "run.json")
    write_json(tmp_path / "start.json", {**start.to_json(), "before": "run"})
    with pytest.raises(BadData, match=r"run\.json is its own ancestor"):
        load_run_record(tmp_path / "run.json")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"log": [{"epoch": 0}]}, "lacks a field or has a wrong one: .*train_loss"),
        ({"settings": {"lr": 1}}, "lacks a field or has a wrong one: .*lr"),
        ({"loss": 1}, "unknown fields in a record: loss"),
        ({"before": "nobody"}, r"nobody\.json is missing"),
    ],
)
def test_an_invalid_record_is_refused(
    tmp_path: Path, change: dict[str, Any], complaint: str
) -> None:
    write_json(tmp_path / "run.json", build_record(**change))
    with pytest.raises(BadData, match=complaint):
        load_run_record(tmp_path / "run.json")
