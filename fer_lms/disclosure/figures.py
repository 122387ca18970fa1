"""Camera figures of a session: means over one constant cohort. Pure.

Every figure is the mean level of the same n students, each of whom counts once with their own mean
of the session, plus the mean deviation from it of those who were seen in the bin or step. The
difference of two figures therefore contains no student's level, whoever was absent, late or gone.
Where fewer than `compute_full_weight_members` were seen, the deviation is reduced, down to nothing
where only one was, and replaced by what the neighbours show, and by noise: who is in the picture
can be arranged, and hiding the figure, or a figure that does not vary, would tell who shares a
camera.
Which figures are shown depends on attendance only.

Levels of a class whose levels were shown in an earlier session are linked to those (matched
samples, as in a chained index): they change by the mean change of the students who have data of
both sessions, so that no difference of two sessions contains a student's level.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from fer_lms.disclosure.coarsening import (
    Change,
    classify_change,
    round_engagement,
    round_expression,
    round_level,
)
from fer_lms.disclosure.cohort import (
    Cohort,
    LiveDecision,
    choose_final,
    has_lost_members,
)
from fer_lms.disclosure.deviations import (
    average_deviations,
    compute_full_weight_members,
    weigh_own_data,
)
from fer_lms.disclosure.noise import NoiseSource
from fer_lms.disclosure.records import (
    LEVELS,
    BoolArray,
    CameraSums,
    FloatArray,
    SessionRecord,
)
from inference.results import LABELS

TOO_FEW_LEARNERS: Final = "too_few_learners"
CHANGED_GROUP: Final = "changed_group"
FEW_PRESENT: Final = "few_present"
SIMILAR_GROUP: Final = "similar_group"

BIN_SECONDS: Final = 120
LONG_BIN_SECONDS: Final = 180
LONG_LESSON_SECONDS: Final = 90 * 60
MIN_OWN_SECONDS: Final = 10
"""Seconds seen in a bin or step from which a student's own data is used."""
FULL_CHANGE_MEMBERS: Final = 5
"""Members with data of two sessions from which their change counts fully."""

Profile = FloatArray
"""Means of a session: engagement, the expressions, and the share of time at each level. NaN where
there is no data."""


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
        is_linked: The levels are those of an earlier session and the mean change since.
        cohort: The students; never shown. Empty if everything is withheld.
        present: The students who counted by attendance.
        level: The levels without rounding; never shown. None if they are withheld.
    """

    withheld: str | None = None
    level_withheld: str | None = None
    is_linked: bool = False
    engagement: float | None = None
    levels: Mapping[str, float] | None = None
    expressions: Mapping[str, float] | None = None
    bins: Sequence[Figure] = ()
    steps: Sequence[Figure] = ()
    cohort: Cohort = frozenset()
    present: Cohort = frozenset()
    level: Profile | None = None


@dataclass(frozen=True, slots=True)
class EarlierLevel:
    """Released levels of an earlier session with mostly the same students.

    Attributes:
        level: The levels, unrounded.
        profiles: Each student's own means of that session, as far as they are still stored.
    """

    level: Profile
    profiles: Mapping[str, Profile]


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
    earlier: Collection[Cohort] = (),
    link: EarlierLevel | None = None,
) -> SessionFigures:
    """Compute the figures of an ended session.

    Args:
        record: Data by own lesson time and by step.
        min_group_size: Threshold of the disclosure control.
        decision: The decision on live figures; None if none was made.
        earlier: Who was present in each session, this and others, whose levels were released.
        link: Levels that those of this session are linked to if they are not releasable alone.
    """
    if decision and decision.members and has_lost_members(record, decision):
        return SessionFigures(withheld=CHANGED_GROUP)
    chosen = choose_final(record, min_group_size, decision, earlier)
    if not chosen.members:
        return SessionFigures(withheld=TOO_FEW_LEARNERS if chosen.present else FEW_PRESENT)
    sums = record.bins.take(record.find_rows(chosen.members))
    own = _compute_profiles(sums)
    is_relative, is_linked = chosen.is_relative, chosen.is_relative and link is not None
    level = own.mean(axis=0)
    if chosen.is_relative and link is not None:
        names = [student for student in record.students if student in chosen.members]
        level, is_relative = _link_level(link, dict(zip(names, own, strict=True))), False
    attended = decision.present if decision and decision.members else chosen.present
    common = own, level, min_group_size, is_relative, compute_full_weight_members(len(attended))
    bins = _build_figures(sums, record.in_bin, *common, record.bin_noise)
    steps = record.steps.take(record.find_rows(chosen.members))
    has_level = not is_relative and not np.isnan(level[0])
    return SessionFigures(
        level_withheld=SIMILAR_GROUP if is_relative else None,
        is_linked=is_linked,
        engagement=round_engagement(float(level[0])) if has_level else None,
        levels=_round_levels(level[-len(LEVELS) :]) if has_level else None,
        expressions=None if is_relative else _round_expressions(level[_EXPRESSIONS]),
        bins=_without_trailing_absence(bins),
        steps=_build_figures(steps, record.in_step, *common, record.step_noise),
        cohort=chosen.members,
        present=chosen.present,
        level=None if is_relative else level,
    )


def compute_profiles(record: SessionRecord) -> dict[str, Profile]:
    """Compute each student's own means of a session, of those who have any data."""
    profiles = _compute_profiles(record.bins)
    return {
        student: profile
        for student, profile in zip(record.students, profiles, strict=True)
        if not np.isnan(profile).all()
    }


def _link_level(link: EarlierLevel, profiles: Mapping[str, Profile]) -> Profile:
    """Return the earlier levels, changed by the mean change of the members with both data.

    Where these are few, their change counts with less weight, as in bins and steps.
    """
    changes = [
        profile - link.profiles[student]
        for student, profile in profiles.items()
        if student in link.profiles
    ]
    level: Profile = np.array(link.level, dtype=np.float64)
    if changes:
        known = ~np.isnan(changes)
        weights = np.clip((known.sum(axis=0) - 1) / (FULL_CHANGE_MEMBERS - 1), 0, 1)
        totals = np.nansum(changes, axis=0)
        level = level + weights * totals / np.maximum(known.sum(axis=0), 1)
    return np.clip(level, 0, 1)


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
    own = _compute_profiles(sums)
    full_members = compute_full_weight_members(len(decision.present))
    common = own, own.mean(axis=0), min_group_size, decision.is_relative, full_members
    figures = _build_figures(sums, record.in_bin, *common, record.bin_noise)
    return [Figure(figure.engagement, figure.change, None, figure.withheld) for figure in figures]


_EXPRESSIONS: Final = slice(1, 1 + len(LABELS))


def _compute_profiles(sums: CameraSums) -> FloatArray:
    """Return [students, columns of `Profile`]: each student's own means of the session.

    The mean of a cohort is NaN, and its figure withheld, unless every member has a value.
    """
    indexed = sums.engagement_windows.sum(axis=1)[:, None]
    scored = sums.expression_windows.sum(axis=1)[:, None]
    parts = (
        (sums.engagement.sum(axis=1)[:, None], indexed),
        (sums.expressions.sum(axis=1), scored),
        (sums.levels.sum(axis=1), indexed),
    )
    return np.hstack(
        [np.where(counts > 0, total / np.maximum(counts, 1), np.nan) for total, counts in parts]
    )


def _build_figures(
    sums: CameraSums,
    present: BoolArray,
    own: FloatArray,
    level: Profile,
    min_group_size: int,
    is_relative: bool,
    full_members: int,
    noise: NoiseSource,
) -> list[Figure]:
    means = _compute_means(sums, own, level, noise, full_members)
    min_present = _compute_min_present(len(present), min_group_size)
    total = None if np.isnan(level[0]) else float(level[0])
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
        expressions=None if expressions is None else _round_expressions(expressions),
    )


def _compute_means(
    sums: CameraSums, own: FloatArray, level: Profile, noise: NoiseSource, full_members: int
) -> _Means:
    """Return the levels plus the members' mean deviation from their own means."""
    is_seen = sums.seen_seconds >= MIN_OWN_SECONDS
    engagement = expressions = None
    if not np.isnan(own[:, 0]).any() and not np.isnan(level[0]):
        weights = weigh_own_data(is_seen & (sums.engagement_windows > 0), full_members)
        values = sums.engagement / np.maximum(sums.engagement_windows, 1)
        deviations = values - own[:, 0, None]
        drawn = noise.draw("engagement", len(sums.seen_seconds[0]), 1)
        mean = average_deviations(deviations[:, :, None], weights, drawn, full_members)
        engagement = np.clip(level[0] + mean[:, 0], 0, 1)
    own_expressions, total = own[:, _EXPRESSIONS], level[_EXPRESSIONS]
    if not np.isnan(own_expressions).any() and not np.isnan(total).any():
        weights = weigh_own_data(is_seen & (sums.expression_windows > 0), full_members)
        shares = sums.expressions / np.maximum(sums.expression_windows, 1)[:, :, None]
        deviations = shares - own_expressions[:, None, :]
        drawn = noise.draw("expressions", len(sums.seen_seconds[0]), len(LABELS))
        mean = average_deviations(deviations, weights, drawn, full_members)
        expressions = np.clip(total + mean, 0, 1)
    return _Means(engagement, expressions)


def _round_levels(shares: FloatArray) -> dict[str, float]:
    return {level: round_level(float(share)) for level, share in zip(LEVELS, shares, strict=True)}


def _round_expressions(shares: FloatArray) -> dict[str, float] | None:
    if np.isnan(shares).any():
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
