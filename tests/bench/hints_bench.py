"""Time from a closed window to the hint at the learner's socket, in a temporary installation.

Learners without a camera request help three times at once, which is enough strain for the default
rule; it fires at the close of a window, 50 s later. Measured from the moment at which the window
was due to close to the hint's arrival.
"""

import asyncio
import json
from datetime import datetime
from time import time
from typing import Any

from websockets.asyncio.client import connect

from fer_lms.streaming.wire.messages import SUBPROTOCOL, TICKET_PREFIX
from tests.bench.load.demo_client import DemoClient
from tests.bench.metrics import compute_percentiles
from tests.bench.temporary_stack import build_web_address, temporary_demo

MAX_WAIT_S = 150
HELP_REQUESTS = 3


def measure_hints(learners: int) -> dict[str, Any]:
    """Return the keys of `bench_hints --json`."""
    with temporary_demo(frame_processes=1) as stack:
        address = build_web_address(stack)
        clients = [_enter_learner(address, number) for number in range(learners)]
        delays = [delay for delay in asyncio.run(_measure_all(clients)) if delay is not None]
    return {
        "learners": learners,
        "hints": len(delays),
        "window_closed_to_hint_ms": compute_percentiles(delays, 50, 95, 99),
    }


def _enter_learner(address: str, number: int) -> DemoClient:
    client = DemoClient(address)
    client.enter(role="student", name=f"Bench learner {number}")
    client.send_events({"kind": "step_opened", "step_id": client.list_step_ids()[0]})
    return client


async def _measure_all(clients: list[DemoClient]) -> list[float | None]:
    arrivals = await asyncio.gather(*(_wait_for_hint(client) for client in clients))
    return [
        _compute_delay_ms(client, *arrival) if arrival else None
        for client, arrival in zip(clients, arrivals, strict=True)
    ]


async def _wait_for_hint(client: DemoClient) -> tuple[int, float] | None:
    """Return the id of the first hint and the Unix time of its arrival."""
    ticket = await asyncio.to_thread(client.create_ticket, "lesson")
    protocols: Any = [SUBPROTOCOL, TICKET_PREFIX + ticket["ticket"]]
    async with connect(ticket["url"], subprotocols=protocols) as socket:
        step = (await asyncio.to_thread(client.list_step_ids))[0]
        request = {"kind": "hint_asked", "step_id": step}
        await asyncio.to_thread(client.send_events, *[request] * HELP_REQUESTS)
        try:
            async with asyncio.timeout(MAX_WAIT_S):
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] == "hint":
                        return message["hint_id"], time()
        except TimeoutError:
            pass
    return None


def _compute_delay_ms(client: DemoClient, hint_id: int, arrived_at: float) -> float:
    hint = next(hint for hint in client.list_hints() if hint["hint_id"] == hint_id)
    return (arrived_at - datetime.fromisoformat(hint["fired_at"]).timestamp()) * 1000
