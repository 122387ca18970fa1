"""From a closed window to the hint at the socket, through an installation of its own.

Learners without a camera ask for help three times at once, which is strain enough for the default
rule; it then speaks at the close of a window, 50 s later. What is measured is the time from the
moment that the window was due to close to the hint's arrival.
"""

import asyncio
import json
import time
from datetime import datetime
from typing import Any

from websockets.asyncio.client import connect

from fer_lms.streaming.wire.messages import SUBPROTOCOL, TICKET_PREFIX
from tests.bench.person import DemoPerson
from tests.bench.reconciliation import percentile
from tests.bench.temporary_stack import temporary_stack

TIMEOUT_S = 150
ASKED = 3


def measure_hints(learners: int) -> dict[str, Any]:
    with temporary_stack(frame_processes=1) as stack:
        stack.run_command("setup_demo")
        stack.start_web()
        stack.start_workers()
        stack.wait_until_ready(timeout_s=120)
        people = [_seated(f"http://127.0.0.1:{stack.port}", n) for n in range(learners)]
        heard = asyncio.run(_listen_together(people))
        waits = [ms for person, at in zip(people, heard, strict=True) for ms in _waits(person, at)]
    return {
        "learners": learners,
        "hints": len(waits),
        "window_closed_to_hint_ms": {
            f"p{share}": percentile(waits, share / 100) for share in (50, 95, 99)
        },
    }


def _seated(address: str, number: int) -> DemoPerson:
    person = DemoPerson(address)
    person.enter(role="student", name=f"Bench learner {number}")
    step = person.steps()[0]
    person.did({"kind": "step_opened", "step_id": step})
    return person


async def _listen_together(people: list[DemoPerson]) -> list[dict[int, float]]:
    return list(await asyncio.gather(*(_listen(person) for person in people)))


async def _listen(person: DemoPerson) -> dict[int, float]:
    """{hint_id: when it arrived} of the first hint."""
    ticket = await asyncio.to_thread(person.lesson_ticket)
    protocols: Any = [SUBPROTOCOL, TICKET_PREFIX + ticket["ticket"]]
    async with connect(ticket["url"], subprotocols=protocols) as socket:
        step = (await asyncio.to_thread(person.steps))[0]
        asked = [{"kind": "hint_asked", "step_id": step} for _ in range(ASKED)]
        await asyncio.to_thread(person.did, *asked)
        deadline = time.monotonic() + TIMEOUT_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = json.loads(await asyncio.wait_for(socket.recv(), left))
            except TimeoutError:
                break
            if message["type"] == "hint":
                return {message["hint_id"]: time.time()}
    return {}


def _waits(person: DemoPerson, heard: dict[int, float]) -> list[float]:
    fired = {
        hint["hint_id"]: datetime.fromisoformat(hint["fired_at"]).timestamp()
        for hint in person.hints()
    }
    return [(at - fired[hint_id]) * 1000 for hint_id, at in heard.items()]
