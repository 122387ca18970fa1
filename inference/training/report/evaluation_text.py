"""What `evaluate` found, as tables for people."""

from collections.abc import Sequence
from typing import Any


def report_text(name: str, figures: dict[str, Any]) -> str:
    at = figures["temperature"]
    parts = [f"{name}: temperature {at['expressions']} (FER+), {at['fer7']} (seven labels)", ""]
    parts += [f"{name}: FER+ by its own rule", *_table(figures["ferplus"]), ""]
    parts += [f"{name}: FER2013's seven labels", *_table(figures["fer7"])]
    return "\n".join(parts)


def _table(figures: dict[str, Any]) -> list[str]:
    lines = [f"  {'faces':32} {figures['faces']}"]
    for key, value in figures.items():
        if isinstance(value, float):
            interval = figures["interval_95"].get(key)
            lines.append(f"  {key:32} {value:.4f}{_between(interval, 4) if interval else ''}")
    chance = figures["ece_if_calibrated"]
    lines.append(
        f"  {'ece if calibrated perfectly':32} {chance['mean']:.4f}"
        f"{_between(chance['interval_95'], 4)}"
    )
    for name, each in figures.get("by_agreement", {}).items():
        lines.append(
            f"  {f'accuracy, {name} of 10 agree':32} {each['accuracy']:.4f}"
            f"{_between(each['interval_95'], 4)}  {each['faces']} faces"
        )
    return [*lines, "", *_class_lines(figures), "", *_confusion_lines(figures)]


def _class_lines(figures: dict[str, Any]) -> list[str]:
    names = ("precision", "recall", "f1")
    lines = [f"  {'':12}" + "".join(f"{name:22}" for name in names) + "faces"]
    for label, each in figures["classes"].items():
        cells = [f"{each[name]:.3f}{_between(each['interval_95'][name], 3)}" for name in names]
        lines.append(f"  {label:12}" + "".join(f"{cell:22}" for cell in cells) + f"{each['faces']}")
    return lines


def _confusion_lines(figures: dict[str, Any]) -> list[str]:
    rows = zip(figures["classes"], figures["confusion"], strict=True)
    return ["  said as, in the same order"] + [
        f"  {label:12}{' '.join(f'{count:5d}' for count in row)}" for label, row in rows
    ]


def _between(interval: Sequence[float] | None, digits: int) -> str:
    if interval is None:
        return "  none to divide by"
    low, high = interval
    return f"  [{low:.{digits}f}, {high:.{digits}f}]"


def lost_text(lost: dict[str, Any]) -> str:
    """Of `accuracy_lost`, with the other model's name."""
    lines = [f"accuracy lost against {lost['model']}, on the same faces"]
    for key, title in (("ferplus", "FER+"), ("fer7", "seven labels")):
        each = lost[key]
        lines.append(
            f"  {title:28} {each['accuracy_lost']:+.4f}{_between(each['interval_95'], 4)}"
            f"  {each['faces']} faces"
        )
    return "\n".join(lines)
