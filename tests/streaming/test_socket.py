"""`fer.capture.v1` over a real socket: opening, closing, messages."""

import asyncio
from datetime import timedelta

import pytest
import websockets
from channels.db import database_sync_to_async as db
from django.utils import timezone

from fer_lms.consent.actions import grant_consent, withdraw_consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import Course, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.web.tickets import Mode, TicketRefused
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from tests.factories import make_learner, make_session
from tests.servers import IssueTicket, capture_socket
from tests.streaming.draining import drain_once


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
