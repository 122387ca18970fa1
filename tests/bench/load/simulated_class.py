"""A class of simulated learners that join, stream together and leave."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.bench.benchmark_command import StreamingProgress
from tests.bench.load.demo_client import DemoClient
from tests.bench.load.learner_client import LearnerClient
from tests.bench.process_usage import UsageMeter

MAX_CONCURRENT_ENTRIES = 4
PROGRESS_INTERVAL_S = 0.5


def enter_class(address: str, frames: Sequence[Sequence[bytes]], fps: float) -> list[LearnerClient]:
    """Enter one learner for each list of frames, under a new name, with consent.

    Raises:
        DemoError: The demonstration refused one of them.
    """
    run = os.urandom(3).hex()

    def enter(number: int) -> LearnerClient:
        demo = DemoClient(address)
        demo.enter(role="student", name=f"Simulated {run} {number + 1}")
        demo.grant_consent()
        return LearnerClient(demo, frames[number], fps)

    with ThreadPoolExecutor(MAX_CONCURRENT_ENTRIES) as pool:
        return list(pool.map(enter, range(len(frames))))


async def stream_together(
    learners: Sequence[LearnerClient],
    *,
    fps: float,
    seconds: float,
    meter: UsageMeter | None,
    progress: StreamingProgress,
) -> None:
    """Open all sockets, stream with evenly staggered starts, then leave.

    The meter runs from the first frame to the last.
    """
    for learner in learners:
        await learner.join()
    if meter:
        meter.start()
    reporting = asyncio.create_task(_report_progress(learners, progress))
    stagger_s = 1 / (fps * len(learners))
    await asyncio.gather(
        *(learner.stream(index * stagger_s, seconds) for index, learner in enumerate(learners))
    )
    if meter:
        meter.stop()
    reporting.cancel()
    await asyncio.gather(*(learner.leave() for learner in learners))


async def _report_progress(learners: Sequence[LearnerClient], progress: StreamingProgress) -> None:
    started = asyncio.get_running_loop().time()
    while True:
        await asyncio.sleep(PROGRESS_INTERVAL_S)
        sent = sum(len(learner.log.sent_at) for learner in learners)
        processed = sum(learner.log.ack.get("processed", 0) for learner in learners)
        progress.update(asyncio.get_running_loop().time() - started, sent, processed)
