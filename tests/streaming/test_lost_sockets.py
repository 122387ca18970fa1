"""Errors and slow readers on one socket do not affect the other sockets of the process."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
from channels.db import database_sync_to_async as db
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import Participant
from fer_lms.streaming.web import gateway as gateways
from fer_lms.streaming.web.connection import Connection
from tests.factories import grant_all, make_learner, make_session
from tests.servers import IssueTicket, capture_socket
from tests.streaming.test_device_socket import scores_of


@db
def another_learner() -> Participant:
    learner = make_learner(make_session())
    grant_all(learner)
    return learner


def connections() -> list[Connection]:
    return [
        connection
        for loop, gateway in list(gateways._gateways.items())
        if loop.is_running()
        for connection in list(gateway.connections.values())
    ]


async def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def send_and_close(web: str, ticket: str, text: str) -> None:
    """Send a message and the close in one segment, so that the response fails."""
    async with capture_socket(web, ticket) as client:
        await client.next("welcome")
        protocol = client.socket.protocol
        protocol.send_text(text.encode())
        protocol.send_close(1000)
        client.socket.transport.write(b"".join(protocol.data_to_send()))
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("kind", ["ping", "scores"])
async def test_a_connection_closed_during_a_message_is_removed(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes, kind: str
) -> None:
    other = await another_learner()
    text = json.dumps({"type": kind, **(scores_of(1) if kind == "scores" else {"t": 1})})
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await send_and_close(web, await ticket_for(other, mode="scores"), text)
        await wait_until(lambda: len(connections()) == 1)
        await db(lambda: end_session(session=other.session))()
        await client.frame(1, face)
        await client.ack_where(accepted=1)
        async with capture_socket(web, await ticket_for(await another_learner())) as third:
            await third.next("welcome")


@pytest.mark.parametrize("where", ["apply_permit", "run_periodic_checks"])
async def test_an_error_in_one_connection_aborts_only_that_one(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    other = await another_learner()
    done: Callable[..., Awaitable[None] | None] = getattr(Connection, where)

    def fail_for_the_other(self: Connection, *rest: object) -> Awaitable[None] | None:
        if self.participant_id == other.pk:
            raise ValueError("an error")
        return done(self, *rest)

    async with (
        capture_socket(web, await ticket_for(other)) as faulty,
        capture_socket(web, await ticket_for(permitted)) as client,
    ):
        await faulty.next("welcome")
        await client.next("welcome")
        monkeypatch.setattr(Connection, where, fail_for_the_other)
        await wait_until(lambda: len(connections()) == 1)
        async with capture_socket(web, await ticket_for(await another_learner())) as third:
            await third.next("welcome")
        await client.send("pause")
        await client.send("ping", t=7)
        assert (await client.next("pong"))["t"] == 7


@contextlib.contextmanager
def flooding_client(web: str, ticket: str) -> Iterator[threading.Thread]:
    """A client that sends until its buffers are full and reads nothing."""
    host, port = web.split(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((host, int(port)))
    protocol = ClientProtocol(
        parse_uri(f"ws://{web}/ws/capture/"),
        subprotocols=["fer.capture.v1", f"ticket.{ticket}"],  # type: ignore[list-item]
    )
    protocol.send_request(protocol.connect())
    sock.sendall(b"".join(protocol.data_to_send()))
    protocol.receive_data(sock.recv(65536))
    protocol.events_received()
    sock.settimeout(10)

    def flood() -> None:
        with contextlib.suppress(OSError):
            for _ in range(20_000):
                protocol.send_text(json.dumps({"type": "ping", "t": "x" * 4000}).encode())
                sock.sendall(b"".join(protocol.data_to_send()))

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        sock.close()
        thread.join(timeout=10)


async def test_a_client_that_does_not_read_is_aborted_and_delays_no_other(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    other = await another_learner()
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        with flooding_client(web, await ticket_for(other)):
            await wait_until(lambda: len(connections()) == 2)
            await wait_until(lambda: len(connections()) == 1, seconds=60)
            await db(withdraw_consent)(participant=other)
            async with capture_socket(web, await ticket_for(await another_learner())) as third:
                await third.next("welcome")
            await client.frame(1, face)
            await client.ack_where(accepted=1)
