"""Camera figures of a session: means over one constant cohort. Pure.

Every figure is (1/n) of the sum over the same n students, each of whom counts once: with the mean
of their own windows in the bin or step or, without any, with their own mean of the session
(own-mean imputation). The difference of two figures therefore contains no student's level, whoever
was absent, late or gone. Where fewer than `FULL_WEIGHT_MEMBERS` members have own data, its
deviation from the own means is reduced, down to nothing where only one has any: who is in the
picture can be arranged, and hiding the figure or a sudden change of it would tell who shares a
camera. Which figures are shown depends on attendance only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from fer_lms.disclosure.coarsening import (
    MIN_COVERAGE,
    Change,
    classify_change,
    round_coverage,
    round_engagement,
    round_expression,
    round_level,
)
from fer_lms.disclosure.cohort import (
    Cohort,
    LiveDecision,
    ReleasedGroup,
    choose_final,
    has_lost_members,
)
from fer_lms.disclosure.records import (
    LEVELS,
    BoolArray,
    CameraSums,
    FloatArray,
    IntArray,
    SessionRecord,
)
from inference.results import LABELS

TOO_FEW_LEARNERS: Final = "too_few_learners"
NOT_ENOUGH_SEEN: Final = "not_enough_seen"
CHANGED_GROUP: Final = "changed_group"
FEW_PRESENT: Final = "few_present"
SIMILAR_GROUP: Final = "similar_group"

BIN_SECONDS: Final = 120
LONG_BIN_SECONDS: Final = 180
LONG_LESSON_SECONDS: Final = 90 * 60
MIN_OWN_SECONDS: Final = 10
"""Seconds seen in a bin or step from which a student's own data is used."""
FULL_WEIGHT_MEMBERS: Final = 5
"""Members with own data from which the own data of a bin or step counts fully."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The figures of one bin or step, or the reason why they are withheld.

    Attributes:
        engagement: Rounded mean; None if withheld, without an index, or if only the change is
            released.
        change: Compared with the session's mean; only where levels are withheld.
        expressions: Rounded mean by label.
        withheld: A reason, or None.
    """

    engagement: float | None = None
    change: Change | None = None
    expressions: Mapping[str, float] | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """All camera figures of an ended session.

    Attributes:
        cohort: The students; never shown. Empty if everything is withheld.
        present: The students who counted by attendance.
    """

    withheld: str | None = None
    level_withheld: str | None = None
    coverage: float | None = None
    engagement: float | None = None
    levels: Mapping[str, float] | None = None
    expressions: Mapping[str, float] | None = None
    bins: Sequence[Figure] = ()
    steps: Sequence[Figure] = ()
    cohort: Cohort = frozenset()
    present: Cohort = frozenset()


@dataclass(frozen=True, slots=True)
class _Means:
    """Means over the cohort by bin or step, unrounded."""

    engagement: FloatArray | None
    expressions: FloatArray | None


def choose_bin_seconds(own_seconds: FloatArray, min_group_size: int) -> int:
    """Return the length of a bin, longer if enough students stayed for over 90 minutes."""
    stayed = int((own_seconds > LONG_LESSON_SECONDS).sum())
    is_long = stayed >= _compute_min_present(len(own_seconds), min_group_size)
    return LONG_BIN_SECONDS if is_long else BIN_SECONDS


def compute_final(
    record: SessionRecord,
    min_group_size: int,
    *,
    decision: LiveDecision | None = None,
    earlier: Collection[ReleasedGroup] = (),
) -> SessionFigures:
    """Compute the figures of an ended session.

    Args:
        record: Data by own lesson time and by step.
        min_group_size: Threshold of the disclosure control.
        decision: The decision on live figures; None if none was made.
        earlier: What was released before, in this and other sessions.
    """
    if decision and decision.members and has_lost_members(record, decision):
        return SessionFigures(withheld=CHANGED_GROUP)
    chosen = choose_final(record, min_group_size, decision, earlier)
    if not chosen.members:
        return SessionFigures(withheld=TOO_FEW_LEARNERS)
    rows = record.find_rows(chosen.members)
    coverage = _compute_coverage(record, rows)
    if coverage < MIN_COVERAGE:
        return SessionFigures(withheld=NOT_ENOUGH_SEEN, coverage=round_coverage(coverage))
    own = _compute_own_means(record.bins.take(rows))
    total, is_relative = own.compute_mean(), chosen.is_relative
    bins = _build_figures(record.bins.take(rows), record.in_bin, own, min_group_size, is_relative)
    return SessionFigures(
        level_withheld=SIMILAR_GROUP if is_relative else None,
        coverage=round_coverage(coverage),
        engagement=None if is_relative or total is None else round_engagement(total),
        levels=None if is_relative or total is None else _compute_levels(record.bins.take(rows)),
        expressions=None if is_relative else _round_expressions(own.compute_mean_expressions()),
        bins=_without_trailing_absence(bins),
        steps=_build_figures(
            record.steps.take(rows), record.in_step, own, min_group_size, is_relative
        ),
        cohort=chosen.members,
        present=chosen.present,
    )


def compute_live(
    record: SessionRecord, min_group_size: int, decision: LiveDecision
) -> list[Figure]:
    """Compute the engagement of all bins of an open session so far; call it for new bins only.

    Args:
        record: Data by the time since the session's start.
        min_group_size: Threshold of the disclosure control.
        decision: A decision with members, none of whom has been lost.
    """
    sums = record.bins.take(record.find_rows(decision.members))
    own = _compute_own_means(sums)
    return [
        Figure(figure.engagement, figure.change, None, figure.withheld)
        for figure in _build_figures(sums, record.in_bin, own, min_group_size, decision.is_relative)
    ]


@dataclass(frozen=True, slots=True)
class _OwnMeans:
    """Each member's mean of the session; None unless every member has one."""

    engagement: FloatArray | None
    expressions: FloatArray | None

    def compute_mean(self) -> float | None:
        return None if self.engagement is None else float(self.engagement.mean())

    def compute_mean_expressions(self) -> FloatArray | None:
        return None if self.expressions is None else self.expressions.mean(axis=0)


def _compute_own_means(sums: CameraSums) -> _OwnMeans:
    indexed = sums.engagement_windows.sum(axis=1)
    scored = sums.expression_windows.sum(axis=1)
    return _OwnMeans(
        engagement=sums.engagement.sum(axis=1) / indexed if indexed.all() else None,
        expressions=sums.expressions.sum(axis=1) / scored[:, None] if scored.all() else None,
    )


def _compute_coverage(record: SessionRecord, rows: IntArray) -> float:
    """Return the mean share of their lesson time in which the members were seen."""
    seen = record.bins.seen_seconds[rows].sum(axis=1)
    return float(np.minimum(seen / np.maximum(record.own_seconds[rows], 1), 1).mean())


def _build_figures(
    sums: CameraSums, present: BoolArray, own: _OwnMeans, min_group_size: int, is_relative: bool
) -> list[Figure]:
    means = _compute_means(sums, own)
    min_present = _compute_min_present(len(present), min_group_size)
    total = own.compute_mean()
    return [
        _build_figure(means, column, total, is_relative)
        if count >= min_present
        else Figure(withheld=FEW_PRESENT)
        for column, count in enumerate(present.sum(axis=0))
    ]


def _build_figure(means: _Means, column: int, total: float | None, is_relative: bool) -> Figure:
    value = None if means.engagement is None else float(means.engagement[column])
    if is_relative:
        if value is None or total is None:
            return Figure()
        return Figure(change=classify_change(value, total))
    expressions = None if means.expressions is None else means.expressions[column]
    return Figure(
        engagement=None if value is None else round_engagement(value),
        expressions=_round_expressions(expressions),
    )


def _compute_means(sums: CameraSums, own: _OwnMeans) -> _Means:
    is_seen = sums.seen_seconds >= MIN_OWN_SECONDS
    engagement = expressions = None
    if own.engagement is not None:
        weights = _weigh_own_data(is_seen & (sums.engagement_windows > 0))
        values = sums.engagement / np.maximum(sums.engagement_windows, 1)
        deviations = (values - own.engagement[:, None]) * weights
        engagement = own.engagement.mean() + deviations.mean(axis=0)
    if own.expressions is not None:
        weights = _weigh_own_data(is_seen & (sums.expression_windows > 0))
        shares = sums.expressions / np.maximum(sums.expression_windows, 1)[:, :, None]
        deviations = (shares - own.expressions[:, None, :]) * weights[:, :, None]
        expressions = own.expressions.mean(axis=0) + deviations.mean(axis=0)
    return _Means(engagement, expressions)


def _weigh_own_data(has_data: BoolArray) -> FloatArray:
    """Return the weight of each member's own data, against their own mean, in each column."""
    members = has_data.sum(axis=0)
    weights: FloatArray = has_data * np.clip((members - 1) / (FULL_WEIGHT_MEMBERS - 1), 0, 1)
    return weights


def _compute_levels(sums: CameraSums) -> dict[str, float]:
    """Compute the share of the members' time at each level; every member has the same weight."""
    counts = sums.levels.sum(axis=1)
    shares = (counts / np.maximum(counts.sum(axis=1), 1)[:, None]).mean(axis=0)
    return {level: round_level(float(share)) for level, share in zip(LEVELS, shares, strict=True)}


def _round_expressions(shares: FloatArray | None) -> dict[str, float] | None:
    if shares is None:
        return None
    return {
        label: round_expression(float(share)) for label, share in zip(LABELS, shares, strict=True)
    }


def _compute_min_present(present: int, min_group_size: int) -> int:
    return max(min_group_size, ceil(present / 2))


def _without_trailing_absence(figures: Sequence[Figure]) -> list[Figure]:
    """Cut off the bins for which only few students stayed."""
    shown = [at for at, figure in enumerate(figures) if figure.withheld != FEW_PRESENT]
    return list(figures[: shown[-1] + 1]) if shown else []
