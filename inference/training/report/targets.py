"""Compare a released MobileNetV2 with the floors and goals set before its training."""

from dataclasses import dataclass
from typing import Any

from inference.training.records import ReleaseRecord

Released = dict[str, dict[str, Any]]
"""The metrics of every released model of a record, by the model's name."""

PUBLIC_TEST_SCORED_FACES = 3199
"""PublicTest faces with a FER+ majority label: the test set of all targets."""
INT8_SPEEDUP_TARGET = (1.6, 2.0)
"""Floor and goal of the int8 speed-up over fp32, which `compare` measures."""
INT8_LOSS = "int8_loss"
"""FER+ accuracy that int8 loses against fp32 on the same faces."""


@dataclass(frozen=True)
class Target:
    """A metric of one head, with its least acceptable value (floor) and its aim (goal)."""

    title: str
    floor: float
    """per cent; percentage points for `INT8_LOSS`"""
    goal: float
    head: str
    key: str
    lower_is_better: bool = False


TARGETS = (
    Target("accuracy, FER+ (8 classes), %", 87.5, 90, "ferplus", "accuracy"),
    Target("accuracy, FER2013 (7 labels), %", 68, 72, "fer7", "accuracy"),
    Target("accuracy at 85 % coverage, FER+, %", 93, 95.5, "ferplus", "accuracy_at_85_coverage"),
    Target("expected calibration error, FER+, %", 3, 2, "ferplus", "ece", True),
    Target("int8 accuracy loss against fp32, points", 0.7, 0.3, "ferplus", INT8_LOSS, True),
    Target(
        "accuracy where 8 or more of 10 annotators agree, %",
        96.5,
        97.5,
        "ferplus",
        "accuracy_where_8_of_10_agree",
    ),
)


def compare_with_targets(record: ReleaseRecord) -> list[dict[str, Any]]:
    """List each target with what every released model achieved.

    Empty for other networks and other test sets: the targets concern MobileNetV2 on PublicTest.
    """
    released = record.released
    is_public_test = all(
        metrics["ferplus"]["faces"] == PUBLIC_TEST_SCORED_FACES for metrics in released.values()
    )
    if record.settings.architecture != "mobilenet_v2" or not is_public_test:
        return []
    return [
        {"target": target, "achieved": [_evaluate(target, name, released) for name in released]}
        for target in TARGETS
    ]


def rate_value(value: float, floor: float, goal: float, lower_is_better: bool = False) -> str:
    """Return as text whether a value meets the goal, the floor or neither."""
    sign = -1 if lower_is_better else 1
    if sign * value >= sign * goal:
        return "goal met"
    return "floor met" if sign * value >= sign * floor else "**floor missed**"


def _evaluate(target: Target, name: str, released: Released) -> dict[str, Any] | None:
    """Return value, 95 % interval (where recorded) and verdict; None without the metric."""
    if target.key == INT8_LOSS:
        value, interval = _read_int8_loss(name, released)
    else:
        metrics = released[name][target.head]
        value, interval = metrics.get(target.key), metrics["interval_95"].get(target.key)
    if value is None:
        return None
    verdict = rate_value(100 * value, target.floor, target.goal, target.lower_is_better)
    return {"value": value, "interval": interval, "verdict": verdict}


def _read_int8_loss(name: str, released: Released) -> tuple[float | None, Any]:
    fp32 = name.removesuffix("-int8")
    if fp32 == name or fp32 not in released:
        return None, None
    if "against_fp32" in released[name]:
        paired = released[name]["against_fp32"]["ferplus"]
        return paired["accuracy_lost"], paired["interval_95"]
    return released[fp32]["ferplus"]["accuracy"] - released[name]["ferplus"]["accuracy"], None
