"""The demonstration as `make demo` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from fer_lms.operations.demonstration import (
    DemoStartError,
    Interruption,
    check_port,
    lock_run_dir,
    stop_on_signals,
)
from tests.bench.temporary_stack import find_free_port
from tests.operations.conftest import Manage


def test_a_port_in_use_is_an_error_of_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DemoStartError, match="make demo PORT="):
            check_port(taken.getsockname()[1])


def test_a_second_demonstration_of_the_same_folder_names_the_first(tmp_path: Path) -> None:
    with (
        lock_run_dir(tmp_path, 8123),
        pytest.raises(DemoStartError, match="localhost:8123"),
        lock_run_dir(tmp_path, 8124),
    ):
        pass
    with lock_run_dir(tmp_path, 8124):
        assert "localhost:8124" in (tmp_path / "running").read_text()


def test_it_does_not_start_while_it_is_off(manage: Manage) -> None:
    done = manage("demo", FER_DEMO="false")
    assert done.returncode == 1
    assert "FER_DEMO" in done.stderr


@contextmanager
def running(environment: dict[str, str], port: int) -> Iterator["subprocess.Popen[str]"]:
    """Run the demonstration until it has printed its addresses; kill all processes at the end."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", f"--port={port}"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    children: list[psutil.Process] = []
    try:
        shown = _shown_until_ready(process)
        children = psutil.Process(process.pid).children(recursive=True)
        for address in (f"http://localhost:{port}/demo/", f"http://127.0.0.1:{port}/admin/"):
            assert address in shown
        yield process
        process.wait(30)
        stopped, alive = psutil.wait_procs(children, timeout=5)
        assert len(stopped) >= 7, "web, workers, beat and two Valkeys"
        assert alive == []
    finally:
        process.terminate()
        for child in children:
            if child.is_running():
                child.kill()


def _shown_until_ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    shown = ""
    while "Ctrl-C" not in shown:
        line = process.stdout.readline()
        assert line, (shown, process.communicate())
        shown += line
    return shown


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("face_model", "front_end")
def test_it_starts_stops_starts_again_and_gives_up(environment: dict[str, str]) -> None:
    port = find_free_port()
    with running(environment, port) as demo:
        with urllib.request.urlopen(f"http://localhost:{port}/readyz") as answer:
            assert answer.status == 200
        os.kill(demo.pid, signal.SIGINT)
    assert demo.returncode == 0
    with running(environment, port) as demo:
        # Beat is killed as soon as it runs, until the supervisor gives up.
        while demo.poll() is None:
            for beat in find_beats(demo.pid):
                beat.kill()
            time.sleep(0.1)
        stdout, stderr = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert re.findall(r"^beat stopped \(SIGKILL\): restart (\d) of 5", stdout, re.M) == list(
        "12345"
    )
    assert "beat stopped (SIGKILL) after 5 restarts in a row. The end of" in stderr


def find_beats(pid: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [
            child
            for child in psutil.Process(pid).children()
            if "beat" in child.cmdline() and "celery" in child.cmdline()
        ]
    return []


@pytest.mark.parametrize("number", Interruption.SIGNALS, ids=lambda number: number.name)
def test_a_signal_is_neither_lost_nor_does_it_interrupt_the_cleanup(number: signal.Signals) -> None:
    """Python drops what is raised in a finalizer; people press Ctrl-C twice."""
    before = signal.getsignal(number)
    with stop_on_signals() as interruption:
        interruption.check()
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            interruption.check()
        interruption.begin_cleanup()
        signal.raise_signal(number)
    assert signal.getsignal(number) == before
