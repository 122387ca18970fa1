"""The driver of experiments: states, order, recovery of lost runs, and its lock."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.__main__ import build_parser
from inference.training.errors import TrainingRefused
from inference.training.json_files import write_json
from inference.training.release import driver
from inference.training.release.driver import (
    Folders,
    build_commands,
    describe_state,
    is_runnable,
    list_experiments,
    list_needed_runs,
    list_states,
    lock_driver,
    run_experiments,
)
from inference.training.results import add_result, build_result
from inference.training.train.experiments import Experiment
from tests.training.factories import build_epoch, build_finished_record, build_record

FIRST = Experiment("first", "a start", 0.1, settings={"stages": ["32x2"]})
SECOND = Experiment("second", "a student", 0.2, teachers=("first",), start="first")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    monkeypatch.setattr(driver, "list_experiments", lambda: (FIRST, SECOND))
    return Folders(tmp_path / "runs", tmp_path / "records")


def started(folders: Folders, name: str, epochs: int) -> None:
    (folders.runs / name).mkdir(parents=True)
    log = [build_epoch(epoch, 32) for epoch in range(epochs)]
    record = build_record(settings={"stages": [[32, 2]]}, log=log)
    (folders.runs / name / "run.json").write_text(json.dumps(record))


def finished(folders: Folders, name: str) -> None:
    (folders.runs / name).mkdir(parents=True, exist_ok=True)
    (folders.runs / name / "best.pt").touch()
    folders.records.mkdir(exist_ok=True)
    record = build_finished_record(name)
    write_json(folders.records / f"{name}.json", record.to_json())
    add_result(folders.records, build_result(record, parameters=1))


def test_an_experiment_is_pending_then_at_an_epoch_then_done(folders: Folders) -> None:
    assert describe_state(FIRST, folders) == "pending"
    assert describe_state(SECOND, folders) == "waits for first"
    started(folders, "first", epochs=1)
    assert describe_state(FIRST, folders) == "at epoch 1 of 2"
    finished(folders, "first")
    assert describe_state(FIRST, folders) == "done"
    assert describe_state(SECOND, folders) == "pending"
    assert "about 0 hours" in list_states(folders)


def test_lost_weights_are_pending_again_where_needed(folders: Folders) -> None:
    finished(folders, "first")
    (folders.runs / "first" / "best.pt").unlink()
    assert describe_state(FIRST, folders) == "weights lost, pending again"
    assert describe_state(SECOND, folders) == "waits for first"
    finished(folders, "second")
    assert describe_state(FIRST, folders) == "done"


def test_after_losing_all_runs_the_first_of_a_chain_is_runnable(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = Experiment("third", "of a line", 0.1, start="second")
    monkeypatch.setattr(driver, "list_experiments", lambda: (FIRST, SECOND, third))
    for name in ("first", "second"):
        finished(folders, name)
        (folders.runs / name / "best.pt").unlink()
    states = [describe_state(experiment, folders) for experiment in (FIRST, SECOND, third)]
    assert states == [
        "weights lost, pending again",
        "weights lost, waits for first",
        "waits for second",
    ]
    assert [is_runnable(state) for state in states] == [True, False, False]


def test_lost_released_weights_are_restored_first(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(folders, "first")
    (folders.runs / "first" / "best.pt").unlink()
    monkeypatch.setattr(driver, "is_released", lambda kept, weights: True)
    assert [describe_state(experiment, folders) for experiment in (FIRST, SECOND)] == [
        "done",
        "pending",
    ]
    run = f"{folders.runs}/first"
    assert build_commands(SECOND, folders)[0] == [
        *("restore", "--run", run, "--records", str(folders.records))
    ]
    finished(folders, "first")
    assert [command[0] for command in build_commands(SECOND, folders)] == [
        *("teach", "train", "evaluate", "keep")
    ]


def test_a_missing_start_checkpoint_is_named(folders: Folders) -> None:
    experiment = Experiment("odd", "", 0.1, start="runs/elsewhere/best.pt")
    assert describe_state(experiment, folders) == f"lacks {folders.runs}/elsewhere/best.pt"
    assert not is_runnable(describe_state(experiment, folders))


def test_eyes_are_detected_where_they_are_missing(folders: Folders) -> None:
    experiment = Experiment("seeing", "", 0.1, aligned_faces=True)
    assert [command[0] for command in build_commands(experiment, folders)][:2] == ["eyes", "train"]
    folders.runs.mkdir()
    (folders.runs / "eyes.npz").touch()
    assert build_commands(experiment, folders)[0][0] == "train"


def test_teachers_with_stored_scores_may_be_lost(folders: Folders) -> None:
    finished(folders, "first")
    (folders.runs / "first" / "best.pt").unlink()
    experiment = Experiment("taught", "", 0.1, teachers=("first",))
    assert describe_state(experiment, folders) == "waits for first"
    (folders.runs / "teachers-first.npz").touch()
    assert describe_state(experiment, folders) == "pending"
    assert build_commands(experiment, folders)[0][0] == "train"


def test_live_teachers_need_weights_and_no_scores(folders: Folders) -> None:
    experiment = Experiment("taught", "", 0.1, teachers=("first",), live_teachers=True)
    folders.runs.mkdir()
    (folders.runs / "teachers-first.npz").touch()
    assert describe_state(experiment, folders) == "waits for first"
    finished(folders, "first")
    assert build_commands(experiment, folders)[0] == [
        *("train", "--run", f"{folders.runs}/taught"),
        *("--live-teachers", f"{folders.runs}/first"),
    ]


def test_experiments_run_in_order_and_only_once(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[list[str]] = []

    def run(program: Sequence[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        command = list(program[3:])
        done.append(command)
        if command[0] == "keep":
            finished(folders, Path(command[2]).name)
        return subprocess.CompletedProcess(program, 0)

    monkeypatch.setattr(subprocess, "run", run)
    run_experiments(folders, only=(), nice=0)
    assert [(c[0], Path(c[-1]).name) for c in done if c[0] != "keep"] == [
        ("train", "32x2"),
        ("evaluate", "first"),
        ("teach", "teachers-first.npz"),
        ("train", "teachers-first.npz"),
        ("evaluate", "second"),
    ]
    done.clear()
    run_experiments(folders, only=(), nice=0)
    assert done == []


def test_teacher_scores_are_reused_until_weights_change(folders: Folders) -> None:
    finished(folders, "first")
    assert build_commands(SECOND, folders)[0][0] == "teach"
    scores = folders.runs / "teachers-first.npz"
    scores.touch()
    os.utime(scores, (2_000_000_000, 2_000_000_000))
    assert build_commands(SECOND, folders)[0][0] == "train"
    os.utime(folders.runs / "first" / "best.pt", (2_000_000_001, 2_000_000_001))
    assert build_commands(SECOND, folders)[0][0] == "teach"


def test_a_failed_run_stops_only_dependent_ones(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free = Experiment("free", "", 0.1)
    monkeypatch.setattr(driver, "list_experiments", lambda: (FIRST, SECOND, free))
    failed: subprocess.CompletedProcess[str] = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(TrainingRefused, match="not finished: first, free;"):
        run_experiments(folders, only=(), nice=0)
    assert "second: waits for first" in capsys.readouterr().out


def test_an_unknown_experiment_is_refused(folders: Folders) -> None:
    with pytest.raises(TrainingRefused, match="called third"):
        run_experiments(folders, only=("third",), nice=0)


def test_a_second_driver_is_refused(folders: Folders) -> None:
    with lock_driver(folders.runs), pytest.raises(TrainingRefused, match="another driver"):
        run_experiments(folders, only=(), nice=0)
    with lock_driver(folders.runs):
        pass


@pytest.mark.parametrize("experiment", list_experiments(), ids=lambda experiment: experiment.name)
def test_every_command_of_an_experiment_parses(experiment: Experiment) -> None:
    names = [experiment.name for experiment in list_experiments()]
    for command in build_commands(experiment, Folders()):
        build_parser().parse_args(command)
    for needed in list_needed_runs(experiment, Folders()):
        assert names.index(needed) < names.index(experiment.name)
