"""Attendance from events: stays, own time, time on a step."""

import uuid

import numpy as np
import pytest

from fer_lms.reports.attendance import Attendance, ClassEvent, build_attendances

STUDENT = uuid.uuid4()
HOUR = 3600.0


def build(
    *events: tuple[float, str, int | None],
    until: float = HOUR,
    joined: float = 0.0,
    left: float | None = None,
) -> Attendance | None:
    """Build one attendance from (time, kind, step); idle events have 90 seconds."""
    rows = [
        ClassEvent(STUDENT, kind, step, "", 90 if kind == "idle" else None, at)
        for at, kind, step in events
    ]
    known_left = {} if left is None else {STUDENT: left}
    return build_attendances(rows, {STUDENT: joined}, known_left, until).get(STUDENT)


def spans(attendance: Attendance | None) -> list[tuple[float, float]]:
    assert attendance
    return [(stay.start, stay.end) for stay in attendance.stays]


def seconds(attendance: Attendance | None) -> dict[int, float]:
    assert attendance
    return attendance.compute_step_seconds()


def test_presence_starts_with_the_first_event() -> None:
    attendance = build((100, "step_opened", 1), (700, "step_opened", 2), until=1000)
    assert attendance
    assert (attendance.opened_at, attendance.own_seconds) == (100, 900)
    assert seconds(attendance)[1] == 600


def test_steps_opened_again_add_up() -> None:
    opened = [(0.0, "step_opened", 1), (30.0, "step_opened", 2), (50.0, "step_opened", 1)]
    assert seconds(build(*opened, (70.0, "step_opened", 2), until=70)) == {1: 50, 2: 20}


def test_long_silence_is_a_break() -> None:
    opened = [(0.0, "step_opened", 1), (5000.0, "answered", 1), (5100.0, "step_opened", 2)]
    attendance = build(*opened, until=9e5)
    assert spans(attendance) == [(0, 180), (5000, 5280)]
    assert seconds(attendance) == {1: 190, 2: 90}


def test_silence_before_the_end_is_no_break() -> None:
    attendance = build((0, "step_opened", 1), until=800)
    assert spans(attendance) == [(0, 800)]


@pytest.mark.parametrize(
    ("last", "until", "left", "expected"),
    [
        ("self_report", 700, None, 390),
        ("self_report", 9e5, None, 390),
        ("idle", 700, None, 210),
        ("idle", 9e5, None, 210),
        ("self_report", 9e5, 500, 500),
        ("idle", 9e5, 500, 210),
        ("self_report", 350, None, 350),
    ],
)
def test_idle_minutes_on_the_last_step_are_not_counted(
    last: str, until: float, left: float | None, expected: float
) -> None:
    """An idle event says that nothing happened for 90 seconds; a closed page says nothing."""
    attendance = build((0, "step_opened", 1), (300, last, 1), until=until, left=left)
    assert seconds(attendance)[1] == expected


def test_leaving_ends_the_stay() -> None:
    assert spans(build((0, "step_opened", 1), (60, "answered", 1), left=200)) == [(0, 200)]


def test_events_after_leaving_or_the_end_do_not_count() -> None:
    events = ((0.0, "step_opened", 1), (400.0, "step_opened", 2))
    assert seconds(build(*events, left=200)).keys() == {1}
    assert build((4000, "step_opened", 1), joined=4000) is None


def test_student_without_events_is_present_from_joining() -> None:
    assert spans(build(joined=50, until=600)) == [(50, 600)]
    assert spans(build(joined=50, until=9e5)) == [(50, 230)]


def test_idle_alone_keeps_a_student_in_class() -> None:
    assert spans(build((0, "step_opened", 1), (600, "idle", 1), until=1200)) == [(0, 1200)]


def test_own_time_leaves_out_breaks() -> None:
    attendance = build((100, "step_opened", 1), (5000, "step_opened", 2), until=5060)
    assert attendance
    times = np.array([50, 100, 150, 200, 4999, 5000, 5059, 5060], dtype=float)
    own = attendance.to_own_seconds(times)
    assert np.isnan(own).tolist() == [True, False, False, False, True, False, False, True]
    assert own[~np.isnan(own)].tolist() == [0, 50, 100, 180, 239]
    assert attendance.find_openings(times).tolist() == [-1, 0, 0, 0, 0, 1, 1, 1]


def test_presence_in_intervals_of_the_clock() -> None:
    attendance = build((100, "step_opened", 1), until=400)
    assert attendance
    starts = np.array([0, 120, 240, 360], dtype=float)
    assert attendance.mark_present(starts, starts + 120).tolist() == [False, True, True, False]
