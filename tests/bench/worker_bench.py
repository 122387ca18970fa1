"""The same frames read three ways by the same worker processes, in turns.

- in-process: a bare loop over the pipeline;
- worker: full slots, drained into the observation log, outcomes reported: the product's path;
- task per frame: one Celery task a frame, the JPEG in its message, with the same duties.

All frames are waiting before the clock starts, so that who feeds them costs nothing meanwhile.
CPU time is that of the worker with all its processes, Celery's own among them.
"""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
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
from tests.bench import worker_bench_tasks
from tests.bench.faces import learner_frames, portraits_in
from tests.bench.slot_feeder import FramesLost, SlotFeeder
from tests.bench.temporary_stack import temporary_stack
from tests.bench.usage import usage_by_role, valkey_pids
from tests.bench.worker_bench_tasks import ANSWERS, PARTICIPANTS, POOL

WAYS = ("inprocess", "worker", "task_per_frame")
PROCESSES = (1, 2)
FACES = 16
MAX_FRAMES = 4_000
"""Slots live five seconds; more than this nobody reads in that time here."""
TASK_QUEUE = "bench"
HELD_QUEUE = "bench-held"
TIMEOUT_S = 120
SLOT_TRIES = 4
Say = Callable[[str], None]


@dataclass(frozen=True)
class Turn:
    """One measurement of one way."""

    fps: float
    cpu_ms: float
    """of the worker, a frame"""
    redis_cpu_ms: float
    """of both Valkeys, a frame"""


Turns = dict[str, list[Turn]]


def measure(seconds: float, rounds: int, say: Say, faces: Path | None = None) -> dict[str, Any]:
    """The figures of `bench_worker --json`."""
    with temporary_stack(frame_processes=max(PROCESSES)) as stack:
        bench = Bench(stack, seconds, faces)
        plain = {count: bench.rounds(count, rounds, False, say) for count in PROCESSES}
        landmarks = {count: bench.rounds(count, rounds, True, say) for count in PROCESSES}
    return figures(plain) | {
        "with_landmarks": figures(landmarks),
        "seconds": seconds,
        "rounds": rounds,
    }


class Bench:
    def __init__(self, stack: Stack, seconds: float, faces: Path | None = None) -> None:
        self.stack = stack
        self.seconds = seconds
        self.frames = redis.Redis(unix_socket_path=str(stack.run_dir / "frames.sock"))
        self.broker = redis.Redis(unix_socket_path=str(stack.run_dir / "broker.sock"))
        self.celery = Celery(
            broker=f"redis+socket://{stack.run_dir / 'broker.sock'}", set_as_current=False
        )
        self.jpegs = [each for pool in learner_frames(portraits_in(faces), FACES) for each in pool]
        self.frames.rpush(POOL, *self.jpegs)
        self.feeder = SlotFeeder(self.frames, EngagementPreset.TRANSPARENT)

    def rounds(self, processes: int, rounds: int, landmarks: bool, say: Say) -> Turns:
        """In-process, worker, task per frame, and again."""
        turns: Turns = {way: [] for way in WAYS}
        with self._worker(processes, landmarks):
            self._seat_participants()
            self._in_process(processes)  # opens the models
            for number in range(rounds):
                turns["inprocess"].append(self._in_process(processes))
                count = min(MAX_FRAMES, round(turns["inprocess"][-1].fps * self.seconds))
                turns["worker"].append(self._slots(processes, count))
                turns["task_per_frame"].append(self._tasks(max(1, count // 4)))
                shown = ", ".join(f"{way} {each[-1].fps:.0f}" for way, each in turns.items())
                say(
                    f"landmarks {'on' if landmarks else 'off'}, {processes} processes, "
                    f"round {number + 1}: {shown} frames/s"
                )
        return turns

    @contextmanager
    def _worker(self, processes: int, landmarks: bool) -> Iterator[None]:
        self.stack.start(
            "worker",
            *("celery", "-A", "fer_lms", "worker", "-I", worker_bench_tasks.__name__),
            *("-Q", f"{FRAMES_QUEUE},{TASK_QUEUE}", f"--concurrency={processes}"),
            *("--loglevel=WARNING", "--without-gossip", "--without-mingle"),
            environment={"FER_WORKER_READS_FRAMES": "true", "FER_LANDMARKS": str(landmarks)},
        )
        yield
        worker = self.stack.processes.pop("worker")
        worker.terminate()
        worker.wait(20)

    def _seat_participants(self) -> None:
        if not self.frames.exists(PARTICIPANTS):
            self._send("bench.seat_participants", MAX_FRAMES)
            self._answer()
        participants: Any = self.frames.lrange(PARTICIPANTS, 0, -1)
        self.feeder.participants = participants

    def _in_process(self, processes: int) -> Turn:
        before = self._cpu()
        for _ in range(processes):
            self._send("bench.read_bare", self.seconds)
        answers = [self._answer().split() for _ in range(processes)]
        read = sum(int(count) for _, count in answers)
        return self._turn(sum(float(rate) for rate, _ in answers), read, before)

    def _slots(self, processes: int, count: int) -> Turn:
        """Again where slots ran out of time: another program took the machine meanwhile."""
        for _ in range(SLOT_TRIES):
            self.feeder.wait_idle(processes)
            self.feeder.fill(self._jpegs(count))
            before, started = self._cpu(), time.perf_counter()
            for lane in range(processes):
                self._send("streaming.drain_frames", lane)
            with contextlib.suppress(FramesLost):
                self.feeder.wait_read(count, SLOT_TTL_MS / 1000 + 2)
                return self._finish_turn(count, started, before)
            count = max(1, count // 2)
        raise FramesLost("slots ran out of time before they were read: the machine is too busy")

    def _tasks(self, count: int) -> Turn:
        for packed in self.feeder.packed(self._jpegs(count)):
            self._send("bench.read_one", packed, queue=HELD_QUEUE)
        before, started = self._cpu(), time.perf_counter()
        self.broker.rename(HELD_QUEUE, TASK_QUEUE)  # the worker finds them all at once
        self.feeder.wait_read(count, TIMEOUT_S)
        return self._finish_turn(count, started, before)

    def _finish_turn(self, count: int, started: float, before: tuple[float, float]) -> Turn:
        turn = self._turn(count / (time.perf_counter() - started), count, before)
        self.broker.delete("observations")
        return turn

    def _turn(self, fps: float, count: int, before: tuple[float, float]) -> Turn:
        worker, valkeys = (
            (now - then) / count for now, then in zip(self._cpu(), before, strict=True)
        )
        return Turn(fps, worker, valkeys)

    def _cpu(self) -> tuple[float, float]:
        roles = {"worker": [self.stack.processes["worker"].pid], "redis": valkey_pids()}
        used = usage_by_role(roles)
        return used["worker"].cpu_ms, used["redis"].cpu_ms

    def _jpegs(self, count: int) -> list[bytes]:
        return [self.jpegs[number % len(self.jpegs)] for number in range(count)]

    def _send(self, name: str, argument: object, queue: str = FRAMES_QUEUE) -> None:
        self.celery.send_task(name, args=[argument], queue=queue)

    def _answer(self) -> str:
        answered: Any = None
        deadline = time.monotonic() + TIMEOUT_S
        while answered is None and time.monotonic() < deadline:
            self.stack.check_running()
            answered = self.frames.blpop([ANSWERS], timeout=1)
        if answered is None:
            raise TimeoutError("the worker did not answer")
        return str(answered[1].decode())


def figures(by_processes: dict[int, Turns]) -> dict[str, Any]:
    """Medians over the rounds; ratios within each round, so that a slow moment hits both."""

    def median(values: Sequence[float]) -> float:
        return round(statistics.median(values), 3)

    def fps(way: str) -> dict[str, float]:
        return {
            str(count): round(median([turn.fps for turn in turns[way]]), 1)
            for count, turns in by_processes.items()
        }

    def worker_over(way: str) -> dict[str, float]:
        return {
            str(count): median(
                [a.fps / b.fps for a, b in zip(turns["worker"], turns[way], strict=True)]
            )
            for count, turns in by_processes.items()
        }

    def cpu(count: int) -> dict[str, float]:
        turns = by_processes[count]
        used = {way: median([turn.cpu_ms for turn in turns[way]]) for way in WAYS}
        overhead = [
            a.cpu_ms - b.cpu_ms for a, b in zip(turns["worker"], turns["inprocess"], strict=True)
        ]
        redis_used = median([turn.redis_cpu_ms for turn in turns["worker"]])
        return used | {"overhead": median(overhead), "redis": redis_used}

    return {f"{way}_fps": fps(way) for way in WAYS} | {
        "worker_over_inprocess": worker_over("inprocess"),
        "worker_over_task_per_frame": worker_over("task_per_frame"),
        "cpu_ms_per_frame": cpu(1),
        "cpu_ms_per_frame_at_2": cpu(2),
    }
