"""CPU time and memory of started processes, by role, from the operating system."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    cpu_ms: float
    rss_mb: float


class UsageMeter:
    """CPU time between `start` and `stop`, of each role and of this process ("learners")."""

    def __init__(self, roles: Mapping[str, Sequence[int]]) -> None:
        """Take the root process ids of each role."""
        self._roles = roles
        self._before: dict[str, Usage] = {}
        self._own_ms = 0.0
        self.cpu_ms: dict[str, float] = {}
        self.rss_mb: dict[str, float] = {}

    def start(self) -> None:
        self._before = measure_usage(self._roles)
        self._own_ms = time.process_time() * 1000

    def stop(self) -> None:
        after = measure_usage(self._roles)
        own_ms = time.process_time() * 1000 - self._own_ms
        self.cpu_ms = {role: after[role].cpu_ms - self._before[role].cpu_ms for role in after}
        self.cpu_ms["learners"] = own_ms
        self.rss_mb = {role: round(used.rss_mb, 1) for role, used in after.items()}

    def compute_cpu_ms_per_frame(self, frames: int, **others: int) -> dict[str, float | None]:
        """Return CPU milliseconds a frame; `others` gives roles another number of frames."""
        counts = {role: others.get(role, frames) for role in self.cpu_ms}
        return {
            role: round(used / counts[role], 3) if counts[role] else None
            for role, used in self.cpu_ms.items()
        }


def measure_usage(roles: Mapping[str, Sequence[int]]) -> dict[str, Usage]:
    """Sum over each role's processes with all children; shared memory counts in each process."""
    return {role: _sum_usage(_list_processes(pids)) for role, pids in roles.items()}


def list_valkey_pids() -> list[int]:
    """Return the pids of the embedded Valkeys that this process started."""
    return [child.pid for child in psutil.Process().children() if "valkey" in child.name()]


def _list_processes(pids: Sequence[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        try:
            process = psutil.Process(pid)
            yield process
            yield from process.children(recursive=True)
        except psutil.NoSuchProcess:
            continue


def _sum_usage(processes: Iterator[psutil.Process]) -> Usage:
    cpu = rss = 0.0
    for process in processes:
        try:
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.NoSuchProcess:
            continue
        cpu += times.user + times.system
        rss += memory.rss
    return Usage(cpu_ms=cpu * 1000, rss_mb=rss / 2**20)
