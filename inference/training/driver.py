"""Does the runs of `plan`, one at a time, each from where it stopped; safe to start again.

Two trainings on the same cores halve each other, so that a lock allows one driver only.
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
from inference.training.alone import alone_in
from inference.training.errors import TrainingRefused
from inference.training.plan import PLAN, Due
from inference.training.record import RUN_RECORD, read_json

RECORDS = WEIGHTS / "records"
BEST = "best.pt"


@dataclass(frozen=True)
class Places:
    """Where runs keep their checkpoints, and where records are kept for good."""

    runs: Path = Path("runs")
    records: Path = RECORDS


def commands_of(due: Due, places: Places) -> list[list[str]]:
    """What is typed after `python -m inference.training`, in order."""
    run = str(places.runs / due.name)
    settings = [each.replace("runs/", f"{places.runs}/", 1) for each in due.settings]
    train = ["train", "--run", run, *settings]
    commands = []
    if due.teachers:
        teachers = [places.runs / name for name in due.teachers]
        scores = places.runs / f"said-by-{'+'.join(sorted(due.teachers))}.npz"
        if not is_newer(scores, [teacher / BEST for teacher in teachers]):
            commands.append(["teach", "--runs", *map(str, teachers), "--scores", str(scores)])
        train += ["--teachers", str(scores)]
    return [
        *commands,
        train,
        ["evaluate", "--run", run],
        ["keep", "--run", run, "--records", str(places.records)],
    ]


def is_newer(made: Path, sources: Sequence[Path]) -> bool:
    """Is `made` there, and not older than any of what it was made from?"""
    return made.exists() and all(
        source.exists() and source.stat().st_mtime <= made.stat().st_mtime for source in sources
    )


def state_of(due: Due, places: Places) -> str:
    """ "done", "at epoch k of n", "due", or what it waits for."""
    if is_kept(due.name, places):
        return "weights lost, due again" if is_missed(due.name, places) else "done"
    waits = [
        name
        for name in dict.fromkeys((*due.teachers, *due.after))
        if not (is_kept(name, places) and (places.runs / name / BEST).exists())
    ]
    if waits:
        return f"waits for {', '.join(waits)}"
    record = places.runs / due.name / RUN_RECORD
    if not record.exists():
        return "due"
    epochs = sum(number for _, number in read_json(record)["settings"]["stages"])
    return f"at epoch {len(read_json(record)['log'])} of {epochs}"


def is_kept(name: str, places: Places) -> bool:
    return (places.records / f"{name}.json").exists()


def is_missed(name: str, places: Places) -> bool:
    """Its weights are gone, and a run that is not done needs them."""
    needed = any(
        name in (*due.teachers, *due.after) and not is_kept(due.name, places) for due in PLAN
    )
    return needed and not (places.runs / name / BEST).exists()


def listing(places: Places) -> str:
    lines = []
    left = 0.0
    for due in PLAN:
        state = state_of(due, places)
        left += 0 if state == "done" else due.hours
        lines.append(f"{due.name:30} {state:32} {due.hours:4.1f} h  {due.what_for}")
    return "\n".join([*lines, f"about {left:.0f} hours of two quiet cores are left"])


def go(places: Places, only: Sequence[str], nice: int) -> None:
    """Do what is left of the plan, or of `only`. Raises TrainingRefused where a run fails."""
    unknown = set(only) - {due.name for due in PLAN}
    if unknown:
        raise TrainingRefused(f"no run of the plan is called {', '.join(sorted(unknown))}")
    with only_driver(places.runs):
        _yield_to_others(nice)
        # So that what it started ends with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        for due in PLAN:
            if only and due.name not in only:
                continue
            state = state_of(due, places)
            print(f"{due.name}: {state}", flush=True)
            if state == "done" or state.startswith("waits"):
                continue
            for command in commands_of(due, places):
                _do(command)


def _do(command: list[str]) -> None:
    print("python -m inference.training", shlex.join(command), flush=True)
    program = [sys.executable, "-m", "inference.training", *command]
    if subprocess.run(program, check=False).returncode:  # noqa: S603 - commands of the plan
        raise TrainingRefused(f"{command[0]} failed; what it said stands above")


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
