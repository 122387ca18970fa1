"""Load test: a class streams real faces through the real socket.

Measured from outside, by the sockets' `ack` messages and readings and by `my-report`; for a
temporary installation also by its database and the CPU time of its processes.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.benchmark_command import StreamingProgress
from tests.bench.load.demo_client import DemoClient
from tests.bench.load.face_frames import make_learner_frames
from tests.bench.load.learner_client import LearnerClient
from tests.bench.load.reconciliation import MAX_TRANSIT_S, WindowCheck, check_windows, sum_frames
from tests.bench.load.simulated_class import enter_class, stream_together
from tests.bench.load.window_observer import (
    WindowObserver,
    WindowTimes,
    build_database_reader,
    build_report_reader,
)
from tests.bench.metrics import compute_fairness, compute_percentiles
from tests.bench.process_usage import UsageMeter, list_valkey_pids
from tests.bench.temporary_stack import build_database_path, build_web_address, temporary_demo

MAX_CLOSING_S = 8
"""From a window's end: closed after 7 s at the latest, and 1 s to read it."""
MAX_OBSERVED_REPORTS = 3
MAX_PROBLEMS = 20
UNKNOWN_USAGE = {"web": None, "worker": None, "redis": None}


@dataclass(frozen=True)
class SimulationOptions:
    participants: int
    fps: float
    seconds: float
    faces: Path | None
    processes: int


@dataclass(frozen=True)
class Target:
    """The installation under load; database and process ids where it is a temporary one."""

    address: str
    database: Path | None = None
    roles: Mapping[str, Sequence[int]] | None = None


@dataclass
class Measurement:
    learners: list[LearnerClient]
    checks: list[WindowCheck]
    times: WindowTimes
    meter: UsageMeter | None


def simulate_on_running(
    address: str, options: SimulationOptions, progress: StreamingProgress
) -> dict[str, Any]:
    """Load a running demonstration. Raises DemoError where the address is none."""
    DemoClient(address).fetch_entry_page()
    frames = _make_frames(options, progress)
    return compute_metrics(_measure(Target(address), options, frames, progress), options)


def simulate_on_temporary(
    options: SimulationOptions, progress: StreamingProgress
) -> dict[str, Any]:
    """Load a temporary installation, which is deleted afterwards."""
    frames = _make_frames(options, progress)  # fails before the slow start of the stack
    with temporary_target(options.processes, progress) as target:
        return compute_metrics(_measure(target, options, frames, progress), options)


@contextmanager
def temporary_target(processes: int, progress: StreamingProgress) -> Iterator[Target]:
    progress.log("starting a temporary installation")
    with temporary_demo(frame_processes=processes) as stack:
        pids = {name: process.pid for name, process in stack.processes.items()}
        yield Target(
            address=build_web_address(stack),
            database=build_database_path(stack.run_dir.parent),
            roles={
                "web": [pids["web"]],
                "worker": [pids["worker"]],
                "redis": list_valkey_pids(),
                "aggregation": [pids["aggregation"], pids["beat"]],
                "clerk": [pids["aggregation"], pids["beat"]],  # its name in release 0.1.0
            },
        )


def _make_frames(options: SimulationOptions, progress: StreamingProgress) -> list[list[bytes]]:
    progress.log("making faces")
    return make_learner_frames(options.faces, options.participants)


def _measure(
    target: Target,
    options: SimulationOptions,
    frames: list[list[bytes]],
    progress: StreamingProgress,
) -> Measurement:
    progress.log("entering learners")
    learners = enter_class(target.address, frames, options.fps)
    meter = UsageMeter(target.roles) if target.roles else None
    with _build_observer(target, learners) as observer:
        asyncio.run(
            stream_together(
                learners, fps=options.fps, seconds=options.seconds, meter=meter, progress=progress
            )
        )
        progress.log("waiting for the last windows to close")
        time.sleep(max(0.0, _compute_last_closing(learners) - time.time()))
    checks = [check_windows(learner.log, learner.demo.list_windows()) for learner in learners]
    return Measurement(learners, checks, observer.times, meter)


def _build_observer(target: Target, learners: Sequence[LearnerClient]) -> WindowObserver:
    if target.database is not None:
        return WindowObserver(build_database_reader(target.database, since=time.time()), 0.1)
    clients = [learner.demo for learner in learners[:MAX_OBSERVED_REPORTS]]
    return WindowObserver(build_report_reader(clients), 0.5)


def _compute_last_closing(learners: Sequence[LearnerClient]) -> float:
    """Return the Unix time by which the windows of the last frames are closed."""
    sent_at = (at for learner in learners for at in learner.log.sent_at.values())
    last = max(sent_at, default=0.0)
    return ((last + MAX_TRANSIT_S) // WINDOW_SECONDS + 1) * WINDOW_SECONDS + MAX_CLOSING_S


def compute_metrics(measurement: Measurement, options: SimulationOptions) -> dict[str, Any]:
    """Return the keys of `simulate --json`."""
    logs = [learner.log for learner in measurement.learners]
    totals = sum_frames(log.ack for log in logs)
    sent = sum(len(log.sent_at) for log in logs)
    reading_ms = [ms for log in logs for ms in log.reading_ms]
    meter, checks, times = measurement.meter, measurement.checks, measurement.times
    return {
        "participants": options.participants,
        "fps": options.fps,
        "seconds": options.seconds,
        "sent": sent,
        "received": totals.received,
        "accepted": totals.accepted,
        "refused": dict(totals.refused),
        "processed": totals.processed,
        "lost": dict(totals.lost),
        "in_flight": totals.in_flight,
        "identity_ok": sent == totals.received
        and all(sum_frames([log.ack]).is_balanced and log.is_complete for log in logs),
        "windows_expected": sum(check.expected for check in checks),
        "windows_found": sum(check.found for check in checks),
        "windows_wrong": sum(check.wrong for check in checks),
        "reading_ms": compute_percentiles(reading_ms, 50, 95, 99),
        "window_ms": compute_percentiles(times.list_complete_ms(), 50, 99),
        "window_closed_ms": compute_percentiles(times.list_closed_ms(), 50, 99),
        "processed_per_second": round(totals.processed / options.seconds, 1),
        "fairness": compute_fairness([log.ack.get("processed", 0) for log in logs]),
        "qualities": dict(sum((log.qualities for log in logs), Counter())),
        # the worker's by frames processed, all others by frames received
        "cpu_ms_per_frame": meter.compute_cpu_ms_per_frame(totals.received, worker=totals.processed)
        if meter
        else UNKNOWN_USAGE,
        "rss_mb": meter.rss_mb if meter else UNKNOWN_USAGE,
        "problems": _list_problems(measurement)[:MAX_PROBLEMS],
    }


def _list_problems(measurement: Measurement) -> list[str]:
    problems = []
    pairs = zip(measurement.learners, measurement.checks, strict=True)
    for number, (learner, check) in enumerate(pairs, start=1):
        log = learner.log
        lines = [log.error] if log.error else []
        if not log.is_complete:
            lines.append(f"{len(log.sent_at)} frames sent, the last ack was {log.ack}")
        problems += [f"learner {number}: {line}" for line in [*lines, *check.problems]]
    return problems
