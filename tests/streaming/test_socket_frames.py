"""Refused and faceless frames over a real socket."""

import asyncio
import struct

import cv2
import numpy as np
import pytest
from pytest_django import Settings

from fer_lms.lessons.models import Participant
from fer_lms.streaming.worker.drain import drain, get_pipeline
from tests.servers import IssueTicket, capture_socket
from tests.streaming.draining import drain_once


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
