"""Rank models by accuracy and latency.

The ratio of accuracy to latency alone favours any fast model, however inaccurate. So the Pareto
front is computed: the models that no other one exceeds in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Point:
    name: str
    accuracy: float
    """0..1"""
    interval: tuple[float, float]
    ms: float


@dataclass(frozen=True)
class Ranked:
    """A model with its place relative to the Pareto front."""

    point: Point
    dominated_by: Point | None = None
    faster: Point | None = None
    """on the front: the next faster model there"""

    @property
    def is_uncertain(self) -> bool:
        """Whether the accuracy intervals of this model and the one compared with overlap."""
        other = self.dominated_by or self.faster
        if other is None:
            return False
        low, high = sorted((self.point, other), key=lambda point: point.accuracy)
        return low.interval[1] >= high.interval[0]

    @property
    def gain(self) -> float:
        """Accuracy gained over the next faster model on the front, in points."""
        return 100 * (self.point.accuracy - self.faster.accuracy) if self.faster else 0.0

    @property
    def extra_ms(self) -> float:
        return self.point.ms - self.faster.ms if self.faster else 0.0


def compute_front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other one exceeds in both, the fastest first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.ms, -p.accuracy)):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return front


def rank(points: Sequence[Point]) -> list[Ranked]:
    """Return the front from the fastest to the slowest, then the dominated points as given."""
    front = compute_front(points)
    steps = [Ranked(point, faster=faster) for faster, point in pairwise(front)]
    dominated = [
        Ranked(point, dominated_by=_find_dominating(point, front))
        for point in points
        if point not in front
    ]
    return [*map(Ranked, front[:1]), *steps, *dominated]


def _find_dominating(point: Point, front: Sequence[Point]) -> Point:
    return next(p for p in reversed(front) if p.ms <= point.ms and p.accuracy >= point.accuracy)


def find_best_ratio(points: Sequence[Point]) -> Point:
    """Return the point with the highest accuracy per millisecond."""
    return max(points, key=lambda point: point.accuracy / point.ms)
