"""`fer.capture.v1` over a real socket: opening, closing, the fate of frames."""

import asyncio
import struct
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest
import websockets
from channels.db import database_sync_to_async as db
from django.utils import timezone
from pytest_django import Settings

from fer_lms.consent.actions import grant_consent, withdraw_consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import Course, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.web.tickets import Mode, TicketRefused
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.worker.drain import drain, get_pipeline
from tests.factories import grant_all, make_learner, make_session
from tests.servers import CaptureClient, IssueTicket, capture_socket


async def drain_once() -> None:
    """Read the waiting frames as a worker does."""
    await asyncio.to_thread(drain, 0, max_run_s=0.5, max_idle_s=0.2)


async def test_welcome_frame_reading_ack(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        assert client.socket.subprotocol == "fer.capture.v1"
        welcome = await client.next("welcome")
        assert welcome["participant_id"] == str(permitted.pk)
        assert (welcome["consent_epoch"], welcome["next_seq"]) == (1, 1)
        await client.frame(1, face)
        await drain_once()
        reading = await client.next("reading")
        assert (reading["seq"], reading["quality"]) == (1, "ok")
        assert sum(reading["scores"].values()) == pytest.approx(1, abs=0.001)
        ack = await client.ack_where(processed=1)
        assert (ack["received"], ack["accepted"], ack["in_flight"]) == (1, 1, 0)


async def test_a_frame_without_a_face_is_a_reading(
    web: str, permitted: Participant, ticket_for: IssueTicket, wall: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await client.frame(1, wall)
        await drain_once()
        reading = await client.next("reading")
        assert (reading["quality"], reading["scores"]) == ("no_face", None)


def broken_frames(face: bytes) -> list[tuple[bytes, str]]:
    image = cv2.imdecode(np.frombuffer(face, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    progressive = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    wide = cv2.imencode(".jpg", np.zeros((1300, 1300, 3), np.uint8))[1].tobytes()
    header = struct.pack(">HBBIQ", 0x4652, 1, 3, 1, 5)
    return [
        (header + face[: len(face) // 2], "bad_jpeg"),
        (header + progressive, "bad_jpeg"),
        (header + wide, "bad_jpeg"),
        (header + b"GIF89a" + face, "bad_jpeg"),
        (header, "bad_jpeg"),
        (b"", "bad_header"),
        (b"FR\x02" + header[3:] + face, "bad_header"),
        (face, "bad_header"),
    ]


@pytest.mark.parametrize("which", range(8))
async def test_a_refused_frame_is_counted_by_reason(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes, which: int
) -> None:
    data, reason = broken_frames(face)[which]
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await client.socket.send(data)
        ack = await client.ack_where(received=1)
        assert ack["refused"] == {reason: 1}
        await client.frame(2, face)
        await drain_once()
        assert (await client.next("reading"))["quality"] == "ok"


async def test_repeated_and_decreasing_seq_are_refused(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        for seq in (5, 5, 4):
            await client.frame(seq, face)
        ack = await client.ack_where(received=3)
        assert (ack["accepted"], ack["refused"]) == (1, {"bad_seq": 2})


async def test_too_fast_frames_are_refused_and_finally_close_the_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        for seq in range(1, 121):
            await client.frame(seq, face)
        assert await client.closed() == (4429, "too_fast")
        ack = [message for message in client.received if message["type"] == "ack"][-1]
        assert ack["refused"]["rate_limited"] >= 100


async def test_a_frame_over_the_limit_closes_the_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        welcome = await client.next("welcome")
        await client.frame(1, bytes(welcome["max_frame_bytes"] + 1))
        assert await client.closed() == (4413, "too_large")


async def test_a_larger_limit_applies_to_socket_and_worker(
    web: str, permitted: Participant, ticket_for: IssueTicket, settings: Settings
) -> None:
    settings.MAX_FRAME_BYTES = 256 * 1024
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    frame = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    assert 96 * 1024 < len(frame) < settings.MAX_FRAME_BYTES
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await client.frame(1, frame)
        pipeline = get_pipeline.__wrapped__()
        await asyncio.to_thread(
            drain, 0, open_pipeline=lambda: pipeline, max_run_s=0.5, max_idle_s=0.2
        )
        assert (await client.next("reading"))["quality"] == "no_face"


async def test_frames_before_the_welcome_are_not_permitted(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.frame(1, face)
        await client.next("welcome")
        assert [message["type"] for message in client.received] == ["welcome"]
        ack = await client.ack_where(received=1)
        # The socket opens within milliseconds: where the frame lost the race it is refused.
        assert ack["accepted"] + ack["refused"].get("not_permitted", 0) == 1


async def test_a_ticket_opens_one_socket_once(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    ticket = await ticket_for(permitted)
    async with capture_socket(web, ticket) as client:
        await client.next("welcome")
    await assert_refused_with_403(web, ticket)


@pytest.mark.parametrize("ticket", ["", "never-issued"])
async def test_a_socket_without_a_valid_ticket_is_refused(web: str, ticket: str) -> None:
    await assert_refused_with_403(web, ticket)


async def test_a_foreign_origin_is_refused(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    ticket = await ticket_for(permitted)
    await assert_refused_with_403(web, ticket, origin="https://elsewhere.example")
    async with capture_socket(web, ticket, origin=f"http://{web}") as client:
        await client.next("welcome")


async def assert_refused_with_403(web: str, ticket: str, origin: str | None = None) -> None:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with capture_socket(web, ticket, origin=origin):
            pass
    assert refusal.value.response.status_code == 403


async def test_a_newer_tab_takes_over_and_continues_the_numbers(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as older:
        await older.next("welcome")
        await older.frame(1, face)
        await older.ack_where(accepted=1)
        async with capture_socket(web, await ticket_for(permitted)) as newer:
            assert (await newer.next("welcome"))["next_seq"] == 2
            assert await older.closed() == (4409, "replaced")


async def test_withdrawal_closes_the_socket_and_cancels_the_frame(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await client.frame(1, face)
        await client.ack_where(in_flight=1)
        await db(withdraw_consent)(participant=permitted)
        assert await client.closed() == (4403, "no_consent")
    assert not get_frames_redis().keys("slot:*")


async def test_frames_after_a_new_grant_have_its_epoch(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await db(grant_consent)(
            participant=permitted,
            text_version=await db(get_current_text_version)(),
            grants={"capture": True, "server_processing": True, "own_view": False},
        )
        await asyncio.sleep(0.3)
        await client.frame(1, face)
        await drain_once()
        ack = await client.ack_where(received=1, in_flight=0)
        assert ack["processed"] == 1
        assert not [message for message in client.received if message["type"] == "reading"]


async def test_the_end_of_the_lesson_closes_the_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await db(end_session)(session=permitted.session)
        assert await client.closed() == (4403, "session_ended")


async def test_the_closing_time_closes_the_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    sessions = LessonSession.objects.filter(pk=permitted.session_id)
    await db(sessions.update)(closes_at=timezone.now() + timedelta(seconds=1))
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        assert await client.closed() == (4403, "session_ended")


@pytest.mark.parametrize("mode", ["frames", "lesson"])
async def test_disabling_a_platform_closes_the_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket, mode: Mode
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode)) as client:
        await client.next("welcome")
        people = User.objects.filter(pk=permitted.user_id)
        await db(people.update)(access_suspended=True)
        assert await client.closed() == (4403, "signed_out")


async def test_disabling_a_deployment_closes_the_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted, "lesson")) as client:
        await client.next("welcome")
        await db(Course.objects.update)(access_suspended=True)
        assert await client.closed() == (4403, "signed_out")


async def test_a_ticket_issued_before_opens_no_socket_afterwards(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    ticket = await ticket_for(permitted, "lesson")
    await db(User.objects.update)(access_suspended=True)
    async with capture_socket(web, ticket) as client:
        assert await client.closed() == (4403, "signed_out")


async def test_deleting_the_policy_closes_the_socket_without_a_notification(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await db(DeploymentPolicy.objects.all().delete)()
        assert await client.closed() == (4403, "no_policy")


async def test_readings_can_be_disabled(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await client.send("show_readings", on=False)
        await client.frame(1, face)
        await drain_once()
        await client.ack_where(processed=1)
        assert not [message for message in client.received if message["type"] == "reading"]


async def test_invalid_text_is_an_error_message_and_the_socket_stays_open(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        for text in (
            "not json",
            '{"type":"dance"}',
            '{"type":"visibility","visible":3}',
            "[" * 4000,
            '{"type":"ping","t":' + "[" * 900 + "]" * 900 + "}",
        ):
            await client.socket.send(text)
            assert (await client.next("error"))["reason"] == "bad_message"
        await client.send("ping", t=5)
        assert (await client.next("pong"))["t"] == 5


async def test_a_lesson_socket_needs_no_consent_and_refuses_frames(
    web: str, policy: DeploymentPolicy, ticket_for: IssueTicket, face: bytes
) -> None:
    learner = await db(lambda: make_learner(make_session()))()
    with pytest.raises(TicketRefused):
        await ticket_for(learner)
    async with capture_socket(web, await ticket_for(learner, "lesson")) as client:
        await client.next("welcome")
        await client.frame(1, face)
        assert (await client.ack_where(received=1))["refused"] == {"not_permitted": 1}


async def test_a_socket_without_frames_stays_open(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await asyncio.sleep(10)
        await client.frame(1, face)
        await drain_once()
        assert (await client.next("reading"))["quality"] == "ok"


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
