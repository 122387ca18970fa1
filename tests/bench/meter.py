"""CPU time and memory of the processes under load, from the first frame to the last."""

import time
from collections.abc import Mapping, Sequence

from tests.bench.usage import cpu_ms_between, usage_by_role


class Meter:
    """Of each role, and of ourselves, who play the learners."""

    def __init__(self, roles: Mapping[str, Sequence[int]]) -> None:
        self._roles = roles
        self._before = usage_by_role(roles)
        self._own_ms = 0.0
        self.cpu_ms: dict[str, float] = {}
        self.rss_mb: dict[str, float] = {}

    def start(self) -> None:
        self._before = usage_by_role(self._roles)
        self._own_ms = time.process_time() * 1000

    def stop(self) -> None:
        after = usage_by_role(self._roles)
        own_ms = time.process_time() * 1000 - self._own_ms
        self.cpu_ms = cpu_ms_between(self._before, after) | {"learners": own_ms}
        self.rss_mb = {role: round(used.rss_mb, 1) for role, used in after.items()}

    def per_frame(self, frames: int, **others: int) -> dict[str, float | None]:
        """CPU milliseconds a frame; `others` names roles that had another number of frames."""
        counts = {role: others.get(role, frames) for role in self.cpu_ms}
        return {
            role: round(used / counts[role], 3) if counts[role] else None
            for role, used in self.cpu_ms.items()
        }
