"""Mode `scores` of `fer.capture.v1`: scores in place of frames."""

import time
from typing import Any

import pytest

from fer_lms.lessons.models import Participant
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.wire.slots import build_owner_key, build_progress_key, unpack_progress
from inference.models.released import select_model
from inference.results import SIGNS
from tests.servers import IssueTicket, capture_socket


def scores_of(seq: int, **change: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "captured_ms": time.monotonic_ns() // 1_000_000,
        "labels_version": "ferplus-8",
        "scores": [0.9, 0.1, 0, 0, 0, 0, 0, 0],
        "pose": [0.0, 0.0, 0.0],
        "signs": dict.fromkeys(SIGNS, 0.3),
        "quality": "ok",
        "model": select_model().sha256,
    } | change


async def test_scores_are_counted_and_sent_back_as_a_reading(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        await client.next("welcome")
        await client.send("scores", **scores_of(1))
        reading = await client.next("reading")
        assert (reading["seq"], reading["quality"]) == (1, "ok")
        assert reading["scores"]["neutral"] == pytest.approx(0.9)
        assert reading["engagement"] is not None
        ack = await client.ack_where(processed=1)
        assert (ack["received"], ack["accepted"]) == (1, 1)


async def test_a_number_out_of_range_is_refused_and_the_socket_stays_open(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        await client.next("welcome")
        await client.send("scores", **scores_of(1, pose=[10**400, 0, 0]))
        assert (await client.ack_where(received=1))["refused"] == {"bad_header": 1}
        await client.send("scores", **scores_of(2))
        await client.ack_where(processed=1)


async def test_scores_continue_where_the_last_socket_stopped(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        await client.next("welcome")
        await client.send("scores", **scores_of(7))
        await client.ack_where(processed=1)
    stored: Any = get_frames_redis().get(build_progress_key(permitted.pk))
    progress = unpack_progress(stored)
    assert progress.next_seq == 8
    assert progress.last > (0, 0)
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        assert (await client.next("welcome"))["next_seq"] == 8
        await client.send("scores", **scores_of(7))
        assert (await client.ack_where(received=1))["refused"] == {"bad_seq": 1}


async def test_scores_of_a_replaced_socket_are_not_counted(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        await client.next("welcome")
        # As set by another web process, whose message has not arrived yet.
        get_frames_redis().set(build_owner_key(permitted.pk, "scores"), b"another!")
        await client.send("scores", **scores_of(1))
        assert await client.closed() == (4409, "replaced")
        ack = [message for message in client.received if message["type"] == "ack"][-1]
        assert (ack["accepted"], ack["refused"]) == (0, {"not_permitted": 1})


async def test_frames_are_refused_in_on_device_mode(
    web: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        await client.next("welcome")
        await client.frame(1, face)
        ack = await client.ack_where(received=1)
        assert ack["refused"] == {"not_permitted": 1}


async def test_scores_of_another_network_are_refused(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode="scores")) as client:
        await client.next("welcome")
        await client.send("scores", **scores_of(1, model="a" * 64))
        ack = await client.ack_where(received=1)
        assert ack["refused"] == {"bad_header": 1}
