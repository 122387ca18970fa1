"""What an attack found: failures, statuses, CPU time, memory."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MAX_REQUEST_CPU_S = 1.0
MAX_GROWTH_MB = 50


@dataclass
class Result:
    requests: int = 0
    offences: int = 0
    """Sockets that sent what no client sends."""
    messages: int = 0
    """Texts and frames that these sockets sent."""
    statuses: Counter[int] = field(default_factory=Counter)
    close_codes: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """Deaths, hangs, statuses 5xx, errors in the log, and requests above the CPU limit."""
    max_request_cpu_s: float = 0.0
    slowest: str = ""
    """The request of `max_request_cpu_s`."""
    growth_mb: float = 0.0
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Requests, seconds and growth of memory of each part."""

    @property
    def is_passed(self) -> bool:
        return not self.failures and self.growth_mb <= MAX_GROWTH_MB

    def add_request(self, name: str, status: int, cpu_s: float) -> None:
        """Count a request, and record what must not happen."""
        self.requests += 1
        self.statuses[status] += 1
        if cpu_s > self.max_request_cpu_s:
            self.max_request_cpu_s, self.slowest = round(cpu_s, 3), name
        if status >= 500 and status != 503:
            self.failures.append(f"status {status}: {name}")
        if cpu_s > MAX_REQUEST_CPU_S:
            self.failures.append(f"{cpu_s:.2f} s of CPU: {name}")

    def describe(self) -> str:
        """Return one line for somebody who waits."""
        statuses = ", ".join(f"{count} x {status}" for status, count in self.statuses.most_common())
        return (
            f"{self.requests} requests ({statuses}), {self.offences} sockets, at most "
            f"{self.max_request_cpu_s:.2f} s of CPU ({self.slowest}), {len(self.failures)} failures"
        )
