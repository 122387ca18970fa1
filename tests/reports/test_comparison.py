"""Earlier sessions beside a final report: their own released shares, unchanged."""

from datetime import timedelta

import pytest

from fer_lms.lessons.models import InteractionEvent, LessonSession
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.models import LessonReport
from fer_lms.reports.queries import build_report
from fer_lms.reports.summary import Metrics
from tests.factories import NOON, make_learner, make_lesson, make_session

pytestmark = pytest.mark.django_db


def hold(session: LessonSession, *, wrong: int, size: int = 6) -> Metrics:
    """Hold a session in which `wrong` students answer the second step wrong at first."""
    for number in range(size):
        learner = make_learner(session)
        for second, (kind, value) in enumerate(
            [("step_opened", ""), ("answered", "wrong" if number < wrong else "right")]
        ):
            InteractionEvent.objects.create(
                participant=learner,
                kind=kind,
                value=value,
                step=session.lesson.steps.get(position=2),
                occurred_at=session.started_at + timedelta(seconds=second),
            )
    session.ended_at = session.started_at + timedelta(minutes=3)
    session.save()
    freeze_ended_reports(now=session.ended_at + timedelta(hours=1))
    return build_report(session)


def test_each_value_is_that_of_the_session_itself(session: LessonSession) -> None:
    reports = {}
    for day, wrong in enumerate((6, 0, 3)):
        held = make_session(lesson=session.lesson, started_at=NOON + timedelta(days=day - 5))
        reports[held.pk] = hold(held, wrong=wrong)
    report = hold(session, wrong=5)
    reports[session.pk] = report
    rows = report["comparison"]
    assert [row["session_id"] for row in rows] == list(reversed(reports))[:1] + [
        pk for pk in reversed(reports) if pk != session.pk
    ]
    for row in rows:
        own = reports[row["session_id"]]["steps"]
        assert [step["right_at_first"] for step in row["steps"]] == [
            step["right_at_first"] for step in own
        ]
    assert [row["steps"][1]["is_hard"] for row in rows] == [True, False, False, True]


def test_nothing_to_compare(session: LessonSession) -> None:
    """Later, small, withdrawn and open sessions, other lessons and changed steps."""
    other = make_session(lesson=make_lesson(), started_at=NOON - timedelta(days=2))
    hold(other, wrong=6)
    small = make_session(lesson=session.lesson, started_at=NOON - timedelta(days=3))
    hold(small, wrong=3, size=4)
    later = make_session(lesson=session.lesson, started_at=NOON + timedelta(days=1))
    hold(later, wrong=6)
    gone = make_session(lesson=session.lesson, started_at=NOON - timedelta(days=4))
    hold(gone, wrong=6)
    LessonReport.objects.filter(session=gone).update(withdrawn_at=NOON)
    assert build_report(session)["comparison"] == []
    assert hold(session, wrong=6)["comparison"] == []


def test_changed_step_is_not_compared(session: LessonSession) -> None:
    earlier = make_session(lesson=session.lesson, started_at=NOON - timedelta(days=1))
    hold(earlier, wrong=6)
    session.lesson.steps.filter(position=2).update(title="Rewritten")
    assert hold(session, wrong=6)["comparison"] == []
