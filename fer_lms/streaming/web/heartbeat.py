"""Which steps of a gateway have not come round for too long; /readyz asks."""

import time

STUCK_SECONDS = 10.0
"""Five times what a step that only waits for news takes."""


class Pulse:
    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def begins(self, step: str) -> None:
        """A step that failed goes on from where it first began."""
        self._since.setdefault(step, time.monotonic())

    def came_round(self, step: str) -> None:
        """It did its work, or has none."""
        self._since.pop(step, None)

    def stuck(self) -> list[str]:
        """Steps that hang, or fail again and again. Asked from other threads too."""
        now = time.monotonic()
        return [step for step, since in list(self._since.items()) if now - since > STUCK_SECONDS]
