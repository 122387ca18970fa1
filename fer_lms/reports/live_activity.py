"""What each student of an open session is doing, from events, and the live view's JSON. Pure."""

import uuid
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final

from fer_lms.disclosure.live_activity import LiveActivity, LiveStep, StudentActivity
from fer_lms.lessons.models import InteractionEvent
from fer_lms.reports.attendance import Attendance, ClassEvent
from fer_lms.reports.summary import NOT_YET, WITHDRAWN, Metrics, StepTitle

Kind = InteractionEvent.Kind
MIN_WRONG_ANSWERS: Final = 2
"""Wrong answers to a step since the last right one from which a student may be stuck."""


def build_activities(
    attendances: Mapping[uuid.UUID, Attendance], events: Iterable[ClassEvent], now: float
) -> list[StudentActivity]:
    """Build what every student did until `now`.

    Args:
        attendances: Everybody who opened the lesson.
        events: In order of students and time.
        now: Seconds since the Unix epoch.
    """
    grouped = groupby(events, key=attrgetter("participant_id"))
    by_student = {student: [event for event in own if event.at <= now] for student, own in grouped}
    return [
        _build_activity(attendance, by_student.get(student, []), now)
        for student, attendance in attendances.items()
    ]


def is_stuck(events: Iterable[ClassEvent]) -> bool:
    """Return whether a student's events on one step are those of somebody who is stuck.

    That is a hint asked for, the rating "hard", or two wrong answers, without a right answer since.
    """
    wrong, has_signal = 0, False
    for event in events:
        if event.kind == Kind.ANSWERED:
            is_right = event.value == InteractionEvent.Answer.RIGHT
            wrong, has_signal = (0, False) if is_right else (wrong + 1, has_signal)
        elif event.kind == Kind.SELF_REPORT:
            has_signal = event.value == InteractionEvent.SelfReport.HARD
        elif event.kind == Kind.HINT_ASKED:
            has_signal = True
    return has_signal or wrong >= MIN_WRONG_ANSWERS


def to_json(activity: LiveActivity, *, now: datetime) -> Metrics:
    """Return what is stored of a release; its time in whole seconds tells of no computation."""
    return {
        "released_at": now.replace(microsecond=0).isoformat(),
        "withheld": activity.withheld,
        "first": activity.first,
        "last": activity.last,
        "steps": {
            str(step): {"on_step": row.on_step, "asked": row.asked, "stuck": row.stuck}
            for step, row in activity.steps.items()
        },
    }


def parse_steps(stored: Metrics) -> dict[int, LiveStep]:
    return {int(step): LiveStep(**row) for step, row in stored.get("steps", {}).items()}


def build_live_view(
    stored: Metrics, steps: Sequence[tuple[int, StepTitle]], *, is_withdrawn: bool
) -> Metrics:
    """Arrange a stored release for the lesson's present steps."""
    rows = parse_steps(stored)
    positions = {step: title.position for step, title in steps}
    return {
        "released_at": datetime.fromisoformat(stored["released_at"]) if stored else None,
        "withheld": WITHDRAWN if is_withdrawn else stored["withheld"] if stored else NOT_YET,
        "first_step": _find_position(stored.get("first"), positions),
        "last_step": _find_position(stored.get("last"), positions),
        "steps": [
            {
                "position": title.position,
                "title": title.title,
                "on_step": row.on_step,
                "asked_for_hint": row.asked,
                "may_be_stuck": row.stuck == "several",
            }
            for step, title in steps
            for row in [rows.get(step, LiveStep())]
        ],
    }


def _find_position(step: int | None, positions: Mapping[int, int]) -> int | None:
    """Return the position of a step; None also where it is deleted."""
    return None if step is None else positions.get(step)


def _build_activity(
    attendance: Attendance, events: Sequence[ClassEvent], now: float
) -> StudentActivity:
    step = _find_open_step(attendance, now)
    return StudentActivity(
        step=step,
        opened=frozenset(step_id for step_id, at in attendance.openings if at <= now),
        asked=frozenset(
            event.step_id
            for event in events
            if event.kind == Kind.HINT_ASKED and event.step_id is not None
        ),
        is_stuck=step is not None and is_stuck(event for event in events if event.step_id == step),
    )


def _find_open_step(attendance: Attendance, now: float) -> int | None:
    """Return the open step of a student who is in the lesson now."""
    if not any(stay.start <= now <= stay.end for stay in attendance.stays):
        return None
    times = [at for _, at in attendance.openings]
    number = bisect_right(times, now) - 1
    return attendance.openings[number][0] if number >= 0 else None
