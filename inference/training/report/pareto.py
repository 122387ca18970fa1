"""Rank models by accuracy and latency.

The ratio of accuracy to latency favours any fast model, however inaccurate. The Pareto front is the
set of models that no other model exceeds in both accuracy and speed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class ModelPoint:
    name: str
    accuracy: float
    """0..1"""
    interval: tuple[float, float]
    latency_ms: float


@dataclass(frozen=True)
class RankedModel:
    """A model with its place relative to the Pareto front."""

    point: ModelPoint
    dominated_by: ModelPoint | None = None
    next_faster: ModelPoint | None = None
    """on the front: the next faster model there"""

    @property
    def is_uncertain(self) -> bool:
        """True where the accuracy intervals of this model and the one compared with overlap."""
        other = self.dominated_by or self.next_faster
        if other is None:
            return False
        low, high = sorted((self.point, other), key=lambda point: point.accuracy)
        return low.interval[1] >= high.interval[0]

    @property
    def gain(self) -> float:
        """Accuracy gained over the next faster model on the front, in points."""
        return 100 * (self.point.accuracy - self.next_faster.accuracy) if self.next_faster else 0.0

    @property
    def extra_ms(self) -> float:
        return self.point.latency_ms - self.next_faster.latency_ms if self.next_faster else 0.0


def compute_front(points: Sequence[ModelPoint]) -> list[ModelPoint]:
    """Return the points that no other point exceeds in both accuracy and speed, fastest first."""
    front: list[ModelPoint] = []
    for point in sorted(points, key=lambda p: (p.latency_ms, -p.accuracy)):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return front


def rank_models(points: Sequence[ModelPoint]) -> list[RankedModel]:
    """Return the front from the fastest to the slowest, then the dominated points as given."""
    front = compute_front(points)
    steps = [RankedModel(point, next_faster=faster) for faster, point in pairwise(front)]
    dominated = [
        RankedModel(point, dominated_by=_find_dominating(point, front))
        for point in points
        if point not in front
    ]
    return [*map(RankedModel, front[:1]), *steps, *dominated]


def _find_dominating(point: ModelPoint, front: Sequence[ModelPoint]) -> ModelPoint:
    return next(
        p
        for p in reversed(front)
        if p.latency_ms <= point.latency_ms and p.accuracy >= point.accuracy
    )


def find_best_ratio(points: Sequence[ModelPoint]) -> ModelPoint:
    """Return the point with the highest accuracy per millisecond."""
    return max(points, key=lambda point: point.accuracy / point.latency_ms)
