"""CPU time of the web process alone: real sockets, real slots, readings sent back.

In place of the frame workers stands tests.bench.fake_worker, which answers at once, so
that two cores reach a rate at which real workers would need more. Its readings are made up, and
none of these figures says anything about workers.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fer_lms.stack import Stack, StackError
from tests.bench.classroom import Tick, seat_class, stream_together
from tests.bench.faces import learner_frames, portraits_in
from tests.bench.meter import Meter
from tests.bench.person import DemoPerson, DoorClosed
from tests.bench.reconciliation import account_of, percentile
from tests.bench.temporary_stack import temporary_stack
from tests.bench.usage import valkey_pids

START_SECONDS = 60
Say = Callable[[str], None]


def measure_web(
    *, participants: int, fps: float, seconds: float, faces: Path | None, say: Say, tick: Tick
) -> dict[str, Any]:
    """The figures of `bench_web --json`."""
    say("starting an installation of its own, with a stand-in for the frame workers")
    with temporary_stack(frame_processes=1) as stack:
        stack.run_command("setup_demo")
        stack.start("stand-in", "tests.bench.fake_worker")
        stack.start_web()
        address = _answering(stack)
        say("the class comes in")
        pictures = learner_frames(portraits_in(faces), participants)
        seats = seat_class(address, pictures, fps)
        meter = Meter(
            {
                "web": [stack.processes["web"].pid],
                "redis": valkey_pids(),
                "stand_in": [stack.processes["stand-in"].pid],
            }
        )
        asyncio.run(
            stream_together(
                seats,
                fps=fps,
                seconds=seconds,
                started=meter.start,
                stopped=meter.stop,
                tick=tick,
            )
        )
        stack.check_running()
    told = [seat.told for seat in seats]
    total = account_of(each.ack for each in told)
    readings = [ms for each in told for ms in each.reading_ms]
    return {
        "participants": participants,
        "fps": fps,
        "seconds": seconds,
        "received": total.received,
        "refused": dict(total.refused),
        "processed": total.processed,
        "lost": dict(total.lost),
        "readings": len(readings),
        "frames_per_second": round(total.received / seconds, 1),
        "reading_ms": {f"p{share}": percentile(readings, share / 100) for share in (50, 95, 99)},
        "cpu_ms_per_frame": meter.per_frame(total.received),
        "rss_mb": meter.rss_mb,
        "problems": sorted({each.trouble for each in told if each.trouble}),
    }


def _answering(stack: Stack) -> str:
    """The web process's address, once it answers."""
    address = f"http://127.0.0.1:{stack.port}"
    deadline = time.monotonic() + START_SECONDS
    while True:
        stack.check_running()
        try:
            DemoPerson(address).knock()
        except DoorClosed as closed:
            if time.monotonic() > deadline:
                raise StackError(f"the web process does not answer: {closed}") from closed
            time.sleep(0.2)
        else:
            return address
