"""Three ways to read the same frames, measured in turn on the same worker processes.

- inprocess: a loop over the pipeline alone;
- worker: full slots, drained into the observation log, outcomes reported, as in the product;
- task_per_frame: one Celery task a frame with the JPEG in its message, and the same duties.

All frames are stored before the measurement starts, so that feeding costs nothing during it.
CPU time is that of the worker with all its processes, Celery's own included.
"""

import contextlib
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from fer_lms.lessons.models import EngagementPreset
from fer_lms.queues import FRAMES as FRAMES_QUEUE
from fer_lms.stack import Stack
from fer_lms.streaming.wire.slots import SLOT_TTL_MS
from tests.bench.benchmark_command import Log
from tests.bench.load.face_frames import make_learner_frames
from tests.bench.process_usage import list_valkey_pids, measure_usage
from tests.bench.temporary_stack import temporary_stack
from tests.bench.worker import celery_tasks
from tests.bench.worker.slot_feeder import FramesLostError, SlotFeeder

VARIANTS = ("inprocess", "worker", "task_per_frame")
PROCESS_COUNTS = (1, 2)
LEARNERS = 16
MAX_FRAMES = 4_000
"""Slots expire after five seconds; no machine so far reads more in that time."""
TASK_QUEUE = "bench"
HELD_QUEUE = "bench-held"
TIMEOUT_S = 120
MAX_SLOT_ATTEMPTS = 4


@dataclass(frozen=True)
class Measurement:
    """One run of one variant."""

    fps: float
    cpu_ms: float
    """Of the worker, a frame."""
    redis_cpu_ms: float
    """Of both Valkeys, a frame."""


Measurements = dict[str, list[Measurement]]
"""By variant, one for each round."""


def measure_variants(seconds: float, rounds: int, log: Log, faces: Path | None) -> dict[str, Any]:
    """Return the keys of `bench_worker --json`."""
    with temporary_stack(frame_processes=max(PROCESS_COUNTS)) as stack:
        bench = Bench(stack, seconds, log, faces)
        without, with_landmarks = (
            {count: bench.measure_rounds(count, rounds, landmarks) for count in PROCESS_COUNTS}
            for landmarks in (False, True)
        )
    return compute_metrics(without) | {
        "with_landmarks": compute_metrics(with_landmarks),
        "seconds": seconds,
        "rounds": rounds,
    }


class Bench:
    def __init__(self, stack: Stack, seconds: float, log: Log, faces: Path | None = None) -> None:
        self.stack = stack
        self.seconds = seconds
        self.log = log
        self.frames = redis.Redis(unix_socket_path=str(stack.run_dir / "frames.sock"))
        self.broker = redis.Redis(unix_socket_path=str(stack.run_dir / "broker.sock"))
        self.celery = Celery(
            broker=f"redis+socket://{stack.run_dir / 'broker.sock'}", set_as_current=False
        )
        self.jpegs = [jpeg for frames in make_learner_frames(faces, LEARNERS) for jpeg in frames]
        self.frames.rpush(celery_tasks.JPEGS_KEY, *self.jpegs)
        self.feeder = SlotFeeder(self.frames, EngagementPreset.TRANSPARENT)

    def measure_rounds(self, processes: int, rounds: int, landmarks: bool) -> Measurements:
        """Measure each variant in each round, interleaved."""
        measurements: Measurements = {variant: [] for variant in VARIANTS}
        with self._worker(processes, landmarks):
            self._create_participants()
            self._measure_inprocess(processes)  # loads the models
            for number in range(rounds):
                inprocess = self._measure_inprocess(processes)
                count = min(MAX_FRAMES, round(inprocess.fps * self.seconds))
                measurements["inprocess"].append(inprocess)
                measurements["worker"].append(self._measure_worker(processes, count))
                measurements["task_per_frame"].append(self._measure_tasks(max(1, count // 4)))
                speeds = ", ".join(
                    f"{variant} {values[-1].fps:.0f}" for variant, values in measurements.items()
                )
                self.log(
                    f"landmarks {'on' if landmarks else 'off'}, {processes} processes, "
                    f"round {number + 1}: {speeds} frames/s"
                )
        return measurements

    @contextmanager
    def _worker(self, processes: int, landmarks: bool) -> Iterator[None]:
        self.stack.start(
            "worker",
            *("celery", "-A", "fer_lms", "worker", "-I", celery_tasks.__name__),
            *("-Q", f"{FRAMES_QUEUE},{TASK_QUEUE}", f"--concurrency={processes}"),
            *("--loglevel=WARNING", "--without-gossip", "--without-mingle"),
            environment={"FER_WORKER_READS_FRAMES": "true", "FER_LANDMARKS": str(landmarks)},
        )
        yield
        worker = self.stack.processes.pop("worker")
        worker.terminate()
        worker.wait(20)

    def _create_participants(self) -> None:
        if not self.frames.exists(celery_tasks.PARTICIPANTS_KEY):
            self._send("bench.create_participants", MAX_FRAMES)
            self._wait_for_reply()
        participants: Any = self.frames.lrange(celery_tasks.PARTICIPANTS_KEY, 0, -1)
        self.feeder.participants = participants

    def _measure_inprocess(self, processes: int) -> Measurement:
        cpu_before = self._read_cpu_ms()
        for _ in range(processes):
            self._send("bench.read_in_loop", self.seconds)
        replies = [self._wait_for_reply().split() for _ in range(processes)]
        count = sum(int(read) for _, read in replies)
        return self._build_measurement(sum(float(fps) for fps, _ in replies), count, cpu_before)

    def _measure_worker(self, processes: int, count: int) -> Measurement:
        """Repeat with fewer frames where slots expired because the machine was busy."""
        for _ in range(MAX_SLOT_ATTEMPTS):
            self.feeder.wait_until_idle(processes)
            self.feeder.fill_slots(self._repeat_jpegs(count))
            cpu_before, started = self._read_cpu_ms(), time.perf_counter()
            for lane in range(processes):
                self._send("streaming.drain_frames", lane)
            with contextlib.suppress(FramesLostError):
                self.feeder.wait_for_readings(count, SLOT_TTL_MS / 1000 + 2)
                return self._finish(count, started, cpu_before)
            count = max(1, count // 2)
        raise FramesLostError("Slots expired before they were read: the machine is too busy.")

    def _measure_tasks(self, count: int) -> Measurement:
        for packed in self.feeder.pack_frames(self._repeat_jpegs(count)):
            self._send("bench.read_frame", packed, queue=HELD_QUEUE)
        cpu_before, started = self._read_cpu_ms(), time.perf_counter()
        self.broker.rename(HELD_QUEUE, TASK_QUEUE)  # makes all messages available at once
        self.feeder.wait_for_readings(count, TIMEOUT_S)
        return self._finish(count, started, cpu_before)

    def _finish(self, count: int, started: float, cpu_before: tuple[float, float]) -> Measurement:
        fps = count / (time.perf_counter() - started)
        measurement = self._build_measurement(fps, count, cpu_before)
        self.broker.delete("observations")
        return measurement

    def _build_measurement(
        self, fps: float, count: int, cpu_before: tuple[float, float]
    ) -> Measurement:
        worker, valkeys = (
            (after - before) / count
            for after, before in zip(self._read_cpu_ms(), cpu_before, strict=True)
        )
        return Measurement(fps, worker, valkeys)

    def _read_cpu_ms(self) -> tuple[float, float]:
        """Return CPU time so far of the worker and of the Valkeys."""
        roles = {"worker": [self.stack.processes["worker"].pid], "redis": list_valkey_pids()}
        usage = measure_usage(roles)
        return usage["worker"].cpu_ms, usage["redis"].cpu_ms

    def _repeat_jpegs(self, count: int) -> list[bytes]:
        return [self.jpegs[number % len(self.jpegs)] for number in range(count)]

    def _send(self, task: str, argument: object, queue: str = FRAMES_QUEUE) -> None:
        self.celery.send_task(task, args=[argument], queue=queue)

    def _wait_for_reply(self) -> str:
        reply: Any = None
        deadline = time.monotonic() + TIMEOUT_S
        while reply is None and time.monotonic() < deadline:
            self.stack.check_running()
            reply = self.frames.blpop([celery_tasks.REPLIES_KEY], timeout=1)
        if reply is None:
            raise TimeoutError(f"The worker did not reply within {TIMEOUT_S} s.")
        return str(reply[1].decode())


def compute_metrics(by_processes: dict[int, Measurements]) -> dict[str, Any]:
    """Return medians over rounds; ratios are per round, so that a slow moment affects both."""

    def compute_fps(variant: str) -> dict[str, float]:
        return {
            str(count): round(_median(run.fps for run in runs[variant]), 1)
            for count, runs in by_processes.items()
        }

    def compute_worker_over(variant: str) -> dict[str, float]:
        return {
            str(count): _median(
                worker.fps / other.fps
                for worker, other in zip(runs["worker"], runs[variant], strict=True)
            )
            for count, runs in by_processes.items()
        }

    def compute_cpu_ms(count: int) -> dict[str, float]:
        runs = by_processes[count]
        cpu_ms = {variant: _median(run.cpu_ms for run in runs[variant]) for variant in VARIANTS}
        overhead = _median(
            worker.cpu_ms - inprocess.cpu_ms
            for worker, inprocess in zip(runs["worker"], runs["inprocess"], strict=True)
        )
        redis_cpu_ms = _median(run.redis_cpu_ms for run in runs["worker"])
        return cpu_ms | {"overhead": overhead, "redis": redis_cpu_ms}

    return {f"{variant}_fps": compute_fps(variant) for variant in VARIANTS} | {
        "worker_over_inprocess": compute_worker_over("inprocess"),
        "worker_over_task_per_frame": compute_worker_over("task_per_frame"),
        "cpu_ms_per_frame": compute_cpu_ms(1),
        "cpu_ms_per_frame_at_2": compute_cpu_ms(2),
    }


def _median(values: Iterator[float]) -> float:
    return round(statistics.median(values), 3)
