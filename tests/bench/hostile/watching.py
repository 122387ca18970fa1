"""Watch the reading process: deaths, hangs, errors, CPU, memory."""

import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, Any

READER = ["-m", "tests.bench.hostile.reader"]
HANG_S = 60.0
MAX_CPU_S = 1.0
MAX_GROWTH_MB = 50.0


@dataclass
class Result:
    """What happened; numbers of items are seeds, which repeat them."""

    count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    deaths: list[int] = field(default_factory=list)
    hangs: list[int] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)
    slow: list[int] = field(default_factory=list)
    max_cpu_s: float = 0.0
    growth_mb: float = 0.0

    @property
    def is_good(self) -> bool:
        failures = (self.deaths, self.hangs, self.errors, self.slow)
        return not any(failures) and self.growth_mb <= MAX_GROWTH_MB

    def as_dict(self) -> dict[str, Any]:
        return vars(self) | {"outcomes": dict(self.outcomes)}


def watch(kind: str, first: int, count: int) -> Result:
    """Read `count` items from number `first` on; a process that dies or hangs is started again."""
    result = Result()
    following, last = first, first + count
    while following < last:
        following = _watch_process(kind, following, last, result) + 1
    return result


def _watch_process(kind: str, first: int, last: int, result: Result) -> int:
    """Watch one process until it ends; return the number of the last item that it began."""
    command = [sys.executable, *READER, kind, str(first), str(last)]
    number, start_mb = first - 1, None
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=_copy_lines, args=(process.stdout, lines), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=HANG_S)
            except queue.Empty:
                result.hangs.append(number)
                process.kill()
                return number
            if not line:
                break
            entry = json.loads(line)
            if "number" in entry:
                number = entry["number"]
                continue
            start_mb = entry["rss_mb"] if start_mb is None else start_mb
            result.growth_mb = max(result.growth_mb, round(entry["rss_mb"] - start_mb, 1))
            _add(result, number, entry)
    if process.returncode and number < first:
        raise OSError(f"{' '.join(command)} ended before the first item")
    if process.returncode:
        result.deaths.append(number)
    return number


def _copy_lines(stream: IO[bytes], lines: "queue.Queue[bytes]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(b"")


def _add(result: Result, number: int, entry: dict[str, Any]) -> None:
    result.count += 1
    result.max_cpu_s = max(result.max_cpu_s, entry["cpu_s"])
    if entry["cpu_s"] > MAX_CPU_S:
        result.slow.append(number)
    if entry["outcome"].startswith("error: "):
        result.errors[number] = entry["outcome"]
        result.outcomes["error"] += 1
    else:
        result.outcomes[entry["outcome"]] += 1
