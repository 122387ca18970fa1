"""Release the figures of a simulated session by calling the disclosure control in-process.

The bodies have the keys of the REST report that the attacks read; `rest` returns the same for the
same world, which `measure_disclosure` checks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from fer_lms.disclosure import cohort, figures, records
from fer_lms.engagement.scoring import classify_level
from fer_lms.reports.cohorts import MIN_LINKED_SHARE
from fer_lms.reports.summary import StepTitle, build_final_summary
from inference.results import LABELS
from tests.bench.disclosure.world import WINDOW_S, Student, World

MIN_GROUP_SIZE = 5
EXPRESSION = "happiness"
"""The simulated expression; the rest of each share is neutral."""
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Releases:
    """What was released about one session: live reports by time, and the final report."""

    final: Body
    live: list[Body] = field(default_factory=list)


class CourseSession(NamedTuple):
    """A session to release: its world, the keys of its students, and erasures."""

    world: World
    names: Sequence[str]
    erased: Sequence[int] = ()
    """Students who are erased after the live figures and before the final ones."""
    withdrawn: Sequence[int] = ()
    """Students who withdraw their consent to the camera then, which erases their readings."""


@dataclass(slots=True)
class _Course:
    """What is stored of the sessions of a class: attendance, and the newest levels by session."""

    earlier: list[cohort.Cohort] = field(default_factory=list)
    levels: list[tuple[cohort.Cohort, figures.EarlierLevel]] = field(default_factory=list)

    def find_link(self, present: cohort.Cohort) -> figures.EarlierLevel | None:
        """Find what `reports.cohorts.find_linkable` does."""
        for other, level in reversed(self.levels):
            common = present & other
            largest = max(len(present), len(other))
            if (
                cohort.has_enough_present(common, MIN_GROUP_SIZE)
                and len(common) >= MIN_LINKED_SHARE * largest
            ):
                return level
        return None


def release_course(sessions: Sequence[CourseSession]) -> list[Releases]:
    """Release the sessions of one class, one after the other; see `plays.Transport`."""
    course = _Course()
    return [_release(session, course) for session in sessions]


def _release(session: CourseSession, course: _Course) -> Releases:
    """Release all figures of a session, beside those that were released earlier."""
    world, names = session.world, session.names
    decision, reports = _release_live(world, names, course.earlier)
    kept = [row for row in range(len(names)) if row not in session.erased]
    remaining = withdraw_students(world, session.withdrawn)
    remaining = replace(remaining, students=tuple(remaining.students[row] for row in kept))
    record = build_record(remaining, [names[row] for row in kept])
    result = figures.compute_final(
        record,
        MIN_GROUP_SIZE,
        decision=decision,
        earlier=course.earlier,
        link=course.find_link(frozenset(record.students)),
    )
    if decision and reports and not decision.is_relative:
        course.earlier.append(decision.present)
    if result.level is not None:
        course.earlier.append(result.present)
        profiles = figures.compute_profiles(record)
        course.levels.append((result.present, figures.EarlierLevel(result.level, profiles)))
    return Releases(_describe_final(result, record.bin_seconds), reports)


def build_record(world: World, names: Sequence[str]) -> records.SessionRecord:
    """Build the record of an ended session: bins of each student's own lesson time."""
    students = world.students
    own_seconds = np.array([float(student.left_at - student.opened_at) for student in students])
    bin_seconds = figures.choose_bin_seconds(own_seconds, MIN_GROUP_SIZE)
    in_bin = records.mark_own_bins(own_seconds, bin_seconds)
    bins = records.CameraSums.zeros(len(students), in_bin.shape[1])
    steps = records.CameraSums.zeros(len(students), world.steps)
    in_step = np.zeros((len(students), world.steps), dtype=bool)
    for row, student in enumerate(students):
        middle = student.window_starts + WINDOW_S / 2
        own = np.clip((middle - student.opened_at) // bin_seconds, 0, in_bin.shape[1] - 1)
        _add(bins, row, own, student)
        on_step = np.full(len(middle), -1)
        for visit in student.visits:
            in_step[row, visit.step] = True
            on_step[(middle >= visit.start) & (middle < visit.end)] = visit.step
        _add(steps, row, on_step, student)
    opened = np.array([float(student.opened_at) for student in students])
    key = _derive_key(world)
    return records.SessionRecord(
        list(names), opened, own_seconds, bin_seconds, in_bin, in_step, bins, steps, key
    )


def _derive_key(world: World) -> bytes:
    """Return a key that no attack uses, the same before and after an erasure."""
    return np.float64(world.correlation).tobytes()


def build_live_record(
    world: World, names: Sequence[str], until: float, first_bin: int = 0
) -> records.SessionRecord:
    """Build the record of an open session: bins of the time since the session's start.

    As in `reports.class_records`, a further column, in no bin, holds what came before `first_bin`.
    """
    here = [row for row, student in enumerate(world.students) if student.opened_at <= until]
    students = [world.students[row] for row in here]
    end_bin = int(until // figures.BIN_SECONDS)
    starts = np.arange(first_bin, end_bin) * figures.BIN_SECONDS
    bins = records.CameraSums.zeros(len(students), len(starts) + 1)
    for row, student in enumerate(students):
        at = (student.window_starts + WINDOW_S / 2) // figures.BIN_SECONDS
        columns = np.where(at < first_bin, len(starts), at - first_bin)
        _add(bins, row, np.where(at < end_bin, columns, -1), student, is_live=True)
    opened = np.array([float(student.opened_at) for student in students])
    left = np.array([float(min(student.left_at, until)) for student in students])
    in_bin = np.zeros((len(students), len(starts) + 1), dtype=bool)
    in_bin[:, :-1] = (opened[:, None] <= starts) & (left[:, None] >= starts + figures.BIN_SECONDS)
    return records.SessionRecord(
        [names[row] for row in here],
        opened,
        left - opened,
        figures.BIN_SECONDS,
        in_bin,
        np.zeros((len(students), 0), dtype=bool),
        bins,
        records.CameraSums.zeros(len(students), 0),
        _derive_key(world),
        float(first_bin * figures.BIN_SECONDS),
    )


def _add(
    sums: records.CameraSums,
    row: int,
    columns: records.FloatArray | records.IntArray,
    student: Student,
    *,
    is_live: bool = False,
) -> None:
    """Add a student's seen windows, each to its column; those outside of all are left out."""
    belongs = (np.arange(sums.seen_seconds.shape[1])[:, None] == columns) & (student.seen > 0)
    weights = belongs.astype(float)
    counts = weights.sum(axis=1)
    sums.seen_seconds[row] = weights @ student.seen
    sums.engagement[row] = weights @ student.engagement
    sums.engagement_windows[row] = counts
    if is_live:
        return  # live figures are of engagement only
    shares = weights @ student.expression
    sums.expression_windows[row] = counts
    sums.expressions[row, :, LABELS.index(EXPRESSION)] = shares
    sums.expressions[row, :, LABELS.index("neutral")] = counts - shares
    levels = [classify_level(value) for value in student.engagement.tolist()]
    for number, level in enumerate(records.LEVELS):
        sums.levels[row, :, number] = weights @ [found == level for found in levels]


def _release_live(
    world: World, names: Sequence[str], earlier: Collection[cohort.Cohort]
) -> tuple[cohort.LiveDecision | None, list[Body]]:
    """Decide on live figures and release a report every two minutes until the end."""
    first = min(student.opened_at for student in world.students)
    decided_at = first + cohort.LIVE_DECISION_SECONDS
    decision = cohort.decide_live(
        build_live_record(world, names, decided_at), MIN_GROUP_SIZE, earlier
    )
    if decision is None or not decision.members:
        return decision, []
    rows: list[Body] = []
    until = decided_at // figures.BIN_SECONDS * figures.BIN_SECONDS
    while until + figures.BIN_SECONDS <= world.ends_at:
        record = build_live_record(world, names, until, len(rows))
        for figure in figures.compute_live(record, MIN_GROUP_SIZE, decision)[:-1]:
            rows.append(_describe(figure) | {"start": len(rows) * figures.BIN_SECONDS})
        until += figures.BIN_SECONDS
    body = _EMPTY | {
        "timeline": rows,
        "timeline_unit": "since_start",
        "bin_seconds": figures.BIN_SECONDS,
        "contributors_at_least": MIN_GROUP_SIZE,
        "level_withheld": figures.SIMILAR_GROUP if decision.is_relative else None,
    }
    return decision, [body]


_EMPTY: Body = {
    "withheld": None,
    "level_withheld": None,
    "coverage": None,
    "contributors_at_least": None,
    "engagement": None,
    "expressions": None,
    "timeline": [],
    "timeline_unit": "since_opening",
    "bin_seconds": None,
    "steps": [],
}


def _describe_final(result: figures.SessionFigures, bin_seconds: int) -> Body:
    titles = [StepTitle(number + 1, f"Part {number + 1}") for number in range(len(result.steps))]
    return build_final_summary(
        result, titles, bin_seconds=bin_seconds, min_group_size=MIN_GROUP_SIZE
    )


def _describe(figure: figures.Figure) -> Body:
    return {
        "engagement": figure.engagement,
        "expressions": figure.expressions,
        "change": figure.change,
        "withheld": figure.withheld,
    }


def withdraw_students(world: World, numbers: Collection[int]) -> World:
    """Return the session without the readings of some students."""
    students = [
        replace(student, seen=np.zeros_like(student.seen)) if number in numbers else student
        for number, student in enumerate(world.students)
    ]
    return replace(world, students=tuple(students))
