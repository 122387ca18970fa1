"""A complete installation for a measurement: temporary database and folders, a free port."""

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_lms.stack import Stack, StackError

WEB_START_TIMEOUT_S = 60
EXCLUDED_VARIABLES = (
    "DATABASE_URL",
    "FRAMES_REDIS_URL",
    "BROKER_REDIS_URL",
    "FER_RUN_DIR",
    "FER_SECRET_KEY",
    "FER_ALLOWED_HOSTS",
    "FER_BEHIND_PROXY",
)
"""Variables that would connect a temporary stack to this installation's data."""


@contextmanager
def temporary_stack(*, frame_processes: int, **environment: str) -> Iterator[Stack]:
    """Start the Valkeys of an empty demonstration; everything is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="fer-lms-") as folder:
        stack = Stack(
            port=find_free_port(),
            environment=build_environment(Path(folder)) | environment,
            run_dir=Path(folder) / "run",
            log_dir=Path(folder) / "logs",
            frame_processes=frame_processes,
        )
        with stack:
            stack.start_valkeys()
            stack.run_command("migrate", "--verbosity=0")
            yield stack


@contextmanager
def temporary_demo(*, frame_processes: int, worker_module: str = "") -> Iterator[Stack]:
    """Start a complete demonstration with all processes and wait until it is ready.

    `worker_module` is imported by the frame workers at their start.
    """
    with temporary_stack(frame_processes=frame_processes) as stack:
        stack.run_command("setup_demo")
        stack.start_web()
        stack.start_workers(include=worker_module)
        stack.wait_until_ready(timeout_s=120)
        yield stack


def wait_for_web(stack: Stack) -> None:
    """Wait until the web process accepts connections. Raises StackError."""
    deadline = time.monotonic() + WEB_START_TIMEOUT_S
    while True:
        stack.check_running()
        try:
            socket.create_connection(("127.0.0.1", stack.port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise StackError(f"The web process does not answer: {error}") from error
            time.sleep(0.1)


def build_web_address(stack: Stack) -> str:
    return f"http://127.0.0.1:{stack.port}"


def build_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a demonstration whose files are all in `folder`."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in EXCLUDED_VARIABLES
    }
    return inherited | {
        "FER_DEMO": "true",
        "FER_VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{build_database_path(folder)}",
    }


def build_database_path(folder: Path) -> Path:
    return folder / "simulated.sqlite3"


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
