"""How fast a withdrawal is: to the last decode, to the closed socket, to what was kept erased.

A class streams steadily; beside it some learners agree, stream, take everything back at a random
moment, wait for their receipt, and agree again. Decodes are counted from the time that stands in
the withdrawn row, which is taken just before its commit; what a person waits for, from the moment
the request is sent.
"""

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import redis

from tests.bench import decode_watch
from tests.bench.classroom import Seat, seat_class
from tests.bench.faces import learner_frames, portraits_in
from tests.bench.learners import Learner
from tests.bench.reconciliation import percentile
from tests.bench.temporary_stack import database_of, temporary_stack

STREAM_SECONDS = (2.0, 4.0)
ERASED_BY_SECONDS = 60.0
SETTLED_SECONDS = 2.5
"""After a withdrawal, until nothing that was under way can decode any more."""
ASK_SECONDS = 0.1
Say = Callable[[str], None]


@dataclass
class Measured:
    decode_ms: list[float] = field(default_factory=list)
    """the last decode under the withdrawn epoch; negative where it lay before the withdrawal"""
    closed_ms: list[float] = field(default_factory=list)
    erased_ms: list[float] = field(default_factory=list)
    windows_left: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Notes:
    """What is known from inside: when decodes began, and when a withdrawal was stamped."""

    frames: redis.Redis
    database: Path

    def last_decode_ms(self, participant_id: UUID, epoch: int) -> float | None:
        """From the withdrawal to the last decode before it or after; None: never decoded."""
        began: Any = self.frames.get(decode_watch.decoded_key(participant_id, epoch))
        if began is None:
            return None
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            row = database.execute(
                "SELECT withdrawn_at FROM consent_consent WHERE participant_id = ?",
                (participant_id.hex,),
            ).fetchone()
        stamped = datetime.fromisoformat(row[0]).replace(tzinfo=UTC)
        return int(began) - stamped.timestamp() * 1000


def measure_withdrawal(
    *, participants: int, changing: int, fps: float, seconds: float, faces: Path | None, say: Say
) -> dict[str, Any]:
    """The figures of `bench_withdrawal --json`."""
    say("starting an installation of its own")
    with temporary_stack(frame_processes=2) as stack:
        stack.run_command("setup_demo")
        stack.start_web()
        stack.start_workers(include=decode_watch.__name__)
        stack.wait_until_ready(timeout_s=120)
        address = f"http://127.0.0.1:{stack.port}"
        say("the class comes in")
        pictures = learner_frames(portraits_in(faces), participants + changing)
        seats = seat_class(address, pictures, fps)
        measured = Measured()
        notes = Notes(
            redis.Redis(unix_socket_path=str(stack.run_dir / "frames.sock")),
            database_of(stack.run_dir.parent),
        )
        steady, moving = seats[:participants], seats[participants:]
        asyncio.run(_lesson(steady, moving, pictures[participants:], fps, seconds, notes, measured))
    accepted = sum(seat.told.ack.get("accepted", 0) for seat in steady)
    return _figures(measured) | {
        "participants": participants,
        "changing": changing,
        "fps": fps,
        "seconds": seconds,
        "accepted_per_second": round(accepted / seconds, 1),
        "load": round(os.getloadavg()[0], 1),
    }


async def _lesson(
    steady: Sequence[Seat],
    moving: Sequence[Seat],
    pictures: Sequence[Sequence[bytes]],
    fps: float,
    seconds: float,
    notes: Notes,
    measured: Measured,
) -> None:
    for seat in steady:
        await seat.join()
    until = time.monotonic() + seconds
    streaming = [
        asyncio.create_task(seat.learner.stream(random.random() / fps, seconds)) for seat in steady
    ]
    await asyncio.gather(
        *(
            _agree_and_withdraw(seat, frames, fps, until, notes, measured)
            for seat, frames in zip(moving, pictures, strict=True)
        )
    )
    await asyncio.gather(*streaming)
    await asyncio.gather(*(seat.learner.leave() for seat in steady))


async def _agree_and_withdraw(
    seat: Seat,
    frames: Sequence[bytes],
    fps: float,
    until: float,
    notes: Notes,
    measured: Measured,
) -> None:
    while time.monotonic() < until:
        seat.learner = Learner(frames, fps)
        await seat.join()
        streaming = asyncio.create_task(seat.learner.stream(0.0, 60.0))
        await asyncio.sleep(random.uniform(*STREAM_SECONDS))
        said = await asyncio.to_thread(seat.person.said)
        sent = time.time()
        await asyncio.to_thread(seat.person.withdraw)
        await _watch_the_end(seat, sent, measured)
        streaming.cancel()
        last = notes.last_decode_ms(UUID(seat.person.participant_id), said["epoch"])
        if last is not None:
            measured.decode_ms.append(last)
        await asyncio.to_thread(seat.person.consent)


async def _watch_the_end(seat: Seat, sent: float, measured: Measured) -> None:
    """Until the socket is closed, the receipt is there and nothing can be under way."""
    closed = erased = None
    while time.time() < sent + ERASED_BY_SECONDS and (closed is None or erased is None):
        if closed is None and seat.told.trouble:
            closed = time.time()
        if erased is None and (await asyncio.to_thread(seat.person.said))["erased"]:
            erased = time.time()
        await asyncio.sleep(ASK_SECONDS)
    await asyncio.sleep(max(0.0, sent + SETTLED_SECONDS - time.time()))
    measured.windows_left += len(await asyncio.to_thread(seat.person.windows))
    for moment, times in ((closed, measured.closed_ms), (erased, measured.erased_ms)):
        if moment is None:
            measured.problems.append("a socket stayed open or no receipt came within a minute")
        else:
            times.append((moment - sent) * 1000)


def _figures(measured: Measured) -> dict[str, Any]:
    late = [max(0.0, ms) for ms in measured.decode_ms]
    return {
        "withdrawals": len(measured.erased_ms),
        "last_decode_ms": _spread(late),
        "decodes_after": sum(ms > 0 for ms in measured.decode_ms),
        "closed_ms": _spread(measured.closed_ms),
        "erased_ms": _spread(measured.erased_ms),
        "windows_left": measured.windows_left,
        "problems": sorted(set(measured.problems)),
    }


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    shares = {f"p{share}": percentile(values, share / 100) for share in (50, 99)}
    return shares | {"max": round(max(values), 1) if values else None}


def as_text(result: dict[str, Any]) -> str:
    lines = [
        f"{result['participants']} learners stream steadily, {result['accepted_per_second']} "
        f"frames/s; {result['changing']} others took back {result['withdrawals']} times; "
        f"load average {result['load']}.",
        "In ms, decodes from the withdrawal, the rest from its request:",
    ]
    for name, words in (
        ("last_decode_ms", "last decode"),
        ("closed_ms", "socket closed"),
        ("erased_ms", "erased, with a receipt"),
    ):
        spread = ", ".join(f"{share} {value}" for share, value in result[name].items())
        lines.append(f"  {words}: {spread}")
    lines.append(f"windows left afterwards: {result['windows_left']}")
    lines += result["problems"]
    lines.append(
        f"In one line: {result['withdrawals']} withdrawals, last decode p99 "
        f"{result['last_decode_ms']['p99']} ms after, erased p99 {result['erased_ms']['p99']} ms, "
        f"{result['windows_left']} windows left, {len(result['problems'])} problems."
    )
    return "\n".join(lines)
