"""Bodies of reports: JSON of figures that the disclosure control released. Pure.

Nothing here computes a figure of students; the functions arrange released ones.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from fer_lms.disclosure.coarsening import round_engagement, round_expression, round_level
from fer_lms.disclosure.figures import BIN_SECONDS, SIMILAR_GROUP, Figure, SessionFigures

BODY_VERSION: Final = 2
"""Version 1 had sums of ten-second cells."""
WITHDRAWN: Final = "withdrawn"
EARLIER_VERSION: Final = "earlier_version"
NOT_ENOUGH_SEEN: Final = "not_enough_seen"
"""Only in reports of earlier versions."""
NOT_YET: Final = "not_yet"
SINCE_START: Final = "since_start"
SINCE_OPENING: Final = "since_opening"

Metrics = dict[str, Any]


class StepTitle(NamedTuple):
    position: int
    title: str


def build_bin_row(start: int, figure: Figure) -> Metrics:
    """Build a row of the timeline, `start` seconds after the session's start or the opening."""
    return {"start": start} | _build_figure(figure) | {"expressions": figure.expressions}


def build_step_row(step: StepTitle, figure: Figure) -> Metrics:
    return step._asdict() | _build_figure(figure)


def build_final_summary(
    figures: SessionFigures, steps: Sequence[StepTitle], *, bin_seconds: int, min_group_size: int
) -> Metrics:
    """Arrange the figures of an ended session."""
    if figures.withheld:
        return build_empty_summary(figures.withheld, steps)
    has_mean = figures.engagement is not None
    return {
        "withheld": None,
        "level_withheld": figures.level_withheld,
        "contributors_at_least": min_group_size,
        "coverage": None,
        "engagement": {"mean": figures.engagement, "levels": figures.levels} if has_mean else None,
        "expressions": figures.expressions,
        "timeline_unit": SINCE_OPENING,
        "bin_seconds": bin_seconds,
        "timeline": [
            build_bin_row(number * bin_seconds, figure)
            for number, figure in enumerate(figures.bins)
        ],
        "steps": [
            build_step_row(step, figure) for step, figure in zip(steps, figures.steps, strict=True)
        ],
    }


def build_live_summary(
    rows: Sequence[Metrics],
    steps: Sequence[StepTitle],
    *,
    is_relative: bool,
    min_group_size: int,
    steps_withheld: str = NOT_YET,
) -> Metrics:
    """Arrange the live figures; their mean is that of the released bins."""
    values = [row["engagement"] for row in rows if row["engagement"] is not None]
    mean = {"mean": round_engagement(sum(values) / len(values)), "levels": None} if values else None
    if not any(row["withheld"] is None for row in rows):
        return build_empty_summary(steps_withheld, steps)
    return build_empty_summary(None, steps, steps_withheld=steps_withheld) | {
        "level_withheld": SIMILAR_GROUP if is_relative else None,
        "contributors_at_least": min_group_size,
        "engagement": mean,
        "timeline_unit": SINCE_START,
        "timeline": list(rows),
    }


def build_empty_summary(
    reason: str | None, steps: Iterable[StepTitle] = (), *, steps_withheld: str | None = None
) -> Metrics:
    """Build a summary without figures from the camera."""
    return {
        "withheld": reason,
        "level_withheld": None,
        "contributors_at_least": None,
        "coverage": None,
        "engagement": None,
        "expressions": None,
        "timeline_unit": SINCE_OPENING,
        "bin_seconds": BIN_SECONDS,
        "timeline": [],
        "steps": [
            build_step_row(step, Figure(withheld=reason or steps_withheld)) for step in steps
        ],
    }


def reduce_earlier_version(body: Metrics, min_group_size: int) -> Metrics:
    """Reduce a report of an earlier version to what the present disclosure control may show.

    Its totals are rounded. Other figures that may depend on a face are withheld, because the group
    of each was another one.
    """
    engagement, shown = body["engagement"], body["withheld"] is None
    return body | {
        "level_withheld": None,
        "contributors_at_least": min_group_size if shown else None,
        "coverage": None,
        "engagement": engagement and _round_engagement(engagement),
        "expressions": body["expressions"]
        and {label: round_expression(share) for label, share in body["expressions"].items()},
        "timeline_unit": SINCE_OPENING,
        "bin_seconds": BIN_SECONDS,
        "timeline": [],
        "steps": [
            step
            | _build_figure(Figure(withheld=EARLIER_VERSION if shown else body["withheld"]))
            | {"seconds": None}  # were bounded by the windows of the camera
            for step in body["steps"]
        ],
        "help": None,
        "limits": [*body["limits"], EARLIER_VERSION],
    }


def _round_engagement(engagement: Metrics) -> Metrics:
    levels = {level: round_level(share) for level, share in engagement["levels"].items()}
    return {"mean": round_engagement(engagement["mean"]), "levels": levels}


def _build_figure(figure: Figure) -> Metrics:
    return {
        "coverage": None,
        "engagement": figure.engagement,
        "change": figure.change,
        "withheld": figure.withheld,
    }
