"""CPU time of the web process alone: real sockets, real slots, readings sent back.

`fake_worker` replaces the frame workers, so that two cores reach a rate at which real workers would
need more. The metrics describe the web process, not the workers.
"""

import asyncio
from pathlib import Path
from typing import Any

from tests.bench.benchmark_command import StreamingProgress
from tests.bench.load.face_frames import make_learner_frames
from tests.bench.load.reconciliation import sum_frames
from tests.bench.load.simulated_class import enter_class, stream_together
from tests.bench.metrics import compute_percentiles
from tests.bench.process_usage import UsageMeter, list_valkey_pids
from tests.bench.temporary_stack import build_web_address, temporary_stack, wait_for_web


def measure_web(
    *,
    participants: int,
    fps: float,
    seconds: float,
    faces: Path | None,
    progress: StreamingProgress,
) -> dict[str, Any]:
    """Return the keys of `bench_web --json`."""
    progress.log("starting a temporary installation with a fake frame worker")
    with temporary_stack(frame_processes=1) as stack:
        stack.run_command("setup_demo")
        stack.start("fake-worker", "tests.bench.fake_worker")
        stack.start_web()
        wait_for_web(stack)
        progress.log("entering learners")
        learners = enter_class(
            build_web_address(stack), make_learner_frames(faces, participants), fps
        )
        meter = UsageMeter(
            {
                "web": [stack.processes["web"].pid],
                "redis": list_valkey_pids(),
                "fake_worker": [stack.processes["fake-worker"].pid],
                "stand_in": [stack.processes["fake-worker"].pid],  # its name in release 0.1.0
            }
        )
        asyncio.run(
            stream_together(learners, fps=fps, seconds=seconds, meter=meter, progress=progress)
        )
        stack.check_running()
    logs = [learner.log for learner in learners]
    totals = sum_frames(log.ack for log in logs)
    reading_ms = [ms for log in logs for ms in log.reading_ms]
    return {
        "participants": participants,
        "fps": fps,
        "seconds": seconds,
        "received": totals.received,
        "refused": dict(totals.refused),
        "processed": totals.processed,
        "lost": dict(totals.lost),
        "readings": len(reading_ms),
        "frames_per_second": round(totals.received / seconds, 1),
        "reading_ms": compute_percentiles(reading_ms, 50, 95, 99),
        "cpu_ms_per_frame": meter.compute_cpu_ms_per_frame(totals.received),
        "rss_mb": meter.rss_mb,
        "problems": sorted({log.error for log in logs if log.error}),
    }
