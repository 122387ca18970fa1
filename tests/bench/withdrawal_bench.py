"""Time from a withdrawal of consent to the last decode, the closed socket and the erasure.

A class streams steadily. Some more learners consent, stream, withdraw at a random moment, wait for
the receipt of the erasure, and consent again. Decodes are measured from `withdrawn_at` in the
database, which is set just before the commit; the rest from the sending of the request.
"""

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import redis

from tests.bench import decode_recorder
from tests.bench.benchmark_command import Log
from tests.bench.load.face_frames import make_learner_frames
from tests.bench.load.learner_client import LearnerClient
from tests.bench.load.simulated_class import enter_class
from tests.bench.metrics import compute_percentiles
from tests.bench.temporary_stack import build_database_path, build_web_address, temporary_demo

STREAM_S = (2.0, 4.0)
MAX_ERASURE_S = 60.0
MAX_DECODE_DELAY_S = 2.5
"""After a withdrawal, until no frame in progress can be decoded any more."""
POLL_INTERVAL_S = 0.1


@dataclass
class Measurement:
    decode_ms: list[float] = field(default_factory=list)
    """Last decode under the withdrawn epoch; negative before the withdrawal."""
    closed_ms: list[float] = field(default_factory=list)
    erased_ms: list[float] = field(default_factory=list)
    windows_left: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Bench:
    """Runs the withdrawals; reads decodes and withdrawals from the stack's Valkey and database."""

    fps: float
    frames: redis.Redis
    database: Path
    measurement: Measurement = field(default_factory=Measurement)

    async def run(
        self, steady: Sequence[LearnerClient], changing: Sequence[LearnerClient], seconds: float
    ) -> None:
        for learner in steady:
            await learner.join()
        until = time.monotonic() + seconds
        streaming = [
            asyncio.create_task(learner.stream(random.random() / self.fps, seconds))
            for learner in steady
        ]
        await asyncio.gather(*(self._withdraw_repeatedly(learner, until) for learner in changing))
        await asyncio.gather(*streaming)
        await asyncio.gather(*(learner.leave() for learner in steady))

    async def _withdraw_repeatedly(self, entered: LearnerClient, until: float) -> None:
        demo = entered.demo
        while time.monotonic() < until:
            learner = LearnerClient(demo, entered.frames, self.fps)
            await learner.join()
            streaming = asyncio.create_task(learner.stream(0.0, 60.0))
            await asyncio.sleep(random.uniform(*STREAM_S))
            consent = await asyncio.to_thread(demo.get_consent)
            sent_at = time.time()
            await asyncio.to_thread(demo.withdraw_consent)
            await self._wait_for_erasure(learner, sent_at)
            streaming.cancel()
            last = self._measure_last_decode_ms(UUID(demo.participant_id), consent["epoch"])
            if last is not None:
                self.measurement.decode_ms.append(last)
            await asyncio.to_thread(demo.grant_consent)

    async def _wait_for_erasure(self, learner: LearnerClient, sent_at: float) -> None:
        """Wait until the socket is closed, the receipt exists and no frame is in progress."""
        closed_at = erased_at = None
        deadline = sent_at + MAX_ERASURE_S
        while time.time() < deadline and (closed_at is None or erased_at is None):
            if closed_at is None and learner.log.error:
                closed_at = time.time()
            if erased_at is None and (await asyncio.to_thread(learner.demo.get_consent))["erased"]:
                erased_at = time.time()
            await asyncio.sleep(POLL_INTERVAL_S)
        await asyncio.sleep(max(0.0, sent_at + MAX_DECODE_DELAY_S - time.time()))
        measurement = self.measurement
        measurement.windows_left += len(await asyncio.to_thread(learner.demo.list_windows))
        for at, times in (
            (closed_at, measurement.closed_ms),
            (erased_at, measurement.erased_ms),
        ):
            if at is None:
                measurement.problems.append(
                    "a socket stayed open or no receipt came within a minute"
                )
            else:
                times.append((at - sent_at) * 1000)

    def _measure_last_decode_ms(self, participant_id: UUID, epoch: int) -> float | None:
        """Return the time from the withdrawal to the last decode; None without a decode."""
        decoded_ms: Any = self.frames.get(decode_recorder.build_decode_key(participant_id, epoch))
        if decoded_ms is None:
            return None
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            row = database.execute(
                "SELECT withdrawn_at FROM consent_consent WHERE participant_id = ?",
                (participant_id.hex,),
            ).fetchone()
        withdrawn_at = datetime.fromisoformat(row[0]).replace(tzinfo=UTC)
        return int(decoded_ms) - withdrawn_at.timestamp() * 1000


def measure_withdrawal(
    *, participants: int, changing: int, fps: float, seconds: float, faces: Path | None, log: Log
) -> dict[str, Any]:
    """Return the keys of `bench_withdrawal --json`."""
    log("starting a temporary installation")
    with temporary_demo(frame_processes=2, worker_module=decode_recorder.__name__) as stack:
        log("entering learners")
        frames = make_learner_frames(faces, participants + changing)
        learners = enter_class(build_web_address(stack), frames, fps)
        bench = Bench(
            fps,
            redis.Redis(unix_socket_path=str(stack.run_dir / "frames.sock")),
            build_database_path(stack.run_dir.parent),
        )
        steady = learners[:participants]
        asyncio.run(bench.run(steady, learners[participants:], seconds))
    accepted = sum(learner.log.ack.get("accepted", 0) for learner in steady)
    return compute_metrics(bench.measurement) | {
        "participants": participants,
        "changing": changing,
        "fps": fps,
        "seconds": seconds,
        "accepted_per_second": round(accepted / seconds, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def compute_metrics(measurement: Measurement) -> dict[str, Any]:
    return {
        "withdrawals": len(measurement.erased_ms),
        "last_decode_ms": _compute_spread([max(0.0, ms) for ms in measurement.decode_ms]),
        "decodes_after": sum(ms > 0 for ms in measurement.decode_ms),
        "closed_ms": _compute_spread(measurement.closed_ms),
        "erased_ms": _compute_spread(measurement.erased_ms),
        "windows_left": measurement.windows_left,
        "problems": sorted(set(measurement.problems)),
    }


def _compute_spread(values: Sequence[float]) -> dict[str, float | None]:
    return compute_percentiles(values, 50, 99) | {"max": round(max(values), 1) if values else None}
