"""A worker is killed during a lesson: all frames are accounted for and others continue."""

import asyncio
import signal
import time
from typing import Any

import psutil
import pytest

from fer_lms.stack import Stack
from tests.bench.load.demo_client import DemoClient
from tests.servers import CaptureClient, capture_socket
from tests.streaming.conftest import encoded, photo


def pool_processes(stack: Stack) -> list[psutil.Process]:
    return psutil.Process(stack.processes["worker"].pid).children()


async def stream(client: CaptureClient, first: int, count: int) -> None:
    for seq in range(first, first + count):
        await client.frame(seq, encoded(photo()[0:300, 60:460]))
        await asyncio.sleep(0.4)


@pytest.mark.timeout(180)
async def test_frames_of_killed_worker_are_counted_as_lost(stack: Stack, address: str) -> None:
    learner = DemoClient(address)
    learner.enter(role="student", name="Kim")
    learner.grant_consent()
    ticket = learner.create_ticket()["ticket"]
    async with capture_socket(address.removeprefix("http://"), ticket) as client:
        await client.next("welcome")
        await stream(client, 1, 5)
        await client.ack_where(in_flight=0, received=5)
        sending = asyncio.create_task(stream(client, 6, 10))
        await asyncio.sleep(0.5)
        for process in pool_processes(stack):
            process.send_signal(signal.SIGKILL)
        await sending
        before = (await settled(client, 15))["processed"]
        await stream(client, 16, 5)
        ack = await settled(client, 20)
    # The pool forks a new process: it has no other thread whose locks the child would copy.
    assert psutil.Process(stack.processes["worker"].pid).num_threads() == 1
    assert ack["processed"] > before, "nobody took the dead worker's place"
    assert ack["received"] == ack["accepted"] + sum(ack["refused"].values())
    assert ack["accepted"] == ack["processed"] + sum(ack["lost"].values())
    await windows_agree(learner, ack)


async def settled(client: CaptureClient, received: int) -> dict[str, Any]:
    """Wait for the acknowledgement with no frame in flight."""
    while True:
        ack = await client.next("ack", seconds=30)
        if ack["received"] == received and ack["in_flight"] == 0:
            return ack


async def windows_agree(learner: DemoClient, ack: dict[str, Any]) -> None:
    """Assert that closed windows have the counts of the socket."""
    deadline = time.monotonic() + 40
    while any(window["state"] != "closed" for window in learner.list_windows()):
        assert time.monotonic() < deadline, "windows were not closed"
        await asyncio.sleep(1)
    windows = learner.list_windows()
    for name in ("received", "accepted", "processed"):
        assert sum(window[name] for window in windows) == ack[name]
    for window in windows:
        assert window["accepted"] == window["processed"] + sum(window["lost"].values())
