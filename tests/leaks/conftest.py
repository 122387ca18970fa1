"""A separate installation, and a monitor of all commands that its Redis receives."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from fer_lms.stack import Stack
from tests.bench.temporary_stack import temporary_stack


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for temporary files of the processes."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def stack(scratch: Path) -> Iterator[Stack]:
    with temporary_stack(frame_processes=1, TMPDIR=str(scratch), FER_LOG_LEVEL="DEBUG") as running:
        running.run_command("setup_demo")
        running.start_web()
        running.start_workers()
        running.wait_until_ready(timeout_s=120)
        yield running


class RedisMonitor:
    """Record all commands that the broker's Redis receives."""

    def __init__(self, socket: Path) -> None:
        self._recorded: list[bytes] = []
        self._redis = redis.Redis(unix_socket_path=str(socket))
        self._is_recording = True
        self._thread = threading.Thread(target=self._record, daemon=True)
        self._thread.start()

    def _record(self) -> None:
        with self._redis.monitor() as monitor:  # type: ignore[no-untyped-call]
            while self._is_recording:
                self._recorded.append(monitor.connection.read_response(disable_decoding=True))

    def stop(self) -> bytes:
        """Return everything recorded, as bytes."""
        self._is_recording = False
        self._redis.ping()  # one more command, so that the recording thread returns
        self._thread.join(timeout=10)
        commands = b"\n".join(self._recorded)
        return commands + b"\n" + unescape(commands)


def unescape(commands: bytes) -> bytes:
    """Decode MONITOR's hexadecimal escapes."""
    return commands.decode("latin-1").encode().decode("unicode_escape").encode("latin-1", "replace")
