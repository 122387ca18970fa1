"""Earlier sessions of the demonstration: three lessons, five sessions that differ."""

import pytest

from fer_lms.demo.actions import ensure_demo_data
from fer_lms.demo.past_sessions import PAST_CLASSES, ensure_past_sessions
from fer_lms.lessons.models import LessonSession
from fer_lms.people.models import User
from fer_lms.reports.models import LessonReport
from fer_lms.reports.queries import build_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def demonstration(demo: object) -> list[LessonSession]:
    ensure_demo_data()
    assert ensure_past_sessions() == len(PAST_CLASSES)
    return list(LessonSession.objects.filter(ended_at__isnull=False).order_by("started_at"))


def test_past_sessions_differ_and_have_hints_and_words(demonstration: list[LessonSession]) -> None:
    reports = [build_report(session) for session in demonstration]
    assert len(reports) == 5
    assert len({report["title"] for report in reports}) == 3
    assert len({report["finding"] for report in reports}) == 5
    assert {report["state"] for report in reports} == {"final"}
    assert {report["withheld"] for report in reports} == {None, "too_few_learners", "few_present"}
    for past, report in zip(PAST_CLASSES, reports, strict=True):
        shares = [step["asked_for_hint"] for step in report["steps"]]
        if past.hard:
            assert shares.index(max(shares)) in past.hard
    assert any(step["said"] for report in reports for step in report["steps"])
    assert [len(report["comparison"]) for report in reports] == [0, 2, 3, 0, 0]
    assert all(report["simulated"] for report in reports)


def test_past_sessions_are_created_once(demonstration: list[LessonSession]) -> None:
    assert ensure_past_sessions() == 0
    assert LessonReport.objects.count() == len(demonstration)
    past = User.objects.filter(username__startswith="demo-past-")
    assert past.count() == sum(past.size for past in PAST_CLASSES)
    assert not past.filter(simulated=False).exists()
    assert not past.filter(demo=False).exists()
