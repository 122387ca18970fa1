"""A class of simulated learners: they come in, stream together, and leave."""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bench.learners import Learner, Told
from tests.bench.person import DemoPerson

AT_THE_DOOR = 4
"""How many come in at once."""
Tick = Callable[[float, int, int], None]
"""Told every half second: seconds of streaming so far, frames sent, frames processed."""


@dataclass
class Seat:
    """A person and the camera before them."""

    person: DemoPerson
    learner: Learner

    @property
    def told(self) -> Told:
        return self.learner.told

    async def join(self) -> None:
        await self.learner.join(await asyncio.to_thread(self.person.ticket))


def seat_class(address: str, frames: Sequence[Sequence[bytes]], fps: float) -> list[Seat]:
    """Everybody enters under a fresh name and consents. Raises DoorClosed."""
    run = os.urandom(3).hex()

    def seat(number: int) -> Seat:
        person = DemoPerson(address)
        person.enter(role="student", name=f"Simulated {run} {number + 1}")
        person.consent()
        return Seat(person, Learner(frames[number], fps))

    with ThreadPoolExecutor(AT_THE_DOOR) as door:
        return list(door.map(seat, range(len(frames))))


async def stream_together(
    seats: Sequence[Seat],
    *,
    fps: float,
    seconds: float,
    started: Callable[[], None],
    stopped: Callable[[], None],
    tick: Tick,
) -> None:
    """All sockets open, then all stream, evenly staggered, then all wait and leave."""
    for seat in seats:
        await seat.join()
    started()
    ticking = asyncio.create_task(_tick(seats, tick))
    stagger = 1 / (fps * len(seats))
    await asyncio.gather(
        *(seat.learner.stream(place * stagger, seconds) for place, seat in enumerate(seats))
    )
    stopped()
    ticking.cancel()
    await asyncio.gather(*(seat.learner.leave() for seat in seats))


async def _tick(seats: Sequence[Seat], tick: Tick) -> None:
    started = asyncio.get_running_loop().time()
    while True:
        await asyncio.sleep(0.5)
        sent = sum(len(seat.told.sent_at) for seat in seats)
        processed = sum(seat.told.ack.get("processed", 0) for seat in seats)
        tick(asyncio.get_running_loop().time() - started, sent, processed)
