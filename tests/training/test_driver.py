"""The long runs: what is due, what waits, what is done; and that only one driver works."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.__main__ import parser
from inference.training.errors import TrainingRefused
from inference.training.release import driver
from inference.training.release.driver import (
    Places,
    can_be_done,
    commands_of,
    go,
    listing,
    only_driver,
    state_of,
)
from inference.training.train.experiments import PLAN, Due

FIRST = Due("first", "a start", ("--stages", "32x2"), 0.1)
SECOND = Due("second", "a student", (), 0.2, teachers=("first",), after=("first",))


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(driver, "PLAN", (FIRST, SECOND))
    return Places(tmp_path / "runs", tmp_path / "records")


def started(places: Places, name: str, epochs: int) -> None:
    (places.runs / name).mkdir(parents=True)
    record = {"settings": {"stages": [[32, 2]]}, "log": [{}] * epochs}
    (places.runs / name / "run.json").write_text(json.dumps(record))


def finished(places: Places, name: str) -> None:
    (places.runs / name).mkdir(parents=True, exist_ok=True)
    (places.runs / name / "best.pt").touch()
    places.records.mkdir(exist_ok=True)
    (places.records / f"{name}.json").write_text("{}")


def test_a_run_is_due_then_under_way_then_done(places: Places) -> None:
    assert state_of(FIRST, places) == "due"
    assert state_of(SECOND, places) == "waits for first"
    started(places, "first", epochs=1)
    assert state_of(FIRST, places) == "at epoch 1 of 2"
    finished(places, "first")
    assert state_of(FIRST, places) == "done"
    assert state_of(SECOND, places) == "due"
    assert "about 0 hours" in listing(places)


def test_weights_that_were_lost_are_made_again_where_they_are_needed(places: Places) -> None:
    finished(places, "first")
    (places.runs / "first" / "best.pt").unlink()
    assert state_of(FIRST, places) == "weights lost, due again"
    assert state_of(SECOND, places) == "waits for first"
    finished(places, "second")
    assert state_of(FIRST, places) == "done"


def test_with_the_whole_folder_lost_the_first_of_a_line_is_made_again_first(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = Due("third", "of a line", ("--start", "runs/second/best.pt"), 0.1, after=("second",))
    monkeypatch.setattr(driver, "PLAN", (FIRST, SECOND, third))
    for name in ("first", "second"):
        finished(places, name)
        (places.runs / name / "best.pt").unlink()
    states = [state_of(due, places) for due in (FIRST, SECOND, third)]
    assert states == [
        "weights lost, due again",
        "weights lost, waits for first",
        "waits for second",
    ]
    assert [can_be_done(state) for state in states] == [True, False, False]


def test_lost_weights_that_are_released_are_restored_before_they_are_needed(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(places, "first")
    (places.runs / "first" / "best.pt").unlink()
    monkeypatch.setattr(driver, "is_released", lambda kept, weights: True)
    assert [state_of(due, places) for due in (FIRST, SECOND)] == ["done", "due"]
    run = f"{places.runs}/first"
    assert commands_of(SECOND, places)[0] == [
        *("restore", "--run", run, "--records", str(places.records))
    ]
    finished(places, "first")
    assert [each[0] for each in commands_of(SECOND, places)] == [
        *("teach", "train", "evaluate", "keep")
    ]


def test_a_start_that_nothing_makes_is_said(places: Places) -> None:
    due = Due("odd", "from weights of elsewhere", ("--start", "runs/elsewhere/best.pt"), 0.1)
    assert state_of(due, places) == f"lacks {places.runs}/elsewhere/best.pt"
    assert not can_be_done(state_of(due, places))


def test_eyes_are_looked_for_where_they_are_wanted_and_not_there(places: Places) -> None:
    due = Due("seeing", "", ("--eyes", "runs/eyes.npz"), 0.1)
    assert [command[0] for command in commands_of(due, places)][:2] == ["eyes", "train"]
    places.runs.mkdir()
    (places.runs / "eyes.npz").touch()
    assert commands_of(due, places)[0][0] == "train"


def test_teachers_that_have_spoken_may_be_lost(places: Places) -> None:
    finished(places, "first")
    (places.runs / "first" / "best.pt").unlink()
    due = Due("taught", "", (), 0.1, teachers=("first",))
    assert state_of(due, places) == "waits for first"
    (places.runs / "said-by-first.npz").touch()
    assert state_of(due, places) == "due"
    assert commands_of(due, places)[0][0] == "train"


def test_live_teachers_are_not_asked_beforehand_and_have_to_be_there(places: Places) -> None:
    due = Due("taught", "", (), 0.1, teachers=("first",), live=True)
    places.runs.mkdir()
    (places.runs / "said-by-first.npz").touch()
    assert state_of(due, places) == "waits for first"
    finished(places, "first")
    assert commands_of(due, places)[0] == [
        *("train", "--run", f"{places.runs}/taught"),
        *("--live-teachers", f"{places.runs}/first"),
    ]


def test_runs_are_done_in_order_and_what_is_done_is_left(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[list[str]] = []

    def run(program: Sequence[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        command = list(program[3:])
        done.append(command)
        if command[0] == "keep":
            finished(places, Path(command[2]).name)
        return subprocess.CompletedProcess(program, 0)

    monkeypatch.setattr(subprocess, "run", run)
    go(places, only=(), nice=0)
    assert [(c[0], Path(c[-1]).name) for c in done if c[0] != "keep"] == [
        ("train", "32x2"),
        ("evaluate", "first"),
        ("teach", "said-by-first.npz"),
        ("train", "said-by-first.npz"),
        ("evaluate", "second"),
    ]
    done.clear()
    go(places, only=(), nice=0)
    assert done == []


def test_what_teachers_said_is_kept_until_their_weights_change(places: Places) -> None:
    finished(places, "first")
    assert commands_of(SECOND, places)[0][0] == "teach"
    scores = places.runs / "said-by-first.npz"
    scores.touch()
    os.utime(scores, (2_000_000_000, 2_000_000_000))
    assert commands_of(SECOND, places)[0][0] == "train"
    os.utime(places.runs / "first" / "best.pt", (2_000_000_001, 2_000_000_001))
    assert commands_of(SECOND, places)[0][0] == "teach"


def test_a_run_that_fails_stops_those_that_need_it_only(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free = Due("free", "needs nobody", (), 0.1)
    monkeypatch.setattr(driver, "PLAN", (FIRST, SECOND, free))
    failed: subprocess.CompletedProcess[str] = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(TrainingRefused, match="not finished: first, free;"):
        go(places, only=(), nice=0)
    assert "second: waits for first" in capsys.readouterr().out


def test_an_unknown_run_is_refused(places: Places) -> None:
    with pytest.raises(TrainingRefused, match="called third"):
        go(places, only=("third",), nice=0)


def test_two_drivers_never_work_at_a_time(places: Places) -> None:
    with only_driver(places.runs), pytest.raises(TrainingRefused, match="another driver"):
        go(places, only=(), nice=0)
    with only_driver(places.runs):
        pass


@pytest.mark.parametrize("due", PLAN, ids=lambda due: due.name)
def test_every_command_of_the_plan_is_one_that_exists(due: Due) -> None:
    names = [each.name for each in PLAN]
    for command in commands_of(due, Places()):
        parser().parse_args(command)
    for needed in (*due.teachers, *due.after):
        assert names.index(needed) < names.index(due.name)
