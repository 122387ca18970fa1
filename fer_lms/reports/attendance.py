"""Attendance: when each student was in the lesson and on which step, from events only. Pure.

A student is present from the first event. After `MAX_SILENCE` without an event the student counts
as gone until the next one. Times are seconds since the Unix epoch.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np

from fer_lms.disclosure.records import BoolArray, FloatArray, IntArray
from fer_lms.lessons.models import InteractionEvent

Kind = InteractionEvent.Kind
MAX_SILENCE_S: Final = 15 * 60
"""A longer time without an event is a break."""
PRESENCE_TAIL_S: Final = 3 * 60
"""How long a student counts as present after the last event before a break."""
IDLE_AFTER_S: Final = 90
"""After this time without input the page reports "idle" (frontend/src/lesson/idle.ts): a page that
reports nothing for longer was closed."""


class ClassEvent(NamedTuple):
    """Columns of an `InteractionEvent`."""

    participant_id: uuid.UUID
    kind: str
    step_id: int | None
    value: str
    seconds: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Stay:
    """A continuous time in the lesson; after `active_end` nothing shows that the student worked."""

    start: float
    end: float
    active_end: float


@dataclass(frozen=True, slots=True)
class Attendance:
    """One student's time in a lesson.

    Attributes:
        stays: At least one, in time order.
        openings: (step, time) of each opened step, in time order.
    """

    stays: Sequence[Stay]
    openings: Sequence[tuple[int, float]]

    @property
    def opened_at(self) -> float:
        return self.stays[0].start

    @property
    def own_seconds(self) -> float:
        return sum(stay.end - stay.start for stay in self.stays)

    def to_own_seconds(self, times: FloatArray) -> FloatArray:
        """Return how long the student had been in the lesson at each time; NaN while away."""
        starts = np.array([stay.start for stay in self.stays])
        lengths = np.array([stay.end - stay.start for stay in self.stays])
        before = np.concatenate(([0.0], lengths.cumsum()[:-1]))
        at = np.searchsorted(starts, times, side="right") - 1
        since = times - starts[at]
        return np.where((at >= 0) & (since < lengths[at]), before[at] + since, np.nan)

    def find_openings(self, times: FloatArray) -> IntArray:
        """Return the index in `openings` of the step that was open at each time, or -1."""
        starts = np.array([at for _, at in self.openings])
        return np.searchsorted(starts, times, side="right") - 1

    def mark_present(self, starts: FloatArray, ends: FloatArray) -> BoolArray:
        """Return whether the student was in the lesson during each whole interval."""
        is_present = np.zeros(len(starts), dtype=np.bool_)
        for stay in self.stays:
            is_present |= (starts >= stay.start) & (ends <= stay.end)
        return is_present

    def compute_step_seconds(self) -> dict[int, float]:
        """Return the time on each opened step, without time after the last sign of activity."""
        seconds = {step_id: 0.0 for step_id, _ in self.openings}
        for (step_id, opened), (_, following) in pairwise([*self.openings, (0, np.inf)]):
            for stay in self.stays:
                start, end = max(opened, stay.start), min(following, stay.active_end)
                seconds[step_id] += max(0.0, end - start)
        return seconds


def build_attendances(
    events: Iterable[ClassEvent],
    joined: Mapping[uuid.UUID, float],
    left: Mapping[uuid.UUID, float],
    until: float,
) -> dict[uuid.UUID, Attendance]:
    """Build the attendance of every student who opened the lesson before `until`.

    Args:
        events: In order of students and time.
        joined: When each student entered the lesson, for those without any event.
        left: When a student left, where it is known.
        until: End of the session or, while it is open, now.
    """
    grouped = groupby(events, key=attrgetter("participant_id"))
    by_student = {student: list(own) for student, own in grouped}
    built = {
        student: _build_attendance(by_student.get(student, []), at, left.get(student), until)
        for student, at in joined.items()
    }
    return {student: attendance for student, attendance in built.items() if attendance}


def _build_attendance(
    events: Sequence[ClassEvent], joined: float, left: float | None, until: float
) -> Attendance | None:
    end = until if left is None else min(left, until)
    known = [event for event in events if event.at <= end]
    if (known[0].at if known else joined) > end:
        return None
    openings = [
        (event.step_id, event.at)
        for event in known
        if event.kind == Kind.STEP_OPENED and event.step_id is not None
    ]
    signs = [_build_sign(event) for event in known] or [_Sign(joined, joined)]
    return Attendance(_build_stays(signs, end, has_left=end == left), openings)


class _Sign(NamedTuple):
    """A sign of presence; `active_at` is the last input that it shows."""

    at: float
    active_at: float
    is_idle: bool = False


def _build_sign(event: ClassEvent) -> _Sign:
    is_idle = event.kind == Kind.IDLE
    return _Sign(event.at, event.at - (event.seconds or 0) if is_idle else event.at, is_idle)


def _build_stays(signs: Sequence[_Sign], end: float, *, has_left: bool) -> list[Stay]:
    """Join signs into stays; the end of the lesson or leaving it counts as one."""
    stays, start = [], signs[0].at
    for sign, following in pairwise([*signs, _Sign(end, end)]):
        if following.at - sign.at > MAX_SILENCE_S:
            stays.append(Stay(start, sign.at + PRESENCE_TAIL_S, _find_active_end(sign)))
            start = following.at
    last = signs[-1]
    if end - last.at <= MAX_SILENCE_S:
        is_active = has_left and not last.is_idle
        stays.append(Stay(start, end, end if is_active else min(end, _find_active_end(last))))
    return stays


def _find_active_end(last: _Sign) -> float:
    """Return until when time on a step counts, without a later sign."""
    return last.active_at if last.is_idle else last.active_at + IDLE_AFTER_S
