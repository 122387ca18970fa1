"""What was to be reached, and what was: floors and goals beside a record's figures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Reached = tuple[float, tuple[float, float] | None]
"""A figure in per cent (int8's loss: points), and its 95 % interval where the record has one."""

Read = Callable[[str, dict[str, Any]], Reached | None]
"""(a model's name, the figures of every released model) -> what it reaches, if that is known"""
PUBLIC_TEST_SCORED = 3199
"""Faces of PublicTest that FER+'s rule scores: the goals are about these, and no others."""
INT8_SPEED = (1.6, 2.0)
"""Floor and goal of int8's speed, fp32's being 1; `compare` measures it."""


@dataclass(frozen=True)
class Goal:
    what: str
    floor: float
    goal: float
    reached: Read
    less_is_better: bool = False

    def verdict(self, value: float) -> str:
        sign = -1 if self.less_is_better else 1
        if sign * value >= sign * self.goal:
            return "goal met"
        return "floor met" if sign * value >= sign * self.floor else "**floor missed**"


def _of(head: str, key: str) -> Read:
    def reached(name: str, released: dict[str, Any]) -> Reached | None:
        figures = released[name][head]
        if figures.get(key) is None:
            return None
        return 100 * figures[key], _percent(figures["interval_95"].get(key))

    return reached


def _percent(interval: Any) -> tuple[float, float] | None:
    return (100 * interval[0], 100 * interval[1]) if interval else None


def int8_loss(name: str, released: dict[str, Any]) -> Reached | None:
    """Points of FER+ accuracy that int8 loses against fp32 on the same faces."""
    whole = name.removesuffix("-int8")
    if whole == name or whole not in released:
        return None
    if "against_fp32" in released[name]:
        paired = released[name]["against_fp32"]["ferplus"]
        return 100 * paired["accuracy_lost"], _percent(paired["interval_95"])
    fp32, int8 = (released[each]["ferplus"]["accuracy"] for each in (whole, name))
    return 100 * (fp32 - int8), None


GOALS = (
    Goal("accuracy, FER+'s 8 classes, %", 87.5, 90, _of("ferplus", "accuracy")),
    Goal("accuracy, FER2013's 7 labels, %", 68, 72, _of("fer7", "accuracy")),
    Goal("accuracy on the surest 85 %, %", 93, 95.5, _of("ferplus", "accuracy_at_85_coverage")),
    Goal("calibration error, %", 3, 2, _of("ferplus", "ece"), less_is_better=True),
    Goal("int8's loss against fp32, points", 0.7, 0.3, int8_loss, less_is_better=True),
    Goal(
        "accuracy where 8 or more of 10 agree, %",
        96.5,
        97.5,
        _of("ferplus", "accuracy_where_8_of_10_agree"),
    ),
    Goal("macro recall of the 8, %", 70, 78, _of("ferplus", "macro_recall")),
)

TEXT = """
## Goals

Set before the training, for MobileNetV2 on PublicTest. A figure is called met or missed as it
stands; where its 95 % interval (in brackets) holds the floor or the goal, chance may have decided.

"""
SPEED = (
    "\nHow fast int8 is against fp32 (floor {} times, goal {}) stands where it is measured: "
    "[the comparison](../../docs/comparison.md).\n"
)


def goals_text(record: dict[str, Any]) -> str:
    """Markdown: each goal, what each released file reaches; nothing for what the goals are not of.

    They are of MobileNetV2 on PublicTest: a school's own faces have their own report.
    """
    released = record["released"]
    about = all(each["ferplus"]["faces"] == PUBLIC_TEST_SCORED for each in released.values())
    if record["settings"]["architecture"] != "mobilenet_v2" or not about:
        return ""
    head = "| | floor | goal |" + "".join(f" {name} | |" for name in released)
    lines = [head, "|---" * (3 + 2 * len(released)) + "|"]
    for goal in GOALS:
        cells = "".join(f" {_cell(goal, name, released)} |" for name in released)
        lines.append(f"| {goal.what} | {goal.floor:g} | {goal.goal:g} |{cells}")
    return TEXT + "\n".join(lines) + "\n" + SPEED.format(*INT8_SPEED)


def _cell(goal: Goal, name: str, released: dict[str, Any]) -> str:
    reached = goal.reached(name, released)
    if reached is None:
        return "|"
    value, interval = reached
    brackets = f" [{interval[0]:.1f}, {interval[1]:.1f}]" if interval else ""
    return f"{value:.2f}{brackets} | {goal.verdict(value)}"
