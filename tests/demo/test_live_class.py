"""The simulated class of the open session goes on in real time, and leaves."""

from datetime import datetime, timedelta

import pytest

from fer_lms.demo.actions import ensure_demo_data
from fer_lms.demo.live_class import CLASS_TIME, MAX_GAP, continue_class
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession
from fer_lms.reports.activity_release import release_due_sessions
from fer_lms.reports.queries import build_report

pytestmark = pytest.mark.django_db
LEARNERS = 8
WITH_CAMERA_AT_THE_END = 7


@pytest.fixture
def session(demo: object) -> LessonSession:
    return ensure_demo_data()


def count_windows(since: datetime) -> int:
    return ObservationWindow.objects.filter(start_at__gte=since).count()


def test_readings_follow_once_for_each_window(session: LessonSession) -> None:
    end = session.started_at + timedelta(minutes=10)
    assert count_windows(end) == 0
    for second in (25, 25, 31, 40):
        assert continue_class(now=end + timedelta(seconds=second)) == LEARNERS
    assert count_windows(end) == 4 * WITH_CAMERA_AT_THE_END
    accepted = ObservationWindow.objects.filter(start_at__gte=end).values_list(
        "accepted", flat=True
    )
    assert set(accepted) == {10}


def test_class_is_in_the_live_view(session: LessonSession) -> None:
    now = session.started_at + timedelta(minutes=12)
    continue_class(now=now)
    release_due_sessions(now=now)
    view = build_report(session)["live"]
    assert (view["withheld"], view["first_step"], view["last_step"]) == (None, 4, 4)
    assert [step["asked_for_hint"] for step in view["steps"]] == [None, None, "several", None]


@pytest.mark.parametrize("pause", [MAX_GAP, CLASS_TIME])
def test_class_leaves(session: LessonSession, pause: timedelta) -> None:
    now = session.started_at + timedelta(minutes=10) + pause + timedelta(seconds=11)
    assert continue_class(now=now) == 0
    left = session.participants.filter(left_at=session.started_at + timedelta(minutes=10))
    assert left.count() == LEARNERS
    assert continue_class(now=now) == 0


def test_closed_session_is_not_continued(session: LessonSession) -> None:
    end_session(session=session)
    assert continue_class() == 0
