"""The figures of `bench_worker` for people."""

from collections.abc import Mapping
from typing import Any

SPEEDS = (
    "inprocess_fps",
    "worker_fps",
    "task_per_frame_fps",
    "worker_over_inprocess",
    "worker_over_task_per_frame",
)


def as_text(result: Mapping[str, Any]) -> str:
    parts = {"landmarks off": result, "landmarks on": result["with_landmarks"]}
    return "\n".join(line for title, part in parts.items() for line in _lines(title, part))


def _lines(title: str, part: Mapping[str, Any]) -> list[str]:
    at_one, at_two = part["cpu_ms_per_frame"], part["cpu_ms_per_frame_at_2"]
    return [
        f"{title:28} 1 process  2 processes",
        *(_line(name, part[name]["1"], part[name]["2"]) for name in SPEEDS),
        *(_line(f"CPU ms, {name}", at_one[name], at_two[name]) for name in at_one),
    ]


def _line(name: str, at_one: float, at_two: float) -> str:
    return f"  {name:27}{at_one:>9}{at_two:>13}"
