"""The record of a run: what was run, on what, with which settings, where, and for how long."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from inference.training.errors import BadData

RUN_RECORD = "run.json"
EVALUATION = "evaluation.json"
BEST = "best.pt"


def run_facts(settings: dict[str, Any], data_sha256: str) -> dict[str, Any]:
    return {
        "settings": settings,
        "data_sha256": data_sha256,
        "git_revision": git_revision(),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def git_revision() -> str | None:
    """The checked-out commit, with "+changes" where files differ from it; None without git."""
    here = Path(__file__).parent
    try:
        head = _git(here, "rev-parse", "HEAD")
        changed = _git(here, "status", "--porcelain", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + ("+changes" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - fixed arguments
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def write_json(path: Path, value: Any) -> None:
    """Whole or not at all: a crash leaves the former file."""
    half = path.with_suffix(path.suffix + ".part")
    half.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    half.replace(path)


def read_json(path: Path) -> Any:
    """Raises BadData for what is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadData(f"{path} cannot be read: {error}") from error


def kept_record(run: Path) -> dict[str, Any]:
    """What the repository keeps of a finished run: its record and its figures. Raises BadData."""
    absent = [name for name in (RUN_RECORD, EVALUATION, BEST) if not (run / name).exists()]
    if absent:
        raise BadData(f"{run} has no {', '.join(absent)} yet; train and evaluate it first")
    record = read_json(run / RUN_RECORD)
    if not is_finished(record):
        epochs = sum(number for _, number in record["settings"]["stages"])
        raise BadData(
            f"{run} stands at epoch {len(record['log'])} of {epochs}; train it to its end, then "
            "evaluate it"
        )
    if (run / EVALUATION).stat().st_mtime < (run / BEST).stat().st_mtime:
        raise BadData(f"{run / EVALUATION} is older than {BEST}; evaluate it again")
    return {**record, "name": run.name, "evaluation": read_json(run / EVALUATION)}


def is_finished(record: dict[str, Any]) -> bool:
    """All epochs are done, or it ran out of patience at the last picture size."""
    if "soup" in record:
        return all(is_finished(each["record"]) for each in record["soup"])
    settings, log = record["settings"], record["log"]
    side, patience = settings["stages"][-1][0], settings.get("patience", 0)
    if len(log) >= sum(number for _, number in settings["stages"]):
        return True
    last = [line["loss"] for line in log if line["side"] == side]
    return bool(patience and last and len(last) - 1 - last.index(min(last)) >= patience)
