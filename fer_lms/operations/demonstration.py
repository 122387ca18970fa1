"""The demonstration on this machine: everything started in order, watched, and stopped again."""

import fcntl
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from fer_lms.demo.actions import ADMIN_USERNAME, admin_password_file, ensure_demo
from fer_lms.demo.checks import check_demo_isolation
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.stack import Stack
from fer_lms.streaming.worker.liveness import clear_marks
from inference.errors import ModelError
from inference.models.store import MANIFEST, fetch_model, find_model

LOOK_SECONDS = 0.5
READY_SECONDS = 120
Say = Callable[[str], None]


class CannotStart(Exception):
    """One plain sentence for whoever wanted to start the demonstration."""


def run_demonstration(port: int, say: Say) -> None:
    """Start everything, say where it is, and watch it until a signal ends it.

    Raises CannotStart, ModelError, or StackFailed where a process stops on its own.
    """
    check_front_end()
    check_port(port)
    fetch_models(say)
    with stopped_by_signals(), only_one(settings.RUN_DIR, port), _stack(port) as stack:
        started = time.monotonic()

        def step(line: str) -> None:
            say(f"{time.monotonic() - started:5.1f} s  {line}")

        _start(stack, step)
        say(addresses(port))
        while True:
            stack.check_running()
            time.sleep(LOOK_SECONDS)


def _stack(port: int) -> Stack:
    return Stack(
        port=port,
        environment=dict(os.environ),
        run_dir=settings.RUN_DIR,
        logs=settings.VAR_DIR / "logs",
        frame_processes=os.cpu_count() or 1,
    )


def _start(stack: Stack, step: Say) -> None:
    """What takes long is started as soon as what it needs is there."""
    stack.start_valkeys()
    if settings.EMBEDDED_BROKER:
        clear_marks()
    stack.start_web()
    step("web and Valkeys started")
    call_command("migrate", verbosity=0)
    refuse_beside_real_people()
    ensure_demo_policy()
    step("database ready")
    stack.start_workers()
    ensure_demo()
    step("lesson and simulated class ready, workers open the models")
    stack.wait_ready(seconds=READY_SECONDS)
    step("ready")


def check_front_end() -> None:
    if not (settings.FRONTEND_DIST / "manifest.json").exists():
        raise CannotStart("The front end is not built yet: `make demo` builds it.")


def check_port(port: int) -> None:
    """Raises CannotStart where the port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be used ({os.strerror(error.errno or 0)}). "
                f"Another one can be chosen: make demo PORT={port + 1}"
            ) from error


def fetch_models(say: Say) -> None:
    """Download the models that are missing. Raises ModelError, which says what to put where."""
    for model in MANIFEST:
        try:
            find_model(model)
        except ModelError:
            fetch_model(model, report=say)


def refuse_beside_real_people() -> None:
    for refusal in check_demo_isolation():
        raise CannotStart(f"{refusal.msg} {refusal.hint or ''}".strip())


def addresses(port: int) -> str:
    """Two host names, so that one browser can be student and teacher at once."""
    password = admin_password_file().read_text().strip()
    return "\n".join(
        [
            "",
            f"  Student   http://localhost:{port}/demo/",
            f"  Teacher   http://127.0.0.1:{port}/demo/",
            f"  Admin     http://127.0.0.1:{port}/admin/   {ADMIN_USERNAME}, password {password}",
            "",
            "For adults, on this machine only. Ctrl-C stops everything.",
        ]
    )


@contextmanager
def only_one(run_dir: Path, port: int) -> Iterator[None]:
    """One demonstration a folder: a second one would take the sockets of the first."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (run_dir / "running").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CannotStart(f"The demonstration already runs: {lock.read().strip()}") from error
        lock.truncate(0)
        lock.write(f"http://localhost:{port}/demo/, process {os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """The first Ctrl-C, hang-up or request to end stops everything in order, and only once."""
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: Any) -> None:
        for each in ends:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, stop) for each in ends}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
