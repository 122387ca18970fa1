"""Compare a released MobileNetV2 with the floors and goals set before its training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference.training.records import ReleaseRecord

Released = dict[str, dict[str, Any]]
"""The metrics of every released model of a record, by the model's name."""
Achieved = tuple[float, list[float] | None]
"""A metric in per cent (int8 loss: percentage points) and its 95 % interval, where recorded."""
ReadMetric = Callable[[str, Released], Achieved | None]

PUBLIC_TEST_SCORED_FACES = 3199
"""PublicTest faces with a FER+ majority label: the test set of all targets."""
INT8_SPEEDUP_TARGET = (1.6, 2.0)
"""Floor and goal of the int8 speed-up over fp32, which `compare` measures."""


@dataclass(frozen=True)
class Target:
    """A metric with the least acceptable value (floor) and the aim (goal), in per cent."""

    metric: str
    floor: float
    goal: float
    read: ReadMetric
    lower_is_better: bool = False

    def judge(self, value: float) -> str:
        sign = -1 if self.lower_is_better else 1
        if sign * value >= sign * self.goal:
            return "goal met"
        return "floor met" if sign * value >= sign * self.floor else "**floor missed**"


def read_int8_loss(name: str, released: Released) -> Achieved | None:
    """Return the FER+ accuracy that int8 loses against fp32, in points; None for other models."""
    fp32_name = name.removesuffix("-int8")
    if fp32_name == name or fp32_name not in released:
        return None
    if "against_fp32" in released[name]:
        paired = released[name]["against_fp32"]["ferplus"]
        return 100 * paired["accuracy_lost"], _scale(paired["interval_95"])
    fp32, int8 = (released[key]["ferplus"]["accuracy"] for key in (fp32_name, name))
    return 100 * (fp32 - int8), None


def _read(head: str, key: str) -> ReadMetric:
    def read(name: str, released: Released) -> Achieved | None:
        metrics = released[name][head]
        if metrics.get(key) is None:
            return None
        return 100 * metrics[key], _scale(metrics["interval_95"].get(key))

    return read


def _scale(interval: Any) -> list[float] | None:
    return [100 * bound for bound in interval] if interval else None


TARGETS = (
    Target("accuracy, FER+ (8 classes), %", 87.5, 90, _read("ferplus", "accuracy")),
    Target("accuracy, FER2013 (7 labels), %", 68, 72, _read("fer7", "accuracy")),
    Target(
        "accuracy at 85 % coverage, FER+, %", 93, 95.5, _read("ferplus", "accuracy_at_85_coverage")
    ),
    Target(
        "expected calibration error, FER+, %", 3, 2, _read("ferplus", "ece"), lower_is_better=True
    ),
    Target("int8 accuracy loss against fp32, points", 0.7, 0.3, read_int8_loss, True),
    Target(
        "accuracy where 8 or more of 10 annotators agree, %",
        96.5,
        97.5,
        _read("ferplus", "accuracy_where_8_of_10_agree"),
    ),
    Target("macro recall, FER+, %", 70, 78, _read("ferplus", "macro_recall")),
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
        {
            "metric": target.metric,
            "floor": target.floor,
            "goal": target.goal,
            "achieved": [_judge(target, name, released) for name in released],
        }
        for target in TARGETS
    ]


def _judge(target: Target, name: str, released: Released) -> dict[str, Any] | None:
    achieved = target.read(name, released)
    if achieved is None:
        return None
    value, interval = achieved
    return {"value": value, "interval": interval, "verdict": target.judge(value)}


def judge_speedup(speedup: float) -> str:
    """Compare int8's measured speed-up over fp32 with its floor and goal."""
    floor, goal = INT8_SPEEDUP_TARGET
    return Target("", floor, goal, lambda *_: None).judge(speedup)
