"""Fills frame slots as a web process does, all at once, and waits for the outcomes."""

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import redis

from fer_lms.engagement.observations import locate_window
from fer_lms.streaming.wire.outcomes import build_outcomes_key, unpack_outcomes
from fer_lms.streaming.wire.slots import (
    PUT_SCRIPT,
    READY_KEY,
    Progress,
    SlotFrame,
    build_lane_key,
    build_owner_key,
    build_progress_key,
    build_slot_key,
)
from tests.bench.errors import BenchmarkError

POLL_INTERVAL_S = 0.02


class FramesLostError(BenchmarkError):
    """Not every frame resulted in a reading, so that variants cannot be compared."""


class SlotFeeder:
    def __init__(self, frames: redis.Redis, preset: str) -> None:
        self.participants: list[bytes] = []
        self._frames = frames
        self._put = frames.register_script(PUT_SCRIPT)
        self._preset = preset
        self._web = os.urandom(8)
        self._connection = os.urandom(8)

    def pack_frames(self, jpegs: Sequence[bytes]) -> Iterator[bytes]:
        return (frame.pack() for frame in self._build_frames(jpegs))

    def fill_slots(self, jpegs: Sequence[bytes]) -> None:
        """Fill one participant's slot for each frame, without notifying workers."""
        pipe = self._frames.pipeline(transaction=False)
        pipe.delete(READY_KEY)
        pipe.unlink(build_outcomes_key(self._web))
        for frame in self._build_frames(jpegs):
            participant = frame.participant_id
            self._put(
                keys=[
                    build_slot_key(participant),
                    READY_KEY,
                    build_owner_key(participant, "frames"),
                    build_progress_key(participant),
                ],
                args=[
                    frame.pack(),
                    participant.bytes,
                    self._connection,
                    0,
                    frame.received_ms,
                    Progress(frame.seq + 1, (frame.window, frame.step)).pack(),
                ],
                client=pipe,
            )
        pipe.execute()

    def wait_until_idle(self, lanes: int) -> None:
        """Wait until no drain of the previous measurement runs."""
        keys = [build_lane_key(lane) for lane in range(lanes)]
        while self._frames.exists(*keys):
            time.sleep(0.05)

    def wait_for_readings(self, count: int, seconds: float) -> None:
        """Wait for so many readings. Raises FramesLostError."""
        read, deadline = 0, time.monotonic() + seconds
        while read < count:
            if time.monotonic() > deadline:
                raise FramesLostError(f"{count - read} of {count} frames have no outcome")
            time.sleep(POLL_INTERVAL_S)
            read += self._count_new_readings()

    def _count_new_readings(self) -> int:
        key: Any = build_outcomes_key(self._web)
        batches: Any = self._frames.lpop(key, 1000) or []
        outcomes = [outcome for packed in batches for outcome in unpack_outcomes(packed)]
        lost = {outcome.lost for outcome in outcomes if outcome.lost}
        if lost:
            raise FramesLostError(f"frames were lost: {', '.join(lost)}")
        return len(outcomes)

    def _build_frames(self, jpegs: Sequence[bytes]) -> Iterator[SlotFrame]:
        now = time.time_ns() // 1_000_000
        window, step = locate_window(now)
        for seq, (participant, jpeg) in enumerate(zip(self.participants, jpegs, strict=False)):
            yield SlotFrame(
                participant_id=UUID(bytes=participant),
                window=window,
                step=step,
                epoch=1,
                seq=seq,
                received_ms=now,
                connection=self._connection,
                web_id=self._web,
                preset=self._preset,
                jpeg=jpeg,
            )
