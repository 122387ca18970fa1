"""Class metrics as a pure function of released cells (fer_lms.reports.released_cells).

Totals are computed from shown cells only, so that no suppressed value can be found by subtraction
(secondary suppression). Means weight every ten-second bin equally. Values are rounded to
hundredths; no minimum or maximum of a learner is released.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.lessons.models import Step
from fer_lms.reports.models import ReleasedCell
from fer_lms.reports.released_cells import SCALE, Cell, to_bin_start
from inference.results import LABELS

TOO_FEW_LEARNERS = "too_few_learners"
NOT_ENOUGH_SEEN = "not_enough_seen"
WITHDRAWN = "withdrawn"
MIN_COVERAGE = 0.5
"""A metric is shown if at least this share of its time was seen."""
MAX_TIMELINE_BINS = 180
"""Half an hour in ten-second bins; longer lessons have wider timeline bins."""
LEVELS = ("high", "medium", "low")

Metrics = dict[str, Any]


AnyCell = Cell | ReleasedCell
Cells = Sequence[AnyCell]


def summarise_session(
    *, cells: Cells, steps: Iterable[Step], contributors: int, min_group_size: int
) -> Metrics:
    """Compute the metrics of a session.

    Args:
        cells: The released cells.
        steps: The steps of the lesson.
        contributors: Number of learners in the cells; released as a multiple of the threshold.
        min_group_size: The threshold of the disclosure control.
    """
    bins = group_timeline_bins(cells)
    rows = {number: compute_metrics(bin_cells) for number, bin_cells in bins.items()}
    shown = [cell for number in bins if not rows[number]["withheld"] for cell in bins[number]]
    reason = None
    if not cells:
        reason = TOO_FEW_LEARNERS
    elif not shown or not _is_covered(cells):
        reason = NOT_ENOUGH_SEEN
    summary = build_empty_summary(reason) if reason else _compute_totals(shown)
    summary["coverage"] = _round(_compute_coverage(cells)) if cells else None
    summary["contributors_at_least"] = contributors // min_group_size * min_group_size or None
    if reason is None:
        summary["timeline"] = [
            {"start": to_bin_start(number).isoformat()} | row for number, row in rows.items()
        ]
        summary["steps"] = _build_step_rows(shown, steps)
    return summary


def build_empty_summary(reason: str) -> Metrics:
    return {
        "engagement": None,
        "expressions": None,
        "withheld": reason,
        "coverage": None,
        "contributors_at_least": None,
        "timeline": [],
        "steps": [],
    }


def group_timeline_bins(cells: Cells) -> dict[int, list[AnyCell]]:
    """Group cells into timeline bins, including empty ones, by the number of their first bin."""
    if not cells:
        return {}
    first = min(cell.bin_number for cell in cells)
    last = max(cell.bin_number for cell in cells)
    width = ceil((last - first + 1) / MAX_TIMELINE_BINS)
    bins: dict[int, list[AnyCell]] = {number: [] for number in range(first, last + 1, width)}
    for cell in cells:
        bins[first + (cell.bin_number - first) // width * width].append(cell)
    return bins


def compute_metrics(cells: Cells) -> Metrics:
    """Compute coverage, engagement and expression shares, or the reason for withholding them."""
    if not cells:
        withheld = TOO_FEW_LEARNERS
        return {"coverage": None, "engagement": None, "expressions": None, "withheld": withheld}
    is_covered = _is_covered(cells)
    return {
        "coverage": _round(_compute_coverage(cells)),
        "engagement": _compute_mean_engagement(cells) if is_covered else None,
        "expressions": _compute_mean_expressions(cells) if is_covered else None,
        "withheld": None if is_covered else NOT_ENOUGH_SEEN,
    }


def _compute_totals(shown: Cells) -> Metrics:
    mean = _compute_mean_engagement(shown)
    levels = _compute_level_shares(shown)
    return {
        "withheld": None,
        "engagement": None if mean is None else {"mean": mean, "levels": levels},
        "expressions": _compute_mean_expressions(shown),
    }


def _build_step_rows(cells: Cells, steps: Iterable[Step]) -> list[Metrics]:
    rows = []
    for step in steps:
        row = compute_metrics([cell for cell in cells if cell.step_id == step.pk])
        del row["expressions"]
        rows.append({"position": step.position, "title": step.title} | row)
    return rows


def _compute_coverage(cells: Cells) -> float:
    """Compute the share (0 to 1) of the learners' time in which they were seen."""
    seen = sum(cell.seen_seconds for cell in cells)
    return seen / (WINDOW_SECONDS * sum(cell.learner_bins for cell in cells))


def _compute_mean_engagement(cells: Cells) -> float | None:
    count = sum(cell.engagement_count for cell in cells)
    return _round(sum(cell.engagement_sum for cell in cells) / (SCALE * count)) if count else None


def _compute_mean_expressions(cells: Cells) -> dict[str, float]:
    divisor = SCALE * sum(cell.scored for cell in cells)
    columns = zip(*(cell.expression_sums for cell in cells), strict=True)
    return {
        label: _round(sum(column) / divisor) for label, column in zip(LABELS, columns, strict=True)
    }


def _compute_level_shares(cells: Cells) -> dict[str, float]:
    count = sum(cell.engagement_count for cell in cells) or 1
    return {
        level: _round(sum(cell.levels.get(level, 0) for cell in cells) / count) for level in LEVELS
    }


def _is_covered(cells: Cells) -> bool:
    return _compute_coverage(cells) >= MIN_COVERAGE


def _round(value: float) -> float:
    return round(value, 2)
