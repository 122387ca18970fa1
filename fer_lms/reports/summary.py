"""A class's figures as a pure function of its windows and of who opened which step when.

What is withheld leaves no hole to subtract from: totals are made of the shown bins only, and
steps are withheld together until what is hidden hides a whole group. Means weigh every ten-second
window alike and are summed exactly, so that the order of the windows never changes a figure.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, fsum
from typing import Any

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.engagement.scoring import level_of
from fer_lms.lessons.models import Step
from inference.results import LABELS

TOO_FEW = "too_few_learners"
NOT_ENOUGH_SEEN = "not_enough_seen"
ENOUGH_COVERAGE = 0.5
"""Below half of what could be seen, a figure is not shown."""
MOST_BINS = 180
"""Half an hour in ten-second bins; longer lessons get coarser ones."""

Figures = dict[str, Any]


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


@dataclass(frozen=True, slots=True)
class Moment:
    """Ten seconds in which a learner could have been seen; `window` is None where nothing came."""

    learner: uuid.UUID
    number: int
    window: ObservationWindow | None

    @property
    def start_at(self) -> datetime:
        return datetime.fromtimestamp(self.number * WINDOW_SECONDS, tz=UTC)


Cell = Sequence[Moment]


def lesson_summary(
    *,
    windows: Iterable[ObservationWindow],
    visits: Visits,
    steps: Iterable[Step],
    smallest_group: int,
) -> Figures:
    moments = moments_of(windows)
    bins = timeline_bins(moments)
    rows = {number: figures_of(cell, smallest_group) for number, cell in bins.items()}
    large = [m for n, cell in bins.items() if rows[n]["withheld"] != TOO_FEW for m in cell]
    shown = [m for n, cell in bins.items() if not rows[n]["withheld"] for m in cell]
    reason = TOO_FEW if not large else NOT_ENOUGH_SEEN if not _enough(large) or not shown else None
    summary = _nothing(reason) if reason else _whole(shown, smallest_group)
    summary["coverage"] = _rounded(coverage_of(large)) if large else None
    summary["contributors_at_least"] = _group_of(contributors(large), smallest_group)
    if reason is None:
        summary["timeline"] = [{"start": _iso(n)} | row for n, row in rows.items()]
        summary["steps"] = step_rows(shown, visits, steps, smallest_group)
    return summary


def moments_of(windows: Iterable[ObservationWindow]) -> list[Moment]:
    """From each learner's first window to the last, also where nothing was seen between."""
    known: dict[uuid.UUID, dict[int, ObservationWindow]] = {}
    for window in windows:
        number = int(window.start_at.timestamp()) // WINDOW_SECONDS
        known.setdefault(window.participant_id, {})[number] = window
    return [
        Moment(learner, number, own.get(number))
        for learner, own in known.items()
        for number in range(min(own), max(own) + 1)
    ]


def timeline_bins(moments: Cell) -> dict[int, list[Moment]]:
    """Number of the first window of each bin -> its moments; every bin from first to last."""
    if not moments:
        return {}
    first = min(moment.number for moment in moments)
    last = max(moment.number for moment in moments)
    width = ceil((last - first + 1) / MOST_BINS)
    bins: dict[int, list[Moment]] = {number: [] for number in range(first, last + 1, width)}
    for moment in moments:
        bins[first + (moment.number - first) // width * width].append(moment)
    return bins


def figures_of(cell: Cell, smallest_group: int) -> Figures:
    """One row: coverage, engagement and expression shares, or why they are withheld."""
    if len(contributors(cell)) < smallest_group:
        return {"coverage": None, "engagement": None, "expressions": None, "withheld": TOO_FEW}
    enough = _enough(cell)
    return {
        "coverage": _rounded(coverage_of(cell)),
        "engagement": _rounded(mean_engagement(cell, smallest_group)) if enough else None,
        "expressions": mean_expressions(cell) if enough else None,
        "withheld": None if enough else NOT_ENOUGH_SEEN,
    }


def contributors(cell: Cell) -> set[uuid.UUID]:
    """Learners of whom at least one frame was scored."""
    return {moment.learner for moment in cell if moment.window and moment.window.scored}


def coverage_of(cell: Cell) -> float:
    """Seconds seen of the seconds that could be seen: 0..1."""
    seen = sum(moment.window.seen_seconds for moment in cell if moment.window)
    return seen / (WINDOW_SECONDS * len(cell))


def mean_engagement(cell: Cell, smallest_group: int) -> float | None:
    values = _engagements(cell, smallest_group)
    return fsum(values) / len(values) if values else None


def mean_expressions(cell: Cell) -> dict[str, float]:
    """The mean probability of each label over the scored windows."""
    shares = [m.window.expressions for m in cell if m.window and m.window.scored]
    return {
        label: _rounded(fsum(share[label] for share in shares if share) / len(shares)) or 0.0
        for label in LABELS
    }


def level_shares(values: Sequence[float]) -> dict[str, float]:
    """Which share of the windows lies on each level."""
    shares = {"high": 0, "medium": 0, "low": 0}
    for value in values:
        shares[level_of(value)] += 1
    return {level: _rounded(count / len(values)) or 0.0 for level, count in shares.items()}


def step_rows(
    moments: Cell, visits: Visits, steps: Iterable[Step], smallest_group: int
) -> list[Figures]:
    steps = list(steps)
    cells = cells_by_step(moments, visits)
    hidden = hidden_steps(cells, [step.pk for step in steps], smallest_group)
    rows = []
    for step in steps:
        cell = [] if step.pk in hidden else cells[step.pk]
        row = figures_of(cell, smallest_group)
        del row["expressions"]
        seconds = _mean_seconds(step.pk, contributors(cell), visits)
        rows.append({"position": step.position, "title": step.title, "seconds": seconds} | row)
    return rows


def cells_by_step(moments: Cell, visits: Visits) -> dict[int | None, list[Moment]]:
    """Moments by the step that was open in their middle; None where none was known to be."""
    cells: dict[int | None, list[Moment]] = {}
    for moment in moments:
        cells.setdefault(_step_at(moment, visits), []).append(moment)
    return cells


def hidden_steps(
    cells: Mapping[int | None, Cell], step_ids: Sequence[int], smallest_group: int
) -> set[int]:
    """Steps to withhold: those of too small a group, and as many more, the smallest first, until
    all that is hidden together is no smaller a group either."""
    learners = {step: contributors(cells.get(step, ())) for step in (*step_ids, None)}
    hidden = {step for step in step_ids if len(learners[step]) < smallest_group}
    left = sorted((s for s in step_ids if s not in hidden), key=lambda s: (len(learners[s]), s))
    remainder: set[uuid.UUID] = set().union(learners[None], *(learners[step] for step in hidden))
    while left and 0 < len(remainder) < smallest_group:
        hidden.add(left[0])
        remainder |= learners[left.pop(0)]
    return hidden


def _whole(shown: Cell, smallest_group: int) -> Figures:
    values = _engagements(shown, smallest_group)
    mean = _rounded(fsum(values) / len(values)) if values else None
    return {
        "withheld": None,
        "engagement": {"mean": mean, "levels": level_shares(values)} if values else None,
        "expressions": mean_expressions(shown),
    }


def _nothing(reason: str) -> Figures:
    nulls = {"engagement": None, "expressions": None}
    return nulls | {"withheld": reason, "timeline": [], "steps": []}


def _engagements(cell: Cell, smallest_group: int) -> list[float]:
    """Each window's engagement; empty where too few learners have one."""
    known = [m for m in cell if m.window and m.window.engagement is not None]
    if len(contributors(known)) < smallest_group:
        return []
    return [value for m in known if m.window and (value := m.window.engagement) is not None]


def _step_at(moment: Moment, visits: Visits) -> int | None:
    middle = moment.start_at.timestamp() + WINDOW_SECONDS / 2
    for visit in visits.get(moment.learner, ()):
        if visit.start_at.timestamp() <= middle < visit.end_at.timestamp():
            return visit.step_id
    return None


def _mean_seconds(step_id: int, learners: set[uuid.UUID], visits: Visits) -> int | None:
    if not learners:
        return None
    own = (visit for learner in learners for visit in visits.get(learner, ()))
    return round(fsum(v.seconds for v in own if v.step_id == step_id) / len(learners))


def _group_of(learners: set[uuid.UUID], smallest_group: int) -> int | None:
    """The number rounded down to whole groups: never the exact one."""
    return len(learners) // smallest_group * smallest_group or None


def _enough(cell: Cell) -> bool:
    return coverage_of(cell) >= ENOUGH_COVERAGE


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _iso(number: int) -> str:
    return datetime.fromtimestamp(number * WINDOW_SECONDS, tz=UTC).isoformat()
