"""A class streaming real faces through the real socket, and what it measured.

Everything is seen from outside: by the sockets' `ack` messages and readings, by `my-report`, and,
for a stack of our own, by its database's rows and its processes' CPU time.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.classroom import Seat, Tick, seat_class, stream_together
from tests.bench.faces import learner_frames, portraits_in
from tests.bench.person import DemoPerson
from tests.bench.reconciliation import (
    UNSURE_SECONDS,
    WindowCheck,
    account_of,
    check_windows,
    fairness,
    percentile,
)
from tests.bench.window_watch import (
    Sighting,
    WindowTimes,
    WindowWatch,
    in_database,
    in_my_report,
)

if TYPE_CHECKING:
    from tests.bench.meter import Meter

CLOSED_BY_SECONDS = 8
"""After a window's end: closed after seven at the latest, and one more for the looking."""
SAMPLE = 3
UNKNOWN = {"web": None, "worker": None, "redis": None}
SHOWN_PROBLEMS = 20
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What was asked of `simulate`."""

    participants: int
    fps: float
    seconds: float
    faces: Path | None
    processes: int


@dataclass(frozen=True)
class Target:
    """The installation under load; what can be seen of it from inside only where it is ours."""

    address: str
    database: Path | None = None
    roles: Mapping[str, Sequence[int]] | None = None


@dataclass
class Measured:
    seats: list[Seat]
    checks: list[WindowCheck]
    times: WindowTimes
    meter: "Meter | None"


def simulate_running(address: str, wanted: Wanted, say: Say, tick: Tick) -> dict[str, Any]:
    """Drive a demonstration that runs already. Raises DoorClosed where it is none."""
    DemoPerson(address).knock()
    faces = _faces(wanted, say)
    return figures(_measure(Target(address), wanted, faces, say, tick), wanted)


def simulate_alone(wanted: Wanted, say: Say, tick: Tick) -> dict[str, Any]:
    """Start a stack of our own on a temporary database, measure it, and delete it."""
    faces = _faces(wanted, say)  # first: without a face, half a minute of starting would be wasted
    with own_target(wanted.processes, say) as target:
        return figures(_measure(target, wanted, faces, say, tick), wanted)


def _faces(wanted: Wanted, say: Say) -> list[list[bytes]]:
    say("making faces")
    return learner_frames(portraits_in(wanted.faces), wanted.participants)


@contextmanager
def own_target(processes: int, say: Say) -> Iterator[Target]:
    from tests.bench.temporary_stack import database_of, temporary_stack
    from tests.bench.usage import valkey_pids

    say("starting an installation of its own")
    with temporary_stack(frame_processes=processes) as stack:
        stack.run_command("setup_demo")
        stack.start_web()
        stack.start_workers()
        stack.wait_until_ready(timeout_s=120)
        pids = {name: process.pid for name, process in stack.processes.items()}
        yield Target(
            address=f"http://127.0.0.1:{stack.port}",
            database=database_of(stack.run_dir.parent),
            roles={
                "web": [pids["web"]],
                "worker": [pids["worker"]],
                "redis": valkey_pids(),
                "aggregation": [pids["aggregation"], pids["beat"]],
                "clerk": [pids["aggregation"], pids["beat"]],  # its name in release 0.1.0
            },
        )


def _measure(
    target: Target, wanted: Wanted, faces: list[list[bytes]], say: Say, tick: Tick
) -> Measured:
    say("the class comes in")
    seats = seat_class(target.address, faces, wanted.fps)
    meter = _meter(target)
    with WindowWatch(*_look(target, seats)) as watch:
        asyncio.run(
            stream_together(
                seats,
                fps=wanted.fps,
                seconds=wanted.seconds,
                started=meter.start if meter else _nothing,
                stopped=meter.stop if meter else _nothing,
                tick=tick,
            )
        )
        say("waiting for the last windows to close")
        time.sleep(max(0.0, _last_window_closed_at(seats) - time.time()))
    checks = [check_windows(seat.told, seat.person.windows()) for seat in seats]
    return Measured(seats, checks, watch.times, meter)


def _meter(target: Target) -> "Meter | None":
    if target.roles is None:
        return None
    from tests.bench.meter import Meter  # psutil looks at processes of this machine only

    return Meter(target.roles)


def _nothing() -> None:
    pass


def _look(target: Target, seats: Sequence[Seat]) -> tuple[Callable[[], Iterator[Sighting]], float]:
    if target.database is not None:
        return in_database(target.database, since=time.time()), 0.1
    return in_my_report([seat.person for seat in seats[:SAMPLE]]), 0.5


def _last_window_closed_at(seats: Sequence[Seat]) -> float:
    last = max((max(seat.told.sent_at.values(), default=0.0) for seat in seats), default=0.0)
    return ((last + UNSURE_SECONDS) // WINDOW_SECONDS + 1) * WINDOW_SECONDS + CLOSED_BY_SECONDS


def figures(measured: Measured, wanted: Wanted) -> dict[str, Any]:
    """The keys that scripts read, and more beside them."""
    told = [seat.told for seat in measured.seats]
    total = account_of(each.ack for each in told)
    latencies = [ms for each in told for ms in each.reading_ms]
    counted, closed = measured.times.counted_ms(), measured.times.closed_ms()
    sent = sum(len(each.sent_at) for each in told)
    meter = measured.meter
    return {
        "participants": wanted.participants,
        "fps": wanted.fps,
        "seconds": wanted.seconds,
        "sent": sent,
        "received": total.received,
        "accepted": total.accepted,
        "refused": dict(total.refused),
        "processed": total.processed,
        "lost": dict(total.lost),
        "in_flight": total.in_flight,
        "identity_ok": sent == total.received
        and all(account_of([each.ack]).balanced and each.settled for each in told),
        "windows_expected": sum(check.expected for check in measured.checks),
        "windows_found": sum(check.found for check in measured.checks),
        "windows_wrong": sum(check.wrong for check in measured.checks),
        "reading_ms": _percentiles(latencies, 50, 95, 99),
        "window_ms": _percentiles(counted, 50, 99),
        "window_closed_ms": _percentiles(closed, 50, 99),
        "processed_per_second": round(total.processed / wanted.seconds, 1),
        "fairness": fairness([each.ack.get("processed", 0) for each in told]),
        "qualities": dict(sum((each.qualities for each in told), Counter())),
        # the worker's by frames processed, everybody else's by frames received
        "cpu_ms_per_frame": meter.per_frame(total.received, worker=total.processed)
        if meter
        else UNKNOWN,
        "rss_mb": meter.rss_mb if meter else UNKNOWN,
        "problems": _problems(measured)[:SHOWN_PROBLEMS],
    }


def sums_agree(result: Mapping[str, Any]) -> bool:
    return bool(
        result["identity_ok"]
        and not result["windows_wrong"]
        and result["windows_found"] == result["windows_expected"]
    )


def _percentiles(values: Sequence[float], *shares: int) -> dict[str, float | None]:
    return {f"p{share}": percentile(values, share / 100) for share in shares}


def _problems(measured: Measured) -> list[str]:
    problems = []
    for number, (seat, check) in enumerate(
        zip(measured.seats, measured.checks, strict=True), start=1
    ):
        told = seat.told
        lines = [told.trouble] if told.trouble else []
        if not told.settled:
            lines.append(f"{len(told.sent_at)} frames sent, the last ack was {told.ack}")
        problems += [f"learner {number}: {line}" for line in [*lines, *check.problems]]
    return problems
