"""A client that sends too much of anything is closed with 4429; the others are served."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import websockets
from channels.db import database_sync_to_async as db
from redis.exceptions import RedisError
from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode

from fer_lms.lessons.models import Participant
from fer_lms.streaming.web import connection, gateway
from fer_lms.streaming.web.gateway import get_gateway
from fer_lms.streaming.web.permits import read_permits
from tests.factories import grant_all, make_learner
from tests.servers import CaptureClient, IssueTicket, capture_socket, find_gateway_of

MAX_SENT = 20_000


async def flood(
    client: CaptureClient, send: Callable[[ClientConnection, int], Awaitable[None]]
) -> None:
    """Send until the socket closes, at most MAX_SENT messages."""
    for number in range(MAX_SENT):
        try:
            await send(client.socket, number)
            await asyncio.sleep(0)
        except (websockets.ConnectionClosed, OSError):
            return


async def send_ping(socket: ClientConnection, number: int) -> None:
    await socket.ping()


async def send_pong(socket: ClientConnection, number: int) -> None:
    await socket.pong(b"x")


async def send_fragment(socket: ClientConnection, number: int) -> None:
    opcode = Opcode.CONT if number else Opcode.BINARY
    async with socket.send_context():
        socket.protocol.writes.append(
            Frame(opcode, b"", fin=False).serialize(mask=True, extensions=[])
        )
    await asyncio.sleep(0)


def send_message(message: str | bytes) -> Callable[[ClientConnection, int], Awaitable[None]]:
    async def send(socket: ClientConnection, number: int) -> None:
        await socket.send(message)

    return send


MESSAGES: dict[str, str | bytes] = {
    "empty binary": b"",
    "no header": b"x" * 40,
    "not JSON": "not JSON",
    "unknown type": '{"type":"dance"}',
    "ping": '{"type":"ping","t":1}',
    "visibility": '{"type":"visibility","visible":false}',
    "client_drops": '{"type":"client_drops","busy":1}',
    "hint_response": '{"type":"hint_response","hint_id":1,"answer":"helped"}',
    "invalid scores": '{"type":"scores"}',
    "old frame": bytes.fromhex("4652010000000000") + bytes(8),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_every_message_is_charged(
    web: str, permitted: Participant, ticket_for: IssueTicket, name: str
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await flood(client, send_message(MESSAGES[name]))
        assert (await client.closed(20))[0] == 4429


@pytest.mark.parametrize("send", [send_ping, send_pong, send_fragment])
async def test_every_control_frame_and_fragment_is_charged(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    send: Callable[[ClientConnection, int], Awaitable[None]],
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await flood(client, send)
        assert (await client.closed(20))[0] in (4429, 1006)


async def test_a_client_that_ignores_the_close_is_cut_off(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    """Send raw frames, so that the client's library does not answer the close."""
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        ping = Frame(Opcode.BINARY, b"").serialize(mask=True, extensions=[]) * 1000
        transport = client.socket.transport
        started = time.monotonic()
        while not transport.is_closing() and time.monotonic() - started < 8:
            transport.write(ping)
            await asyncio.sleep(0.01)
        assert transport.is_closing()


async def test_text_that_is_not_utf8_is_no_error_of_the_server(
    web: str, permitted: Participant, ticket_for: IssueTicket, caplog: pytest.LogCaptureFixture
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        text = Frame(Opcode.TEXT, b'{"type":"\xed\xa0\x80"}').serialize(mask=True, extensions=[])
        client.socket.transport.write(text)
        await client.socket.wait_closed()
        assert client.socket.close_code == 1007
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_others_are_served_during_a_flood(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    other = await db(make_learner)(permitted.session)
    await db(grant_all)(other)
    async with (
        capture_socket(web, await ticket_for(permitted)) as client,
        capture_socket(web, await ticket_for(other)) as neighbour,
    ):
        await client.next("welcome")
        await neighbour.next("welcome")
        flooding = asyncio.create_task(flood(client, send_message(b"")))
        for number in range(5):
            await neighbour.send("ping", t=number)
            assert (await neighbour.next("pong"))["t"] == number
        await flooding
        assert (await client.closed(20))[0] == 4429


async def test_an_ordinary_client_is_not_closed(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        for seq in range(1, 21):
            await client.frame(seq, face)
            await client.send("ping", t=seq)
            await client.socket.ping()
            await asyncio.sleep(0.2)
        ack = await client.ack_where(received=20)
        assert ack["refused"] == {}


# --- Redis is silent ---------------------------------------------------------------------------


async def test_while_redis_is_silent_only_the_newest_frame_waits(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    face: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        running = find_gateway_of(permitted)
        silent = asyncio.Event()

        async def put(frames: Any) -> Any:
            while not silent.is_set():
                await asyncio.sleep(0.05)
            raise RedisError

        monkeypatch.setattr(running._slots, "put", put)
        for seq in range(1, 16):
            await client.frame(seq, face)
            await asyncio.sleep(0.2)
        assert len(running._waiting_frames) == 1
        ack = await client.ack_where(received=15)
        assert ack["accepted"] == 15
        assert ack["lost"] == {"superseded": 13}
        assert ack["in_flight"] == 2  # one is being stored, the newest waits
        silent.set()
        assert (await client.closed()) == (1013, "busy")


async def test_readings_and_counts_that_cannot_be_stored_are_bounded(
    monkeypatch: pytest.MonkeyPatch, redis_roles: None
) -> None:
    monkeypatch.setattr(gateway, "MAX_WAITING_OBSERVATIONS", 5)
    monkeypatch.setattr(gateway, "MAX_CLOSED_CONNECTIONS", 3)
    running = get_gateway()
    observations: list[Any] = list(range(9))
    for observation in observations:
        running.append_observation(observation)
    assert running._observations == observations[-5:]
    for number in range(5):
        closed: Any = type("Closed", (), {"id": bytes([number])})()
        running.connections[closed.id] = closed
        running.remove(closed)
    assert [item.id for item in running._closed_connections] == [b"\2", b"\3", b"\4"]


# --- The permit is late ------------------------------------------------------------------------


async def test_a_frame_waits_for_a_late_permit(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    face: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def read_slowly(participant_ids: Any) -> Any:
        await asyncio.sleep(1.3)
        return await db(read_permits)(participant_ids)

    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        monkeypatch.setattr(gateway, "read_permits_async", read_slowly)
        monkeypatch.setattr(gateway, "PERMIT_INTERVAL_S", 0.01)
        monkeypatch.setattr(connection, "MAX_PERMIT_WAIT_S", 3.0)
        await asyncio.sleep(1)
        for seq in range(1, 9):
            await client.frame(seq, face)
            await asyncio.sleep(0.4)
        ack = await client.ack_where(received=8)
        assert ack["refused"] == {}


async def test_a_permit_that_cannot_be_renewed_is_not_called_a_refusal(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    face: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang(participant_ids: Any) -> Any:
        await asyncio.sleep(60)

    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        monkeypatch.setattr(gateway, "read_permits_async", hang)
        await asyncio.sleep(1.5)
        for seq in (1, 2, 3):
            await client.frame(seq, face)
        ack = await client.ack_where(received=3)
        assert ack["refused"] == {"permission_unknown": 3}
