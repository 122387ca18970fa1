"""Does the runs of `plan`, one at a time, each from where it stopped; safe to start again.

Two trainings on the same cores halve each other, so that a lock allows one driver only. The folder
of the runs may be lost: what others still need is made again, from the released weights where those
are the run's, and what cannot be is said.
"""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from inference.expressions import WEIGHTS
from inference.training.errors import TrainingRefused
from inference.training.file_lock import alone_in
from inference.training.records import BEST as BEST
from inference.training.records import RUN_RECORD, read_json
from inference.training.release.restore import is_released
from inference.training.train.experiments import PLAN, Due

RECORDS = WEIGHTS / "records"
EYES = "eyes.npz"


@dataclass(frozen=True)
class Places:
    """Where runs keep their checkpoints, and where records and released weights are kept."""

    runs: Path = Path("runs")
    records: Path = RECORDS
    weights: Path = WEIGHTS


def commands_of(due: Due, places: Places) -> list[list[str]]:
    """What is typed after `python -m inference.training`, in order."""
    run = str(places.runs / due.name)
    settings = settings_of(due, places)
    train = ["train", "--run", run, *settings]
    commands = [
        ["restore", "--run", str(places.runs / name), "--records", str(places.records)]
        for name in needs(due, places)
        if is_restorable(name, places)
    ]
    eyes = places.runs / EYES
    if str(eyes) in settings and not eyes.exists():
        commands.append(["eyes", "--sample", "0", "--faces-out", str(eyes)])
    if due.live:
        train += ["--live-teachers", *(str(places.runs / name) for name in due.teachers)]
    elif due.teachers:
        teachers = [places.runs / name for name in due.teachers]
        scores = said_by(due.teachers, places)
        if not is_newer(scores, [teacher / BEST for teacher in teachers]):
            commands.append(["teach", "--runs", *map(str, teachers), "--scores", str(scores)])
        train += ["--teachers", str(scores)]
    return [
        *commands,
        train,
        ["evaluate", "--run", run],
        ["keep", "--run", run, "--records", str(places.records)],
    ]


def settings_of(due: Due, places: Places) -> list[str]:
    return [each.replace("runs/", f"{places.runs}/", 1) for each in due.settings]


def said_by(teachers: Sequence[str], places: Places) -> Path:
    """Where what these teachers say of every face is kept, for all who learn from them."""
    return places.runs / f"said-by-{'+'.join(sorted(teachers))}.npz"


def is_newer(made: Path, sources: Sequence[Path]) -> bool:
    """Is `made` there, and not older than any of what it was made from that is left?"""
    return made.exists() and all(
        not source.exists() or source.stat().st_mtime <= made.stat().st_mtime for source in sources
    )


def state_of(due: Due, places: Places) -> str:
    """ "done", "at epoch k of n", "due", or what it waits for or lacks."""
    lost = is_missed(due.name, places)
    if is_kept(due.name, places) and not lost:
        return "done"
    prefix = "weights lost, " if lost else ""
    waits = [name for name in needs(due, places) if not has_weights(name, places)]
    if waits:
        return f"{prefix}waits for {', '.join(waits)}"
    lacks = absent_start(due, places)
    if lacks:
        return f"{prefix}lacks {lacks}"
    record = places.runs / due.name / RUN_RECORD
    if lost or not record.exists():
        return f"{prefix}due again" if lost else "due"
    epochs = sum(number for _, number in read_json(record)["settings"]["stages"])
    return f"at epoch {len(read_json(record)['log'])} of {epochs}"


def can_be_done(state: str) -> bool:
    return not any(word in state for word in ("done", "waits for", "lacks"))


def needs(due: Due, places: Places) -> list[str]:
    """The runs whose weights it wants: those it starts from, and teachers not yet asked."""
    asked = due.teachers and not due.live and said_by(due.teachers, places).exists()
    return list(dict.fromkeys((*due.after, *(() if asked else due.teachers))))


def absent_start(due: Due, places: Places) -> str | None:
    """The checkpoint that it starts from, where that is of no run of the plan and is not there."""
    settings = settings_of(due, places)
    start = settings[settings.index("--start") + 1] if "--start" in settings else ""
    return start if start.endswith(BEST) and not Path(start).exists() else None


def is_kept(name: str, places: Places) -> bool:
    return (places.records / f"{name}.json").exists()


def has_weights(name: str, places: Places) -> bool:
    """At hand, or to be had from what is released."""
    return is_kept(name, places) and (
        (places.runs / name / BEST).exists() or is_restorable(name, places)
    )


def is_restorable(name: str, places: Places) -> bool:
    if not is_kept(name, places) or (places.runs / name / BEST).exists():
        return False
    return is_released(read_json(places.records / f"{name}.json"), places.weights)


def is_missed(name: str, places: Places) -> bool:
    """Its record is kept, but its weights are gone, and a run that has to be done needs them."""
    if not is_kept(name, places) or has_weights(name, places):
        return False
    return any(
        name in needs(due, places)
        and (not is_kept(due.name, places) or is_missed(due.name, places))
        for due in PLAN
    )


def listing(places: Places) -> str:
    lines = []
    left = 0.0
    for due in PLAN:
        state = state_of(due, places)
        left += 0 if state == "done" else due.hours
        lines.append(f"{due.name:30} {state:32} {due.hours:4.1f} h  {due.what_for}")
    return "\n".join([*lines, f"about {left:.0f} hours of two quiet cores are left"])


def go(places: Places, only: Sequence[str], nice: int) -> None:
    """Do what is left of the plan, or of `only`; raises TrainingRefused at its end where runs
    failed."""
    unknown = set(only) - {due.name for due in PLAN}
    if unknown:
        raise TrainingRefused(f"no run of the plan is called {', '.join(sorted(unknown))}")
    failed = []
    with only_driver(places.runs):
        _yield_to_others(nice)
        # So that what it started ends with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        for due in PLAN:
            if only and due.name not in only:
                continue
            state = state_of(due, places)
            print(f"{due.name}: {state}", flush=True)
            if can_be_done(state) and not _is_done(commands_of(due, places)):
                failed.append(due.name)
    if failed:
        raise TrainingRefused(f"not finished: {', '.join(failed)}; what each said stands above")


def _is_done(commands: list[list[str]]) -> bool:
    """Up to the first one that fails; runs that need nothing of it go on."""
    for command in commands:
        print("python -m inference.training", shlex.join(command), flush=True)
        program = [sys.executable, "-m", "inference.training", *command]
        if subprocess.run(program, check=False).returncode:  # noqa: S603 - commands of the plan
            return False
    return True


def only_driver(runs: Path) -> AbstractContextManager[None]:
    refusal = f"another driver is at work in {runs}; two trainings at a time halve each other"
    return alone_in(runs, "driver.lock", refusal)


def _yield_to_others(nice: int) -> None:
    """Where Linux groups processes by session, `nice` alone does nothing between sessions."""
    if not nice:
        return
    os.nice(nice)
    group = Path(f"/proc/{os.getpid()}/autogroup")
    if group.exists():
        group.write_text(str(nice), encoding="ascii")
