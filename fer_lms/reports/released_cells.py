"""The smallest pieces that anything is ever released in, each made once, of a whole group.

A cell holds the sums of one ten-second bin over the learners on one step, or over those of the bin
who cannot be told apart by step. It is made when its windows are closed and never again, and only
of at least `smallest_group` contributing learners; what is left over is counted nowhere. Every
learner's ten seconds lie in one cell at most, so whatever is released, at whatever time, is a sum
of whole cells: no adding and subtracting of it speaks of fewer learners than a whole group
(docs/adr/0007, tests/reports/test_adversary.py).
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
"""Sums are integers (value x 10^6), so that the order of adding never changes one."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of a learner on one step."""

    step_id: int
    start_at: datetime
    end_at: datetime

    @property
    def seconds(self) -> float:
        return (self.end_at - self.start_at).total_seconds()


Visits = Mapping[uuid.UUID, Sequence[Visit]]
Learners = set[uuid.UUID]


@dataclass(frozen=True, slots=True)
class LearnerBin:
    """Ten seconds in which a learner could have been seen; `window` is None where nothing came."""

    learner: uuid.UUID
    number: int
    window: ObservationWindow | None

    @property
    def scored(self) -> bool:
        return self.window is not None and self.window.scored > 0

    @property
    def engagement(self) -> float | None:
        return self.window.engagement if self.window else None


@dataclass(frozen=True, slots=True)
class Cell:
    """Sums over one group's moments of one bin. `learners` never leaves the process."""

    number: int
    step_id: int | None
    moments: int
    seen_seconds: int
    scored: int
    expression_sums: tuple[int, ...]
    engagement_count: int
    engagement_sum: int
    levels: Mapping[str, int]
    learners: frozenset[uuid.UUID]


def build_cells(moments: Iterable[LearnerBin], visits: Visits, smallest_group: int) -> list[Cell]:
    bins: dict[int, list[LearnerBin]] = {}
    for moment in moments:
        bins.setdefault(moment.number, []).append(moment)
    return [
        cell for _, own in sorted(bins.items()) for cell in _of_bin(own, visits, smallest_group)
    ]


def contributors(moments: Iterable[LearnerBin]) -> Learners:
    """Learners of whom at least one frame was scored."""
    return {moment.learner for moment in moments if moment.scored}


def to_bin_number(moment: datetime) -> int:
    return int(moment.timestamp()) // WINDOW_SECONDS


def to_bin_start(number: int) -> datetime:
    return datetime.fromtimestamp(number * WINDOW_SECONDS, tz=UTC)


def _of_bin(moments: Sequence[LearnerBin], visits: Visits, smallest_group: int) -> list[Cell]:
    """A cell for each step with a whole group on it, and one for all others together where they
    are a whole group too."""
    by_step: dict[int | None, list[LearnerBin]] = {}
    for moment in moments:
        by_step.setdefault(_step_at(moment, visits), []).append(moment)
    cells, others = [], by_step.pop(None, [])
    for step_id, own in sorted(by_step.items(), key=lambda item: item[0] or 0):
        if len(contributors(own)) >= smallest_group:
            cells.append(_cell(step_id, own, smallest_group))
        else:
            others.extend(own)
    if len(contributors(others)) >= smallest_group:
        cells.append(_cell(None, others, smallest_group))
    return cells


def _cell(step_id: int | None, moments: Sequence[LearnerBin], smallest_group: int) -> Cell:
    scored = [m.window.expressions for m in moments if m.window and m.window.scored]
    known = _engagements(moments, smallest_group)
    levels = [classify_level(value) for value in known]
    return Cell(
        number=moments[0].number,
        step_id=step_id,
        moments=len(moments),
        seen_seconds=sum(moment.window.seen_seconds for moment in moments if moment.window),
        scored=len(scored),
        expression_sums=tuple(
            sum(round(shares[label] * SCALE) for shares in scored if shares) for label in LABELS
        ),
        engagement_count=len(known),
        engagement_sum=sum(round(value * SCALE) for value in known),
        levels={level: levels.count(level) for level in levels},
        learners=frozenset(contributors(moments)),
    )


def _engagements(moments: Sequence[LearnerBin], smallest_group: int) -> list[float]:
    """Each window's engagement; empty where too few learners have one: it is a group of its own."""
    known = [moment for moment in moments if moment.engagement is not None]
    if len({moment.learner for moment in known}) < smallest_group:
        return []
    return [value for moment in known if (value := moment.engagement) is not None]


def _step_at(moment: LearnerBin, visits: Visits) -> int | None:
    """The step that was open in the middle of the ten seconds; None where none was known to be."""
    middle = (moment.number + 0.5) * WINDOW_SECONDS
    for visit in visits.get(moment.learner, ()):
        if visit.start_at.timestamp() <= middle < visit.end_at.timestamp():
            return visit.step_id
    return None
