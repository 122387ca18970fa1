"""Disclosure control: the cells from which every class metric is computed.

A cell holds the sums of one ten-second bin over the learners on one step, or over the bin's
remaining learners. It is released once, when its windows are closed, and only with at least
`min_group_size` contributors (threshold rule); other data is suppressed. A learner's ten seconds
are in at most one cell, so every released metric is a sum of whole cells, and no differencing of
metrics describes fewer learners than the threshold (docs/adr/0007; attacks are in
tests/reports/test_adversary.py).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.engagement.scoring import classify_level
from inference.results import LABELS

SCALE = 1_000_000
"""Sums are integers (value x 10^6), so that the order of addition never changes them."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One continuous stay of a learner on one step."""

    step_id: int
    start_at: datetime
    end_at: datetime

    @property
    def seconds(self) -> float:
        return (self.end_at - self.start_at).total_seconds()


Visits = Mapping[uuid.UUID, Sequence[Visit]]
"""Learner -> visits."""


@dataclass(frozen=True, slots=True)
class LearnerBin:
    """One ten-second bin of one learner; `window` is None where no frame arrived."""

    learner: uuid.UUID
    bin_number: int
    window: ObservationWindow | None

    @property
    def is_scored(self) -> bool:
        return self.window is not None and self.window.scored > 0

    @property
    def engagement(self) -> float | None:
        return self.window.engagement if self.window else None


@dataclass(frozen=True, slots=True)
class Cell:
    """Sums over a group's bins; `learners` is never stored."""

    bin_number: int
    step_id: int | None
    learner_bins: int
    seen_seconds: int
    scored: int
    expression_sums: tuple[int, ...]
    engagement_count: int
    engagement_sum: int
    levels: Mapping[str, int]
    learners: frozenset[uuid.UUID]


def build_cells(bins: Iterable[LearnerBin], visits: Visits, min_group_size: int) -> list[Cell]:
    """Aggregate bins into cells and suppress those below the threshold.

    Args:
        bins: Bins whose windows are all closed.
        visits: When each learner was on which step.
        min_group_size: Minimum number of contributors of a cell.
    """
    by_number: dict[int, list[LearnerBin]] = {}
    for learner_bin in bins:
        by_number.setdefault(learner_bin.bin_number, []).append(learner_bin)
    return [
        cell
        for _, group in sorted(by_number.items())
        for cell in _build_cells_of_bin(group, visits, min_group_size)
    ]


def get_contributors(bins: Iterable[LearnerBin]) -> set[uuid.UUID]:
    """Return the learners with at least one scored frame."""
    return {learner_bin.learner for learner_bin in bins if learner_bin.is_scored}


def to_bin_number(time: datetime) -> int:
    """Return the number of ten-second bins since the Unix epoch."""
    return int(time.timestamp()) // WINDOW_SECONDS


def to_bin_start(number: int) -> datetime:
    return datetime.fromtimestamp(number * WINDOW_SECONDS, tz=UTC)


def _build_cells_of_bin(
    bins: Sequence[LearnerBin], visits: Visits, min_group_size: int
) -> list[Cell]:
    """Build a cell for each large enough step, and one of all other learners together."""
    by_step: dict[int | None, list[LearnerBin]] = {}
    for learner_bin in bins:
        by_step.setdefault(_find_step(learner_bin, visits), []).append(learner_bin)
    cells, remaining = [], by_step.pop(None, [])
    for step_id, group in sorted(by_step.items(), key=lambda item: item[0] or 0):
        if len(get_contributors(group)) >= min_group_size:
            cells.append(_build_cell(step_id, group, min_group_size))
        else:
            remaining.extend(group)
    if len(get_contributors(remaining)) >= min_group_size:
        cells.append(_build_cell(None, remaining, min_group_size))
    return cells


def _build_cell(step_id: int | None, bins: Sequence[LearnerBin], min_group_size: int) -> Cell:
    windows = [learner_bin.window for learner_bin in bins if learner_bin.window]
    expressions = [window.expressions for window in windows if window.scored]
    engagements = _list_engagements(bins, min_group_size)
    levels = [classify_level(value) for value in engagements]
    return Cell(
        bin_number=bins[0].bin_number,
        step_id=step_id,
        learner_bins=len(bins),
        seen_seconds=sum(window.seen_seconds for window in windows),
        scored=len(expressions),
        expression_sums=tuple(
            sum(round(shares[label] * SCALE) for shares in expressions if shares)
            for label in LABELS
        ),
        engagement_count=len(engagements),
        engagement_sum=sum(round(value * SCALE) for value in engagements),
        levels={level: levels.count(level) for level in levels},
        learners=frozenset(get_contributors(bins)),
    )


def _list_engagements(bins: Sequence[LearnerBin], min_group_size: int) -> list[float]:
    """List engagement values; empty if fewer learners than the threshold have one."""
    values = [(b.learner, value) for b in bins if (value := b.engagement) is not None]
    learners = {learner for learner, _ in values}
    return [value for _, value in values] if len(learners) >= min_group_size else []


def _find_step(learner_bin: LearnerBin, visits: Visits) -> int | None:
    """Return the step that was open in the middle of the bin, if any."""
    middle = (learner_bin.bin_number + 0.5) * WINDOW_SECONDS
    for visit in visits.get(learner_bin.learner, ()):
        if visit.start_at.timestamp() <= middle < visit.end_at.timestamp():
            return visit.step_id
    return None
