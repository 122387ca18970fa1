"""Detection of background tasks that hang or fail repeatedly; /readyz reports them."""

import time

MAX_RUN_S = 10.0
"""Five times the longest run of a task that has no work."""


class Watchdog:
    """Start times of the running background tasks, by task name."""

    def __init__(self) -> None:
        self._started_at: dict[str, float] = {}

    def start(self, task: str) -> None:
        """Record when a run of a task started; after a failed run the first start stays."""
        self._started_at.setdefault(task, time.monotonic())

    def stop(self, task: str) -> None:
        """Record that a run is done, or waits for work."""
        self._started_at.pop(task, None)

    def list_stuck_tasks(self) -> list[str]:
        """List the tasks whose run started too long ago. Thread-safe."""
        now = time.monotonic()
        started_at = list(self._started_at.items())
        return [task for task, started in started_at if now - started > MAX_RUN_S]
