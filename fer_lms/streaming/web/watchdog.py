"""Finds steps of a gateway that hang or fail again and again; /readyz reports them."""

import time

MAX_STEP_S = 10.0
"""Five times what a step without work takes."""


class Watchdog:
    def __init__(self) -> None:
        self._started_at: dict[str, float] = {}

    def start(self, step: str) -> None:
        """Note when a step started. A step that failed before keeps its first start."""
        self._started_at.setdefault(step, time.monotonic())

    def stop(self, step: str) -> None:
        """Note that a step is done, or waits for work."""
        self._started_at.pop(step, None)

    def list_stuck_steps(self) -> list[str]:
        """List the steps that started too long ago. Thread-safe."""
        now = time.monotonic()
        started_at = list(self._started_at.items())
        return [step for step, started in started_at if now - started > MAX_STEP_S]
