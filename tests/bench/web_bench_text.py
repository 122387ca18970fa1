"""The figures of `bench_web` for people."""

from collections.abc import Mapping
from typing import Any


def as_text(result: Mapping[str, Any]) -> str:
    reading = ", ".join(f"{name} {value} ms" for name, value in result["reading_ms"].items())
    cpu = ", ".join(f"{role} {used}" for role, used in result["cpu_ms_per_frame"].items())
    memory = ", ".join(f"{role} {used}" for role, used in result["rss_mb"].items())
    lines = [
        f"{result['participants']} sockets, {result['frames_per_second']} frames/s received, "
        f"{result['readings']} of {result['received']} frames answered with a reading",
        f"refused {result['refused'] or 'none'}, lost {result['lost'] or 'none'}",
        f"reading, from sending to arrival: {reading}",
        f"CPU ms a frame: {cpu}",
        f"memory MB: {memory}",
        "The readings were made up by a stand-in for the workers: only the web figures mean much.",
    ]
    return "\n".join([*lines, *result["problems"]])
