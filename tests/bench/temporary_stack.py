"""An installation of its own for a measurement: temporary database and folders, a free port."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_lms.stack import Stack

OF_THIS_INSTALLATION = (
    "DATABASE_URL",
    "FRAMES_REDIS_URL",
    "BROKER_REDIS_URL",
    "FER_RUN_DIR",
    "FER_SECRET_KEY",
    "FER_ALLOWED_HOSTS",
    "FER_BEHIND_PROXY",
)
"""What would lead a temporary stack to this installation's data."""


@contextmanager
def temporary_stack(*, frame_processes: int, **environment: str) -> Iterator[Stack]:
    """An empty demonstration with its Valkeys running; everything is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="fer-lms-") as folder:
        stack = Stack(
            port=free_port(),
            environment=own_environment(Path(folder)) | environment,
            run_dir=Path(folder) / "run",
            logs=Path(folder) / "logs",
            frame_processes=frame_processes,
        )
        with stack:
            stack.start_valkeys()
            stack.run_command("migrate", "--verbosity=0")
            yield stack


def own_environment(folder: Path) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name not in OF_THIS_INSTALLATION
    }
    return inherited | {
        "FER_DEMO": "true",
        "FER_VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{database_of(folder)}",
    }


def database_of(folder: Path) -> Path:
    return folder / "simulated.sqlite3"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
