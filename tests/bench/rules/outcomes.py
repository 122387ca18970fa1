"""Score hints against the known episodes of simulated learners, with intervals over learners."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from fer_lms.rules.engine.spec import COOLDOWN_SECONDS, MAX_PER_LESSON
from fer_lms.rules.trials.generator import Episode, SimulatedLearner

HIT_MARGIN_S: Final = 20
"""A hint up to this time after the end of an episode counts as a hit."""
STILL_STUCK_S: Final = 60
"""An episode that goes on for this long after the cooldown needs the next level of help."""
RESAMPLES: Final = 1000
CONFIDENCE: Final = 0.95

Array = np.ndarray
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Help:
    """A hint at a second of the session."""

    at: float
    level: int
    """Of help, from 1: nudge, explanation, worked example, offer to tell the teacher."""


@dataclass(slots=True)
class LearnerOutcome:
    """What a policy did for one learner."""

    episodes: int
    hours: float
    hits: int = 0
    """Episodes with a hint."""
    hints: int = 0
    false: int = 0
    """Hints outside of episodes."""
    delays: list[float] = field(default_factory=list)
    """Seconds from the start of an episode to its first hint."""
    still_stuck: int = 0
    """Hints after whose cooldown the same episode went on."""
    helped_again: int = 0
    """Those of them that were followed by the next level."""


def score_learner(learner: SimulatedLearner, helps: Sequence[Help]) -> LearnerOutcome:
    """Score the hints that one learner got."""
    outcome = LearnerOutcome(
        len(learner.episodes), learner.seconds / 3600, hints=len(helps), false=len(helps)
    )
    for episode in learner.episodes:
        inside = [one for one in helps if episode.start <= one.at < episode.end + HIT_MARGIN_S]
        outcome.false -= len(inside)
        if inside:
            outcome.hits += 1
            outcome.delays.append(inside[0].at - episode.start)
            _count_helped_again(outcome, episode, helps, inside)
    return outcome


def _count_helped_again(
    outcome: LearnerOutcome, episode: Episode, helps: Sequence[Help], inside: Sequence[Help]
) -> None:
    for number, one in enumerate(inside):
        is_last = helps.index(one) + 1 >= MAX_PER_LESSON
        if is_last or episode.end - one.at < COOLDOWN_SECONDS + STILL_STUCK_S:
            continue
        outcome.still_stuck += 1
        outcome.helped_again += any(later.level > one.level for later in inside[number + 1 :])


@dataclass(frozen=True, slots=True)
class ClassOutcome:
    """What a policy did for a class."""

    learners: Sequence[LearnerOutcome]

    @property
    def hit_rate(self) -> float | None:
        return _divide(self._sum("hits"), self._sum("episodes"))

    @property
    def false_per_hour(self) -> float:
        return _divide(self._sum("false"), self._sum("hours")) or 0.0

    @property
    def hints_per_hour(self) -> float:
        return _divide(self._sum("hints"), self._sum("hours")) or 0.0

    @property
    def precision(self) -> float | None:
        hints = self._sum("hints")
        return _divide(hints - self._sum("false"), hints)

    @property
    def helped_again_rate(self) -> float | None:
        return _divide(self._sum("helped_again"), self._sum("still_stuck"))

    @property
    def median_delay_s(self) -> float | None:
        delays = [delay for one in self.learners for delay in one.delays]
        return median(delays) if delays else None

    def _sum(self, name: str) -> float:
        return float(sum(getattr(one, name) for one in self.learners))

    def to_arrays(self) -> tuple[Array, Array, Array, Array]:
        """Return hits, episodes, false hints and hours by learner."""
        names = ("hits", "episodes", "false", "hours")
        values = [[float(getattr(one, name)) for one in self.learners] for name in names]
        hits, episodes, false, hours = (np.array(row) for row in values)
        return hits, episodes, false, hours


def _divide(part: float, whole: float) -> float | None:
    return part / whole if whole else None


# --- Curves and intervals -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Curve:
    """Outcomes of one policy at several thresholds, or of several policies of a family."""

    members: Sequence[tuple[str, ClassOutcome]]
    """(threshold or name, outcome)"""

    @property
    def points(self) -> list[tuple[float, float]]:
        """(false hints per hour, hit rate) of each member."""
        return [(one.false_per_hour, one.hit_rate or 0.0) for _, one in self.members]

    def compute_hit_rate_at(self, false_per_hour: float) -> float:
        """Return the best hit rate at no more than this rate of false hints.

        Between two members a policy may choose one of them at random for each learner, so the rate
        is that of the upper convex hull. This is generous to families with few members.
        """
        return evaluate_hull(self.points, false_per_hour)

    def resample(self, weights: Array, false_per_hour: float) -> Array:
        """Return `compute_hit_rate_at` for each row of weights of the learners."""
        rows = [outcome.to_arrays() for _, outcome in self.members]
        hits, episodes, false, hours = (np.stack(column) for column in zip(*rows, strict=True))
        hit_rates = (weights @ hits.T) / np.maximum(weights @ episodes.T, 1e-9)
        false_rates = (weights @ false.T) / (weights @ hours.T)
        return np.array(
            [
                evaluate_hull(list(zip(x.tolist(), y.tolist(), strict=True)), false_per_hour)
                for x, y in zip(false_rates, hit_rates, strict=True)
            ]
        )


def evaluate_hull(points: Sequence[tuple[float, float]], at: float) -> float:
    """Return the height at `at` of the upper convex hull of these points and the origin."""
    hull = compute_hull(points)
    for (low, low_hit), (high, high_hit) in pairwise(hull):
        if low <= at < high:
            return low_hit + (at - low) / (high - low) * (high_hit - low_hit)
    return hull[-1][1]


def compute_hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the upper convex hull from the origin to the highest point, by rising x."""
    best: dict[float, float] = {0.0: 0.0}
    for x, y in points:
        best[x] = max(y, best.get(x, 0.0))
    hull: list[tuple[float, float]] = []
    for x, y in sorted(best.items()):
        if hull and y <= hull[-1][1]:
            continue
        while len(hull) > 1 and _is_below(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    return hull


def _is_below(
    first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]
) -> bool:
    rise = (middle[1] - first[1]) * (last[0] - first[0])
    return rise <= (last[1] - first[1]) * (middle[0] - first[0])


def draw_weights(learners: int, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Return how often each resample (row) contains each learner (column)."""
    random = np.random.default_rng(seed)
    return random.multinomial(learners, [1 / learners] * learners, size=resamples).astype(float)


def compute_interval(values: Array) -> Interval:
    """Return the percentile interval of resampled values."""
    low, high = np.nanquantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def bootstrap(outcome: ClassOutcome, weights: Array) -> tuple[Interval | None, Interval]:
    """Return the intervals of (hit rate, false hints per hour)."""
    hits, episodes, false, hours = outcome.to_arrays()
    rates = (weights @ false) / (weights @ hours)
    if not episodes.any():
        return None, compute_interval(rates)
    shares = (weights @ hits) / np.maximum(weights @ episodes, 1e-9)
    return compute_interval(shares), compute_interval(rates)


def round_value(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def round_interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(bound, 4) for bound in interval]
