"""Which students the camera figures of a session describe, and whether levels are shown. Pure.

Every figure of a session is a mean over one constant cohort, chosen once. Whether its levels are
shown beside those of earlier sessions is decided by attendance alone, so that it does not tell who
shares a camera.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from fer_lms.disclosure.records import BoolArray, FloatArray, SessionRecord

MIN_SEEN_SECONDS: Final = 120
"""Seconds seen in the session from which a student belongs to the cohort."""
LIVE_MIN_SEEN_SECONDS: Final = 60
"""The same for the cohort of live figures."""
LIVE_DECISION_SECONDS: Final = 600
"""When it is decided whether a session has live figures, after the first student opened it."""
PRESENT_MARGIN: Final = 3
"""Students who have to be present beyond the threshold. Where nearly everybody has to share a
camera for figures to be shown, showing them tells of each student that they do."""
LATE_GROUPS: Final = 2
"""Late-comers count from this many times the threshold, by attendance. Exactly as many as the
threshold would count only if all of them shared a camera."""
MIN_LEVERAGE_DIFFERENCE: Final = 1e-6
"""Tolerance of the comparison of leverages, which are floating-point numbers."""

Cohort = frozenset[str]


@dataclass(frozen=True, slots=True)
class LiveDecision:
    """The one decision of a session on camera figures, made while it is open.

    Attributes:
        members: The cohort; empty if too few students shared their camera, so that there are no
            figures, neither live nor final ones.
        is_relative: No level of this session may be released, only changes.
        present: The students who had opened the lesson by then.
    """

    members: Cohort
    is_relative: bool = False
    present: Cohort = frozenset()


@dataclass(frozen=True, slots=True)
class ChosenCohort:
    """The cohort of a release.

    Attributes:
        members: The students; empty if they are too few.
        is_relative: No level of this session may be released, only changes.
        present: The students who count by attendance; empty if they are too few.
    """

    members: Cohort = frozenset()
    is_relative: bool = False
    present: Cohort = frozenset()


def has_enough_present(present: Collection[object], min_group_size: int) -> bool:
    """Return whether enough students opened the lesson for camera figures to be shown."""
    return len(present) >= min_group_size + PRESENT_MARGIN


def decide_live(
    record: SessionRecord, min_group_size: int, earlier: Collection[Cohort]
) -> LiveDecision | None:
    """Decide on figures, from the data until `LIVE_DECISION_SECONDS` after the first opening.

    Returns:
        The decision, or None if too few students opened the lesson by then, so that none is made.
    """
    present = frozenset(record.students)
    if not has_enough_present(present, min_group_size):
        return None
    members = _select(record, LIVE_MIN_SEEN_SECONDS, _has_engagement(record))
    if len(members) < min_group_size:
        return LiveDecision(frozenset(), present=present)
    is_relative = not is_level_releasable(present, min_group_size, earlier)
    return LiveDecision(members, is_relative, present)


def choose_final(
    record: SessionRecord,
    min_group_size: int,
    decision: LiveDecision | None,
    earlier: Collection[Cohort],
) -> ChosenCohort:
    """Choose the cohort of the final figures.

    The decision of the open session holds: a student who is seen for the first time after it
    changes neither whether figures are shown nor whom they describe. Only a large group of
    late-comers does, and a minimum that was raised above the group since.
    """
    late = _find_late_students(record, min_group_size)
    counts_late = _counts_late_students(record, late, min_group_size)
    present = frozenset(record.students) - (frozenset() if counts_late else late)
    if not has_enough_present(present, min_group_size):
        return ChosenCohort()
    members = _select_sharing(record, min_group_size) & present
    if decision and decision.members:
        others = members & late
        joined = others if len(others) >= min_group_size else frozenset()
        if len(cohort := decision.members | joined) < min_group_size:
            return ChosenCohort(present=present)
        return ChosenCohort(cohort, decision.is_relative, present)
    is_decided = decision is not None and not counts_late
    if is_decided or len(members) < min_group_size:
        return ChosenCohort(present=present)
    is_relative = not is_level_releasable(present, min_group_size, earlier)
    return ChosenCohort(members, is_relative, present)


def has_lost_members(record: SessionRecord, decision: LiveDecision) -> bool:
    """Return whether something of the students of the live figures does not exist now.

    That is a student who was present, with or without a camera, since the erasure of a person is
    known, or a member's data.
    """
    if not decision.present <= frozenset(record.students):
        return True
    members = decision.members
    rows = record.find_rows(members)
    has_data = _has_engagement(record)[rows] | _has_expressions(record)[rows]
    return int(has_data.sum()) < len(members)


def is_level_releasable(present: Cohort, min_group_size: int, earlier: Collection[Cohort]) -> bool:
    """Return whether levels can be released beside those of all earlier sessions, by attendance.

    Who shares a camera may be any of those present. Levels of two sessions whose attendance has
    many students in common could therefore differ by one of them (differencing), and are not both
    released. Nor may a student be in so many sessions with else different students that their
    combination tells as much as the mean of few.

    Args:
        present: Everybody who was present.
        min_group_size: The threshold.
        earlier: Everybody who was present, for each session with levels.
    """
    if any(len(present & other) > (min_group_size - 1) // 2 for other in earlier):
        return False
    return not isolates_few([present, *_find_connected(present, earlier)], min_group_size)


def is_releasable(members: Cohort, min_group_size: int, earlier: Collection[Cohort]) -> bool:
    """Return whether figures of a group, all of whom count, can stand beside those of others.

    It must equal an earlier one, or no linear combination may tell as much as the mean of fewer
    than `min_group_size` students. The difference of two groups is such a combination.
    """
    if members in earlier:
        return True
    return not isolates_few([members, *_find_connected(members, earlier)], min_group_size)


def isolates_few(groups: Collection[Cohort], min_group_size: int) -> bool:
    """Return whether sums of groups tell as much of a student as the mean of too few would.

    That is measured by the student's leverage: the share of the variance that the best linear
    combination explains, where the values of all students are independent. It is 1/m in a mean of
    m students, and at least that if any combination is such a mean (audit expert, Chin and
    Ozsoyoglu 1982).
    """
    matrix = _build_matrix(groups)
    inverse = np.linalg.pinv(matrix @ matrix.T, hermitian=True)
    leverage = (matrix * (inverse @ matrix)).sum(axis=0)
    return bool((leverage > 1 / (min_group_size - 1) - MIN_LEVERAGE_DIFFERENCE).any())


def _build_matrix(groups: Collection[Cohort]) -> FloatArray:
    """Return [groups, students]: 1 for each member."""
    columns = {student: at for at, student in enumerate(sorted(set(chain(*groups))))}
    matrix: FloatArray = np.zeros((len(groups), len(columns)))
    for row, group in enumerate(groups):
        matrix[row, [columns[student] for student in group]] = 1
    return matrix


def _find_connected(members: Cohort, earlier: Iterable[Cohort]) -> list[Cohort]:
    """Return the earlier groups that are linked to `members` by chains of common students."""
    remaining, reached = set(earlier), set(members)
    connected: list[Cohort] = []
    while linked := [cohort for cohort in remaining if not reached.isdisjoint(cohort)]:
        connected.extend(linked)
        remaining.difference_update(linked)
        reached.update(*linked)
    return connected


def _select_sharing(record: SessionRecord, min_group_size: int) -> Cohort:
    """Select the students who were seen for long enough.

    Students without an engagement index count only if the index is missing in general, as with
    models that read no facial signs.
    """
    members = _select(record, MIN_SEEN_SECONDS, _has_engagement(record))
    if len(members) >= min_group_size:
        return members
    return _select(record, MIN_SEEN_SECONDS, _has_expressions(record))


def _select(record: SessionRecord, min_seen_seconds: int, has_data: BoolArray) -> Cohort:
    seen = record.bins.seen_seconds.sum(axis=1) >= min_seen_seconds
    return record.get_students(seen & has_data)


def _find_late_students(record: SessionRecord, min_group_size: int) -> Cohort:
    """Return those who came after the time of the decision on live figures.

    Where too few for figures came in time, as with homework, nobody is late.
    """
    late = record.get_students(
        record.opened_at > record.opened_at.min(initial=np.inf) + LIVE_DECISION_SECONDS
    )
    in_time = frozenset(record.students) - late
    return late if has_enough_present(in_time, min_group_size) else frozenset()


def _counts_late_students(record: SessionRecord, late: Cohort, min_group_size: int) -> bool:
    return len(late) >= LATE_GROUPS * min_group_size


def _has_engagement(record: SessionRecord) -> BoolArray:
    has_data: BoolArray = record.bins.engagement_windows.sum(axis=1) > 0
    return has_data


def _has_expressions(record: SessionRecord) -> BoolArray:
    has_data: BoolArray = record.bins.expression_windows.sum(axis=1) > 0
    return has_data
