"""A class's figures as a pure function of released cells (fer_lms.reports.released_cells).

Totals are made of what is shown and of nothing else, so that what is withheld leaves no hole to
subtract from. Means weigh every ten-second window alike. Figures are rounded to whole hundredths;
no smallest and no largest value of a learner is ever told.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Protocol

from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.lessons.models import Step
from fer_lms.reports.released_cells import SCALE, to_bin_start
from inference.results import LABELS

TOO_FEW_LEARNERS = "too_few_learners"
NOT_ENOUGH_SEEN = "not_enough_seen"
WITHDRAWN = "withdrawn"
MIN_COVERAGE = 0.5
"""Below half of what could be seen, a figure is not shown."""
MAX_TIMELINE_BINS = 180
"""Half an hour in ten-second bins; longer lessons get coarser ones."""
LEVELS = ("high", "medium", "low")

Figures = dict[str, Any]


class Sums(Protocol):
    """What is read of a cell, in memory or stored."""

    @property
    def number(self) -> int: ...
    @property
    def step_id(self) -> int | None: ...
    @property
    def moments(self) -> int: ...
    @property
    def seen_seconds(self) -> int: ...
    @property
    def scored(self) -> int: ...
    @property
    def expression_sums(self) -> Sequence[int]: ...
    @property
    def engagement_count(self) -> int: ...
    @property
    def engagement_sum(self) -> int: ...
    @property
    def levels(self) -> Mapping[str, int]: ...


Cells = Sequence[Sums]


def summarise_lesson(
    *, cells: Cells, steps: Iterable[Step], contributors: int, smallest_group: int
) -> Figures:
    """`contributors`: of how many learners the cells are; told in whole groups only."""
    rows = {number: compute_metrics(cell) for number, cell in group_timeline_bins(cells).items()}
    shown = [
        cell
        for number, own in group_timeline_bins(cells).items()
        for cell in own
        if not rows[number]["withheld"]
    ]
    reason = (
        TOO_FEW_LEARNERS
        if not cells
        else NOT_ENOUGH_SEEN
        if not shown or not _enough(cells)
        else None
    )
    summary = nothing(reason) if reason else _whole(shown)
    summary["coverage"] = _rounded(compute_coverage(cells)) if cells else None
    summary["contributors_at_least"] = contributors // smallest_group * smallest_group or None
    if reason is None:
        summary["timeline"] = [{"start": to_bin_start(n).isoformat()} | r for n, r in rows.items()]
        summary["steps"] = build_step_rows(shown, steps)
    return summary


def nothing(reason: str) -> Figures:
    nulls = {"engagement": None, "expressions": None}
    return nulls | {
        "withheld": reason,
        "coverage": None,
        "contributors_at_least": None,
        "timeline": [],
        "steps": [],
    }


def group_timeline_bins(cells: Cells) -> dict[int, list[Sums]]:
    """Number of the first window of each bin -> its cells; every bin from first to last."""
    if not cells:
        return {}
    first = min(cell.number for cell in cells)
    last = max(cell.number for cell in cells)
    width = ceil((last - first + 1) / MAX_TIMELINE_BINS)
    bins: dict[int, list[Sums]] = {number: [] for number in range(first, last + 1, width)}
    for cell in cells:
        bins[first + (cell.number - first) // width * width].append(cell)
    return bins


def compute_metrics(cells: Cells) -> Figures:
    """One row: coverage, engagement and expression shares, or why they are withheld."""
    if not cells:
        return {
            "coverage": None,
            "engagement": None,
            "expressions": None,
            "withheld": TOO_FEW_LEARNERS,
        }
    enough = _enough(cells)
    return {
        "coverage": _rounded(compute_coverage(cells)),
        "engagement": compute_mean_engagement(cells) if enough else None,
        "expressions": compute_mean_expressions(cells) if enough else None,
        "withheld": None if enough else NOT_ENOUGH_SEEN,
    }


def compute_coverage(cells: Cells) -> float:
    """Seconds seen of the seconds that could be seen: 0..1."""
    seen = sum(cell.seen_seconds for cell in cells)
    return seen / (WINDOW_SECONDS * sum(cell.moments for cell in cells))


def compute_mean_engagement(cells: Cells) -> float | None:
    count = sum(cell.engagement_count for cell in cells)
    return _rounded(sum(cell.engagement_sum for cell in cells) / (SCALE * count)) if count else None


def compute_mean_expressions(cells: Cells) -> dict[str, float]:
    """The mean probability of each label over the scored windows."""
    divisor = SCALE * sum(cell.scored for cell in cells)
    totals = (sum(each) for each in zip(*(cell.expression_sums for cell in cells), strict=True))
    return {label: _rounded(sum_ / divisor) for label, sum_ in zip(LABELS, totals, strict=True)}


def compute_level_shares(cells: Cells) -> dict[str, float]:
    """Which share of the windows lies on each level."""
    count = sum(cell.engagement_count for cell in cells)
    return {
        level: _rounded(sum(cell.levels.get(level, 0) for cell in cells) / count)
        for level in LEVELS
    }


def build_step_rows(cells: Cells, steps: Iterable[Step]) -> list[Figures]:
    """A row for every step, of the cells in which a whole group was on it."""
    rows = []
    for step in steps:
        row = compute_metrics([cell for cell in cells if cell.step_id == step.pk])
        del row["expressions"]
        rows.append({"position": step.position, "title": step.title} | row)
    return rows


def _whole(shown: Cells) -> Figures:
    mean = compute_mean_engagement(shown)
    return {
        "withheld": None,
        "engagement": None
        if mean is None
        else {"mean": mean, "levels": compute_level_shares(shown)},
        "expressions": compute_mean_expressions(shown),
    }


def _enough(cells: Cells) -> bool:
    return compute_coverage(cells) >= MIN_COVERAGE


def _rounded(value: float) -> float:
    return round(value, 2)
