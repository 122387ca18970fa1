"""Run the experiments one at a time; after an interruption, resume where it stopped.

A lock allows one driver only, since two trainings on the same cores take twice as long each. If the
folder of the runs was lost, runs that others need are restored from the released weights where
possible; `list_states` names those that are missing.
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
from inference.training.file_lock import lock_folder
from inference.training.records import BEST, RECORDS_FOLDER, RUN_RECORD, load_run_record
from inference.training.release.restore import is_released
from inference.training.results import read_result_names
from inference.training.train.experiments import EYES, Experiment, load_experiments

RECORDS = WEIGHTS / RECORDS_FOLDER


@dataclass(frozen=True)
class Folders:
    """Folders of checkpoints, records and released weights."""

    runs: Path = Path("runs")
    records: Path = RECORDS
    weights: Path = WEIGHTS


def list_experiments() -> tuple[Experiment, ...]:
    """Return all experiments, each after those that it depends on. Raises BadData."""
    return load_experiments().runs


def build_commands(experiment: Experiment, folders: Folders) -> list[list[str]]:
    """Build the commands after `python -m inference.training` that do an experiment, in order."""
    runs, records = folders.runs, str(folders.records)
    run = str(runs / experiment.name)
    commands = [
        ["restore", "--run", str(runs / name), "--records", records]
        for name in list_needed_runs(experiment, folders)
        if is_restorable(name, folders)
    ]
    eyes = runs / EYES
    if experiment.aligned_faces and not eyes.exists():
        commands.append(["eyes", "--sample", "0", "--faces-out", str(eyes)])
    train = ["train", "--run", run, *experiment.build_train_options(runs)]
    teachers = [runs / name for name in experiment.teachers]
    if experiment.live_teachers:
        train += ["--live-teachers", *map(str, teachers)]
    elif teachers:
        scores = get_scores_path(experiment.teachers, folders)
        if not is_up_to_date(scores, [teacher / BEST for teacher in teachers]):
            commands.append(["teach", "--runs", *map(str, teachers), "--scores", str(scores)])
        train += ["--teachers", str(scores)]
    keep = ["keep", "--run", run, "--records", records]
    return [*commands, train, ["evaluate", "--run", run], keep]


def get_scores_path(teachers: Sequence[str], folders: Folders) -> Path:
    """Return the file of these teachers' scores, shared by all experiments that use them."""
    return folders.runs / f"teachers-{'+'.join(sorted(teachers))}.npz"


def is_up_to_date(output: Path, sources: Sequence[Path]) -> bool:
    """Return whether `output` exists and is not older than any existing source."""
    return output.exists() and all(
        not source.exists() or source.stat().st_mtime <= output.stat().st_mtime
        for source in sources
    )


def describe_state(experiment: Experiment, folders: Folders) -> str:
    """Return "done", "at epoch k of n", "pending", or the runs that it waits for or lacks."""
    is_lost = is_lost_but_needed(experiment.name, folders)
    if has_result(experiment.name, folders) and not is_lost:
        return "done"
    prefix = "weights lost, " if is_lost else ""
    needed = list_needed_runs(experiment, folders)
    if waits_for := [name for name in needed if not has_weights(name, folders)]:
        return f"{prefix}waits for {', '.join(waits_for)}"
    start = experiment.get_start_path(folders.runs)
    if start.endswith(BEST) and not Path(start).exists() and experiment.start not in needed:
        return f"{prefix}lacks {start}"
    path = folders.runs / experiment.name / RUN_RECORD
    if is_lost or not path.exists():
        return f"{prefix}pending again" if is_lost else "pending"
    record = load_run_record(path)
    return f"at epoch {len(record.log)} of {record.settings.epochs}"


def is_runnable(state: str) -> bool:
    return not any(word in state for word in ("done", "waits for", "lacks"))


def list_needed_runs(experiment: Experiment, folders: Folders) -> list[str]:
    """List the experiments whose weights it needs: its start, and teachers without scores yet.

    Runs that are no experiments, such as a restored average, have to be there.
    """
    has_scores = (
        experiment.teachers
        and not experiment.live_teachers
        and get_scores_path(experiment.teachers, folders).exists()
    )
    names = {other.name for other in list_experiments()}
    needed = [experiment.start, *(() if has_scores else experiment.teachers)]
    return [name for name in dict.fromkeys(needed) if name in names]


def has_result(name: str, folders: Folders) -> bool:
    """Return whether a run is finished, which is when its results are stored."""
    return name in read_result_names(folders.records)


def has_weights(name: str, folders: Folders) -> bool:
    """Return whether a finished run's weights exist or can be restored."""
    return has_result(name, folders) and (
        (folders.runs / name / BEST).exists() or is_restorable(name, folders)
    )


def is_restorable(name: str, folders: Folders) -> bool:
    record = folders.records / f"{name}.json"
    if not record.exists() or (folders.runs / name / BEST).exists():
        return False
    return is_released(load_run_record(record), folders.weights)


def is_lost_but_needed(name: str, folders: Folders) -> bool:
    """Return whether a finished run's weights are lost and an unfinished experiment needs them."""
    if not has_result(name, folders) or has_weights(name, folders):
        return False
    return any(
        name in list_needed_runs(other, folders)
        and (not has_result(other.name, folders) or is_lost_but_needed(other.name, folders))
        for other in list_experiments()
    )


def list_states(folders: Folders) -> str:
    """Return a line per experiment: name, state, hours, description."""
    lines = []
    hours = 0.0
    for experiment in list_experiments():
        state = describe_state(experiment, folders)
        hours += 0 if state == "done" else experiment.hours
        lines.append(
            f"{experiment.name:34} {state:32} {experiment.hours:4.1f} h  {experiment.description}"
        )
    return "\n".join([*lines, f"about {hours:.0f} hours of two idle cores are left"])


def run_experiments(folders: Folders, only: Sequence[str], nice: int) -> None:
    """Run all experiments that are not done, or those of them named in `only`.

    Args:
        folders: of runs and records.
        only: names of experiments, present or former ones; none means all.
        nice: added to the process's niceness.

    Raises:
        TrainingRefused: a name is unknown, another driver runs, or, at the end, runs failed.
    """
    names = {load_experiments().get_current_name(name) for name in only}
    if unknown := names - {experiment.name for experiment in list_experiments()}:
        raise TrainingRefused(f"no experiment is called {', '.join(sorted(unknown))}")
    failed = []
    with lock_driver(folders.runs):
        _lower_priority(nice)
        # Exit by exception, so that `subprocess.run` also stops the running command.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        for experiment in list_experiments():
            if names and experiment.name not in names:
                continue
            state = describe_state(experiment, folders)
            print(f"{experiment.name}: {state}", flush=True)
            if is_runnable(state) and not _run_commands(build_commands(experiment, folders)):
                failed.append(experiment.name)
    if failed:
        raise TrainingRefused(f"not finished: {', '.join(failed)}; see their errors above")


def _run_commands(commands: list[list[str]]) -> bool:
    """Run commands in order until one fails; return whether all succeeded."""
    for command in commands:
        print("python -m inference.training", shlex.join(command), flush=True)
        program = [sys.executable, "-m", "inference.training", *command]
        if subprocess.run(program, check=False).returncode:  # noqa: S603 - own commands
            return False
    return True


def lock_driver(runs: Path) -> AbstractContextManager[None]:
    message = f"another driver is running in {runs}; wait for it or stop it"
    return lock_folder(runs, "driver.lock", message)


def _lower_priority(nice: int) -> None:
    """Set the niceness of the process and of its autogroup.

    Where Linux groups processes by session, the former has no effect between sessions.
    """
    if not nice:
        return
    os.nice(nice)
    group = Path(f"/proc/{os.getpid()}/autogroup")
    if group.exists():
        group.write_text(str(nice), encoding="ascii")
