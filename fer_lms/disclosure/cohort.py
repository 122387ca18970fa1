"""Which students the camera figures of a session describe. Pure.

Every figure of a session is a mean over one constant cohort. The functions here choose it, and
compare it with the cohorts that were released before.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from fer_lms.disclosure.records import BoolArray, IntArray, SessionRecord

MIN_SEEN_SECONDS: Final = 120
"""Seconds seen in the session from which a student belongs to the cohort."""
LIVE_MIN_SEEN_SECONDS: Final = 60
"""The same for the cohort of live figures."""
LIVE_DECISION_SECONDS: Final = 600
"""When it is decided whether a session has live figures, after the first student opened it."""
PRIME: Final = 2_147_483_629
"""Modulus of the elimination; products of two residues fit in 64 bits."""
MIN_LEVERAGE_DIFFERENCE: Final = 1e-6
"""Tolerance of the comparison of leverages, which are floating-point numbers."""

Cohort = frozenset[str]


@dataclass(frozen=True, slots=True)
class ReleasedGroup:
    """A cohort whose levels were released, and who was in the lesson by attendance.

    Attributes:
        members: The students whom the figures describe.
        present: All students who counted by attendance, with or without a camera.
    """

    members: Cohort
    present: Cohort


@dataclass(frozen=True, slots=True)
class LiveDecision:
    """The one decision of a session on live figures.

    Attributes:
        members: The cohort; empty if too few students shared their camera, so that there are no
            live figures.
        is_relative: No level may be released, only changes.
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
        is_relative: No level may be released, only changes.
        present: The students who count by attendance.
    """

    members: Cohort
    is_relative: bool = False
    present: Cohort = frozenset()


def has_enough_present(record: SessionRecord, min_group_size: int) -> bool:
    """Return whether more than `min_group_size` students opened the lesson.

    With exactly that many, a released figure would state that all of them share their camera.
    """
    return len(record.students) > min_group_size


def decide_live(
    record: SessionRecord, min_group_size: int, earlier: Collection[ReleasedGroup]
) -> LiveDecision | None:
    """Decide on live figures, from the data until `LIVE_DECISION_SECONDS` after the first opening.

    Returns:
        The decision, or None if too few students opened the lesson by then, so that none is made.
    """
    if not has_enough_present(record, min_group_size):
        return None
    members = _select(record, LIVE_MIN_SEEN_SECONDS, _has_engagement(record))
    if len(members) < min_group_size:
        return LiveDecision(frozenset())
    present = frozenset(record.students)
    chosen = choose_releasable([members], present, min_group_size, earlier)
    return LiveDecision(chosen.members, chosen.is_relative, present)


def choose_final(
    record: SessionRecord,
    min_group_size: int,
    decision: LiveDecision | None,
    earlier: Collection[ReleasedGroup],
) -> ChosenCohort:
    """Choose the cohort of the final figures.

    Where a class came together, students who came more than `LIVE_DECISION_SECONDS` later count
    only if they are at least `min_group_size` by attendance; otherwise what is shown would depend
    on whether one late-comer shares a camera. With live figures, it is their cohort, with all
    others who share their camera if they are at least `min_group_size`.
    """
    late = _find_late_students(record, min_group_size)
    if len(record.students) - len(late) <= min_group_size:
        return ChosenCohort(frozenset())
    present = frozenset(record.students) - late
    candidates = [_select_sharing(record, min_group_size) & present]
    if decision and decision.members:
        others = candidates[0] - decision.members
        joined = [decision.members | others] if len(others) >= min_group_size else []
        candidates = [*joined, decision.members]
        if not decision.is_relative:
            earlier = [*earlier, ReleasedGroup(decision.members, decision.present)]
    candidates = [members for members in candidates if len(members) >= min_group_size]
    if not candidates:
        return ChosenCohort(frozenset())
    return choose_releasable(candidates, present, min_group_size, earlier)


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


def choose_releasable(
    candidates: Sequence[Cohort],
    present: Cohort,
    min_group_size: int,
    earlier: Collection[ReleasedGroup],
) -> ChosenCohort:
    """Choose the first cohort that can be released beside all earlier ones.

    If there is none, the largest earlier cohort within the first candidate, from an attendance
    within this one; if there is none either, the last candidate, for changes only.
    """
    for members in candidates:
        if is_group_releasable(ReleasedGroup(members, present), min_group_size, earlier):
            return ChosenCohort(members, present=present)
    contained = [
        group.members
        for group in earlier
        if group.members <= candidates[0]
        and group.present <= present
        and len(group.members) >= min_group_size
    ]
    if contained:
        largest = max(contained, key=lambda members: (len(members), sorted(members)))
        return ChosenCohort(largest, present=present)
    return ChosenCohort(candidates[-1], is_relative=True, present=present)


def is_group_releasable(
    group: ReleasedGroup, min_group_size: int, earlier: Collection[ReleasedGroup]
) -> bool:
    """Return whether levels of a cohort can be released beside those of all earlier cohorts.

    The attendance must differ clearly as well: if levels were withheld only where cohorts are
    similar, withholding them while one student is absent would tell that this student shares a
    camera.
    """
    if group in earlier:
        return True
    for other in earlier:
        if _is_similar(group.present, other.present, min_group_size):
            return False
        if group.present == other.present and group.members != other.members:
            return False
    return is_releasable(group.members, min_group_size, {other.members for other in earlier})


def is_releasable(members: Cohort, min_group_size: int, earlier: Collection[Cohort]) -> bool:
    """Return whether figures of a cohort can stand beside those of all earlier cohorts.

    It must equal each overlapping one or differ by at least `min_group_size` students
    (differencing), and no linear combination of all cohorts may be a single student (audit expert,
    Chin and Ozsoyoglu 1982) or the mean of fewer than `min_group_size`.
    """
    if members in earlier:
        return True
    if any(_is_similar(members, cohort, min_group_size) for cohort in earlier):
        return False
    connected = [members, *_find_connected(members, earlier)]
    return not (isolates_student(connected) or isolates_few(connected, min_group_size))


def _is_similar(one: Cohort, other: Cohort, min_group_size: int) -> bool:
    """Return whether two overlapping groups differ, by fewer students than the threshold."""
    return bool(one & other) and 0 < len(one ^ other) < min_group_size


def isolates_student(cohorts: Collection[Cohort]) -> bool:
    """Return whether a linear combination of the cohorts' sums is the value of one student.

    Exact elimination modulo a prime: in the reduced row echelon form, a unit vector is in the row
    space if and only if it is a row.
    """
    reduced = _reduce(_build_matrix(cohorts))
    return bool(((reduced != 0).sum(axis=1) == 1).any())


def isolates_few(cohorts: Collection[Cohort], min_group_size: int) -> bool:
    """Return whether the cohorts' sums tell as much of a student as the mean of too few would.

    That is measured by the student's leverage: the share of the variance that the best linear
    combination explains, where the values of all students are independent. It is 1/m in a mean of
    m students, and at least that if any combination is such a mean.
    """
    matrix = _build_matrix(cohorts).astype(np.float64)
    inverse = np.linalg.pinv(matrix @ matrix.T, hermitian=True)
    leverage = (matrix * (inverse @ matrix)).sum(axis=0)
    return bool((leverage > 1 / (min_group_size - 1) - MIN_LEVERAGE_DIFFERENCE).any())


def _build_matrix(cohorts: Collection[Cohort]) -> IntArray:
    """Return [cohorts, students]: 1 for each member."""
    columns = {student: at for at, student in enumerate(sorted(set(chain(*cohorts))))}
    matrix: IntArray = np.zeros((len(cohorts), len(columns)), dtype=np.int64)
    for row, cohort in enumerate(cohorts):
        matrix[row, [columns[student] for student in cohort]] = 1
    return matrix


def _reduce(matrix: IntArray) -> IntArray:
    """Return the reduced row echelon form modulo `PRIME`."""
    rank = 0
    for column in range(matrix.shape[1]):
        pivots = np.flatnonzero(matrix[rank:, column])
        if not len(pivots):
            continue
        pivot = rank + int(pivots[0])
        matrix[[rank, pivot]] = matrix[[pivot, rank]]
        matrix[rank] = matrix[rank] * pow(int(matrix[rank, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(matrix[:, column])
        others = others[others != rank]
        factors = matrix[others, column][:, None]
        matrix[others] = (matrix[others] - factors * matrix[rank] % PRIME) % PRIME
        rank += 1
        if rank == len(matrix):
            break
    return matrix[:rank]


def _find_connected(members: Cohort, earlier: Iterable[Cohort]) -> list[Cohort]:
    """Return the earlier cohorts that are linked to `members` by chains of common students."""
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
    """Return those who came after the time of the decision on live figures, if they are few.

    Where fewer than `min_group_size` came in time, as with homework, nobody is late.
    """
    late = record.get_students(
        record.opened_at > record.opened_at.min(initial=np.inf) + LIVE_DECISION_SECONDS
    )
    in_time = len(record.students) - len(late)
    return late if len(late) < min_group_size <= in_time else frozenset()


def _has_engagement(record: SessionRecord) -> BoolArray:
    has_data: BoolArray = record.bins.engagement_windows.sum(axis=1) > 0
    return has_data


def _has_expressions(record: SessionRecord) -> BoolArray:
    has_data: BoolArray = record.bins.expression_windows.sum(axis=1) > 0
    return has_data
