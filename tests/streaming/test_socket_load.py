"""Many sockets at once, and more frames than a worker reads."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from channels.db import database_sync_to_async as db

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import grant_all, make_learner, make_session
from tests.servers import CaptureClient, IssueTicket, capture_socket
from tests.streaming.draining import drain_once

SOCKETS = 150
MAX_WAIT_S = 300
"""For one message; longer than any machine needs."""


@pytest.mark.timeout(600)
async def test_150_sockets_stream_at_once(
    web: str, policy: DeploymentPolicy, ticket_for: IssueTicket, wall: bytes
) -> None:
    """Counts and order are those of a fast machine, however long a slow one takes."""

    def learners() -> list[Participant]:
        session = make_session()
        made = [make_learner(session) for _ in range(SOCKETS)]
        for learner in made:
            grant_all(learner)
        return made

    opening = asyncio.Semaphore(10)  # a ticket expires where too many wait for a handshake
    all_open = asyncio.Event()
    opened = 0

    async def stream(learner: Participant) -> list[dict[str, Any]]:
        nonlocal opened
        async with AsyncExitStack() as sockets:
            async with opening:
                ticket = await ticket_for(learner)
                client = await sockets.enter_async_context(capture_socket(web, ticket))
                await client.next("welcome", seconds=MAX_WAIT_S)
            opened += 1
            if opened == SOCKETS:
                all_open.set()
            await all_open.wait()
            return [await read_own_frame(client, seq, wall) for seq in (1, 2, 3)]

    clients = asyncio.gather(*[stream(learner) for learner in await db(learners)()])
    while not clients.done():
        await drain_once()
    for acks in await clients:
        assert [ack["last_seq"] for ack in acks] == [1, 2, 3]
        assert [ack["received"] for ack in acks] == [1, 2, 3]
        last = acks[-1]
        assert last["received"] == last["accepted"] + sum(last["refused"].values())
        assert last["accepted"] == last["processed"] + sum(last["lost"].values())
        assert "rate_limited" not in last["refused"]


async def read_own_frame(client: CaptureClient, seq: int, frame: bytes) -> dict[str, Any]:
    """Send one frame; return the acknowledgement in which it has an outcome."""
    await client.frame(seq, frame)
    while True:
        ack = await client.next("ack", seconds=MAX_WAIT_S)
        if ack["received"] == seq and not ack["in_flight"]:
            return ack


async def test_overload_lowers_the_rate_and_supersedes_frames(
    web: str, permitted: Participant, ticket_for: IssueTicket, wall: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        for seq in range(1, 26):  # nobody reads
            await client.frame(seq, wall)
            await asyncio.sleep(0.22)
        assert (await client.next("rate"))["target_fps"] < 2
        await drain_once()
        ack = await client.ack_where(received=25, in_flight=0)
        assert ack["processed"] + sum(ack["lost"].values()) == ack["accepted"]
        assert set(ack["lost"]) <= {"superseded", "expired"}
        assert ack["lost"]["superseded"] >= 20
