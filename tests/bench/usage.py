"""CPU time and memory of the processes that we started, by role, from the operating system."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    cpu_ms: float
    rss_mb: float


def usage_by_role(roles: Mapping[str, Sequence[int]]) -> dict[str, Usage]:
    """Each role's processes with all their children; shared memory counts in each process."""
    return {role: _sum(_tree(pids)) for role, pids in roles.items()}


def cpu_ms_between(before: Mapping[str, Usage], after: Mapping[str, Usage]) -> dict[str, float]:
    return {role: after[role].cpu_ms - before[role].cpu_ms for role in after}


def valkey_pids() -> list[int]:
    """The embedded Valkeys that this process started."""
    return [child.pid for child in psutil.Process().children() if "valkey" in child.name()]


def _tree(pids: Sequence[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        try:
            process = psutil.Process(pid)
            yield process
            yield from process.children(recursive=True)
        except psutil.NoSuchProcess:
            continue


def _sum(processes: Iterator[psutil.Process]) -> Usage:
    cpu = rss = 0.0
    for process in processes:
        try:
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.NoSuchProcess:
            continue
        cpu += times.user + times.system
        rss += memory.rss
    return Usage(cpu_ms=cpu * 1000, rss_mb=rss / 2**20)
