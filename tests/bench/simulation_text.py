"""The figures of `simulate` for people."""

from collections.abc import Mapping
from typing import Any


def as_text(result: Mapping[str, Any]) -> str:
    verdict = "exact" if result["identity_ok"] else "DOES NOT HOLD"
    lines = [
        f"{result['participants']} learners, {result['fps']:g} frames/s each, "
        f"{result['seconds']:g} s",
        f"identity {verdict}:",
        f"  received {result['received']} = accepted {result['accepted']}"
        f"{_plus(result['refused'])}",
        f"  accepted {result['accepted']} = processed {result['processed']}{_plus(result['lost'])}"
        f" + in flight {result['in_flight']}",
        f"windows: {result['windows_expected']} expected, {result['windows_found']} found, "
        f"{result['windows_wrong']} wrong",
        f"reading, from sending to arrival: {_ms(result['reading_ms'])}",
        f"window complete after its end:    {_ms(result['window_ms'])}",
        f"window closed after its end:      {_ms(result['window_closed_ms'])}",
        f"{result['processed_per_second']} frames/s processed, "
        f"largest over smallest share {_or_dash(result['fairness'])}",
        f"readings: {_pairs(result['qualities'])}",
        f"CPU ms a frame: {_pairs(result['cpu_ms_per_frame'])}",
        f"memory MB: {_pairs(result['rss_mb'])}",
    ]
    return "\n".join([*lines, *(f"  {problem}" for problem in result["problems"])])


def _plus(reasons: Mapping[str, int]) -> str:
    return "".join(f" + {name} {count}" for name, count in reasons.items() if count)


def _ms(percentiles: Mapping[str, float | None]) -> str:
    return ", ".join(
        f"{name} {_or_dash(value)}{'' if value is None else ' ms'}"
        for name, value in percentiles.items()
    )


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {_or_dash(value)}" for name, value in values.items()) or "-"


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
