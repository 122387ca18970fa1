"""Every process of the one-machine stack is killed; one that stops at each start is given up."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from websockets import ConnectionClosed

from fer_lms.operations import supervisor as supervisor_module
from fer_lms.operations.supervisor import HEARTBEATS, MAX_RESTARTS, Supervisor
from fer_lms.restarts import read_restarts
from fer_lms.stack import VALKEY_PREFIX, Stack, StackError
from tests.bench.load.demo_client import DemoClient
from tests.bench.temporary_stack import build_web_address, temporary_demo
from tests.servers import capture_socket
from tests.streaming.conftest import encoded, photo

WHOLE_AGAIN_S = 120
"""Far above the seconds that it takes on a quiet machine."""


@pytest.fixture
def small_stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(
        port=0,
        environment={"PATH": ""},
        run_dir=tmp_path / "run",
        log_dir=tmp_path / "logs",
        frame_processes=1,
    ) as stack:
        yield stack


def check_until(supervisor: Supervisor, is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < deadline
        supervisor.check()
        time.sleep(0.02)


def test_a_process_that_stops_at_each_start_is_given_up_with_its_last_lines(
    small_stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_DELAY_S", 0.01)
    lines: list[str] = []
    supervisor = Supervisor(small_stack, lines.append, tmp_path)
    small_stack.start("web", "no_such_module")
    with pytest.raises(StackError, match=r"(?s)web stopped \(exit code 1\) after 5 .*No module"):
        check_until(supervisor, lambda: False)
    assert [line.split(": ")[1] for line in lines] == [
        f"restart {count} of {MAX_RESTARTS} in {0.01 * 2 ** (count - 1):g} s"
        for count in range(1, MAX_RESTARTS + 1)
    ]


def test_a_process_that_lasted_is_restarted_for_ever(
    small_stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(supervisor_module, "LASTING_S", 0)
    supervisor = Supervisor(small_stack, lambda _line: None, tmp_path)
    small_stack.start("web", "no_such_module")
    wanted = MAX_RESTARTS + 2
    check_until(supervisor, lambda: read_restarts(tmp_path)["counts"].get("web", 0) >= wanted)


def test_what_a_killed_process_leaves_is_killed_before_its_restart(
    small_stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_DELAY_S", 0.01)
    (tmp_path / "pool.py").write_text(
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "time.sleep(600)\n"
    )
    small_stack.environment["PYTHONPATH"] = str(tmp_path)
    supervisor = Supervisor(small_stack, lambda _line: None, tmp_path)
    small_stack.start("worker", "pool")
    parent = psutil.Process(small_stack.processes["worker"].pid)
    check_until(supervisor, lambda: len(parent.children()) == 1)
    [child] = parent.children()
    parent.kill()
    check_until(supervisor, lambda: bool(read_restarts(tmp_path)["counts"]))
    child.wait(timeout=10)


@contextmanager
def supervised(stack: Stack, var_dir: Path) -> Iterator[list[str]]:
    lines: list[str] = []
    done = threading.Event()
    supervisor = Supervisor(stack, lines.append, var_dir)

    def run() -> None:
        while not done.wait(0.2):
            supervisor.check()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield lines
    finally:
        done.set()
        thread.join()


def kill(stack: Stack, name: str) -> None:
    if name.startswith(VALKEY_PREFIX):
        server = stack.valkeys[name.removeprefix(VALKEY_PREFIX)]
        assert server._process is not None
        server._process.kill()
    else:
        stack.processes[name].kill()


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


async def read_a_frame(address: str, learner: DemoClient) -> None:
    """Send frames through a new socket until one was read."""
    deadline = time.monotonic() + WHOLE_AGAIN_S
    while time.monotonic() < deadline:
        ticket = learner.create_ticket()["ticket"]
        with suppress(ConnectionClosed):  # busy: try again, as the browser does
            async with capture_socket(address.removeprefix("http://"), ticket) as client:
                await client.next("welcome")
                for seq in range(1, 600):
                    await client.frame(seq, encoded(photo()[0:300, 60:460]))
                    if (await client.next("ack"))["processed"]:
                        return
    pytest.fail("no frame was read")


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("face_model", "front_end")
async def test_whatever_is_killed_the_stack_is_whole_again(
    record_property: Callable[[str, object], None],
) -> None:
    with temporary_demo(frame_processes=1) as stack:
        var_dir = Path(stack.environment["FER_VAR_DIR"])
        address = build_web_address(stack)
        learner = DemoClient(address)
        learner.enter(role="student", name="Kim")
        learner.grant_consent()
        await read_a_frame(address, learner)
        names = [*stack.processes, *(f"{VALKEY_PREFIX}{role}" for role in stack.valkeys)]
        assert set(HEARTBEATS) - {"integrations"} < set(names)
        with supervised(stack, var_dir) as lines:
            for name in names:
                started = time.monotonic()
                kill(stack, name)
                while not any(line.startswith(f"{name} stopped") for line in lines):
                    assert time.monotonic() < started + WHOLE_AGAIN_S
                    time.sleep(0.05)
                while not is_ready(address):
                    assert time.monotonic() < started + WHOLE_AGAIN_S, lines
                    time.sleep(0.1)
                record_property(name, f"ready again after {time.monotonic() - started:.1f} s")
                learner.disconnect()  # the web process that had the connection may be gone
                await read_a_frame(address, learner)
        assert read_restarts(var_dir) == {"stopped": [], "counts": dict.fromkeys(names, 1)}
        assert len(lines) == len(names), lines
        body = json.loads(learner.request("GET", "/readyz"))
        assert body["restarts"] == dict.fromkeys(names, 1)
