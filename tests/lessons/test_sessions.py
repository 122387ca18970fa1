import pytest
from django.db import IntegrityError, transaction

from fer_lms.lessons.actions import (
    EventFields,
    end_session,
    join_session,
    leave_session,
    record_events,
    start_session,
)
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Role
from tests.factories import make_lesson, make_user

pytestmark = pytest.mark.django_db


def test_session_keeps_engagement_preset() -> None:
    lesson = make_lesson()
    session = start_session(lesson=lesson)
    lesson.engagement_preset = "sharma2019"
    lesson.save()
    session.refresh_from_db()
    assert session.engagement_preset == "transparent"


def test_joining_again_clears_left_at(session: LessonSession) -> None:
    user = make_user()
    first = join_session(session=session, user=user, role=Role.STUDENT)
    leave_session(participant=first)
    again = join_session(session=session, user=user, role=Role.STUDENT)
    assert again == first
    assert Participant.objects.get().left_at is None
    assert session.lesson.course.enrolments.get().user == user


def test_session_ends_once(session: LessonSession) -> None:
    first = end_session(session=session).ended_at
    assert first is not None
    assert end_session(session=session).ended_at == first
    assert not LessonSession.objects.get().is_open


def test_session_cannot_end_before_start(session: LessonSession) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonSession.objects.update(ended_at=session.started_at.replace(year=2020))


def test_events_are_ordered(learner: Participant) -> None:
    steps = learner.session.lesson.steps.all()
    events: list[EventFields] = [
        {"kind": "step_opened", "step_id": step.pk, "value": ""} for step in steps
    ]
    assert record_events(participant=learner, events=events) == 2
    stored = InteractionEvent.objects.filter(participant=learner)
    assert [event.step for event in stored] == list(steps)
