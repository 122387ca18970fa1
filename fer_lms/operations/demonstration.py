"""Start, monitoring and stop of the demonstration's processes on this machine."""

import fcntl
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from fer_lms.demo.actions import ADMIN_USERNAME, ensure_demo_data, get_admin_password_path
from fer_lms.demo.checks import check_demo_isolation
from fer_lms.demo.past_sessions import ensure_past_sessions
from fer_lms.operations.supervisor import Supervisor
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.stack import Stack
from fer_lms.streaming.worker.liveness import delete_heartbeats
from inference.errors import ModelError
from inference.models.store import MANIFEST, fetch_model, find_model

CHECK_INTERVAL_S = 0.5
READY_TIMEOUT_S = 120
PrintLine = Callable[[str], None]


class DemoStartError(Exception):
    """The demonstration cannot start; the message is one sentence for the user."""


def run_demonstration(port: int, print_line: PrintLine) -> None:
    """Start all processes, print the addresses, and restart what stops until a signal.

    Raises:
        DemoStartError: The demonstration cannot start.
        ModelError: A model could not be downloaded.
        StackError: A process stopped during the start, or again and again.
    """
    check_front_end()
    check_port(port)
    fetch_models(print_line)
    with (
        stop_on_signals() as interruption,
        lock_run_dir(settings.RUN_DIR, port),
        _create_stack(port) as stack,
        ExitStack() as exiting,
    ):
        exiting.callback(interruption.begin_cleanup)
        started = time.monotonic()

        def print_step(line: str) -> None:
            print_line(f"{time.monotonic() - started:5.1f} s  {line}")
            interruption.check()

        _start(stack, print_step)
        print_line(format_addresses(port))
        supervisor = Supervisor(stack, print_line, settings.VAR_DIR)
        while True:
            supervisor.check()
            interruption.check()
            time.sleep(CHECK_INTERVAL_S)


def _create_stack(port: int) -> Stack:
    return Stack(
        port=port,
        environment=dict(os.environ),
        run_dir=settings.RUN_DIR,
        log_dir=settings.VAR_DIR / "logs",
        frame_processes=os.cpu_count() or 1,
    )


def _start(stack: Stack, print_step: PrintLine) -> None:
    # Slow steps are started as early as possible.
    stack.start_valkeys()
    if settings.EMBEDDED_BROKER:
        delete_heartbeats()
    stack.start_web()
    print_step("web and Valkeys started")
    call_command("migrate", verbosity=0)
    check_isolation()
    ensure_demo_policy()
    print_step("database ready")
    stack.start_workers()
    ensure_demo_data()
    print_step("lesson and simulated class ready, workers open the models")
    ensure_past_sessions()  # the workers open the models meanwhile
    print_step("earlier sessions ready")
    stack.wait_until_ready(timeout_s=READY_TIMEOUT_S)
    print_step("ready")


def check_front_end() -> None:
    if not (settings.FRONTEND_DIST / "manifest.json").exists():
        raise DemoStartError("The front end is not built: run `make demo`.")


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoStartError(
                f"Port {port} cannot be used ({os.strerror(error.errno or 0)}). "
                f"Choose another one: make demo PORT={port + 1}"
            ) from error


def fetch_models(print_line: PrintLine) -> None:
    """Download missing models. Raises ModelError."""
    for model in MANIFEST:
        try:
            find_model(model)
        except ModelError:
            fetch_model(model, report=print_line)


def check_isolation() -> None:
    for message in check_demo_isolation():
        raise DemoStartError(f"{message.msg} {message.hint or ''}".strip())


def format_addresses(port: int) -> str:
    """Format the addresses; two host names let one browser be student and teacher at once."""
    password = get_admin_password_path().read_text().strip()
    return "\n".join(
        [
            "",
            f"  Student   http://localhost:{port}/demo/",
            f"  Teacher   http://127.0.0.1:{port}/demo/",
            f"  Admin     http://127.0.0.1:{port}/admin/   {ADMIN_USERNAME}, password {password}",
            "",
            "For adults, on this machine only. Ctrl-C stops all processes.",
        ]
    )


@contextmanager
def lock_run_dir(run_dir: Path, port: int) -> Iterator[None]:
    """Hold a lock on the folder: a second demonstration would replace the sockets of the first."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (run_dir / "running").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise DemoStartError(
                f"The demonstration is already running: {lock.read().strip()}"
            ) from error
        lock.truncate(0)
        lock.write(f"http://localhost:{port}/demo/, process {os.getpid()}\n")
        lock.flush()
        yield


class Interruption:
    """SIGINT, SIGTERM and SIGHUP as KeyboardInterrupt, until the cleanup begins.

    An exception that is raised in a finalizer is lost: `check` raises it again.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self._has_arrived = False
        self._is_cleaning_up = False

    def check(self) -> None:
        if self._has_arrived:
            raise KeyboardInterrupt

    def begin_cleanup(self) -> None:
        self._is_cleaning_up = True

    def handle(self, *_: Any) -> None:
        self._has_arrived = True
        if not self._is_cleaning_up:
            raise KeyboardInterrupt


@contextmanager
def stop_on_signals() -> Iterator[Interruption]:
    """Raise KeyboardInterrupt on signals, until `begin_cleanup` is called."""
    interruption = Interruption()
    previous_handlers = {
        number: signal.signal(number, interruption.handle) for number in Interruption.SIGNALS
    }
    try:
        yield interruption
    finally:
        for number, handler in previous_handlers.items():
            signal.signal(number, handler)
