"""Describe code revision, machine and package versions for the record of a run."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch


def describe_environment() -> dict[str, Any]:
    """Return revision, machine, versions and time for a new record."""
    return {
        "git_revision": read_git_revision(),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def read_git_revision() -> str | None:
    """Return the checked-out commit, with "+changes" where files differ; None without git."""
    here = Path(__file__).parents[1]
    try:
        head = _run_git(here, "rev-parse", "HEAD")
        changed = _run_git(here, "status", "--porcelain", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + ("+changes" if changed else "")


def _run_git(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - fixed arguments
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
