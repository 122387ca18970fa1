"""What the supervisor of an installation on one machine restarted, read by /readyz."""

import json
from pathlib import Path
from typing import TypedDict

from fer_lms.private_files import PRIVATE_UMASK


class Restarts(TypedDict):
    """Processes that do not run now, and how often each process was restarted."""

    stopped: list[str]
    counts: dict[str, int]


def write_restarts(var_dir: Path, restarts: Restarts) -> None:
    path = _build_path(var_dir)
    new = path.with_suffix(".new")
    new.touch(mode=0o666 & ~PRIVATE_UMASK)
    new.write_text(json.dumps(restarts))
    new.replace(path)  # a reader finds the old file or the new one


def read_restarts(var_dir: Path) -> Restarts:
    """Return what the supervisor wrote; nothing where none runs."""
    try:
        restarts: Restarts = json.loads(_build_path(var_dir).read_text())
    except FileNotFoundError:
        return {"stopped": [], "counts": {}}
    return restarts


def delete_restarts(var_dir: Path) -> None:
    _build_path(var_dir).unlink(missing_ok=True)


def _build_path(var_dir: Path) -> Path:
    return var_dir / "restarts.json"
