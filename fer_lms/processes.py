"""The commands of an installation's processes: modules, arguments and environment variables.

The stack of one machine (fer_lms/stack.py) and the console command `fer-lms` start them;
docker-compose.yml repeats them (tests/test_deployment.py).
"""

from fer_lms.queues import AGGREGATION, FRAMES, INTEGRATIONS, list_consumed_queues

ENVIRONMENT = {
    # Each thread would keep freed memory in an arena of its own: a web process has dozens.
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
}
FRAMES_ENVIRONMENT = {
    "FER_WORKER_READS_FRAMES": "true",
    # The process keeps freed buffers, which halves the cost of decoding large frames.
    "MALLOC_MMAP_THRESHOLD_": "67108864",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}
WORKER_QUEUES = (FRAMES, AGGREGATION, INTEGRATIONS)


def build_web_command(*options: str) -> list[str]:
    return ["fer_lms.web_server", *options]


def build_worker_command(queue: str, *, frame_processes: int) -> list[str]:
    """Return the module and the arguments of the Celery worker of a queue.

    Args:
        queue: One of `WORKER_QUEUES`.
        frame_processes: Number of processes of the frames worker.
    """
    options = {
        FRAMES: [f"--concurrency={frame_processes}"],
        AGGREGATION: ["--pool=solo"],
        INTEGRATIONS: ["--pool=threads", "--concurrency=4"],
    }
    return [
        *("celery", "-A", "fer_lms", "worker"),
        *("-Q", ",".join(list_consumed_queues(queue)), "-n", f"{queue}@%h"),
        *options[queue],
        *("--loglevel=WARNING", "--without-gossip", "--without-mingle"),
    ]


def build_beat_command(schedule: str) -> list[str]:
    """Return the module and the arguments of beat, which stores its last runs in `schedule`."""
    return [
        *("celery", "-A", "fer_lms", "beat", "--loglevel=WARNING", "--pidfile="),
        f"--schedule={schedule}",
    ]
