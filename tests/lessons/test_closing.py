"""Closing of sessions: by a teacher, at a set time, and after they were forgotten."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.actions import (
    LATE_EVENTS,
    ClosingTimeError,
    EventFields,
    SessionClosedError,
    end_session,
    enrol_person,
    enter_as_student,
    record_events,
    set_closing_time,
    start_session,
)
from fer_lms.lessons.models import LessonSession, Participant, Role
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_max_open_time
from fer_lms.reports.tasks import end_due
from fer_lms.rules.actions import request_hint
from tests.factories import make_lesson, make_session, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def close(session: LessonSession, *, ago: timedelta = timedelta(0)) -> datetime:
    """Let the closing time pass without the beat task."""
    closes_at = timezone.now() - ago
    LessonSession.objects.filter(pk=session.pk).update(closes_at=closes_at)
    session.refresh_from_db()
    return closes_at


def test_session_is_open_until_its_closing_time(session: LessonSession) -> None:
    assert set_closing_time(session=session, closes_at=timezone.now() + HOUR).is_open
    closes_at = close(session)
    assert not session.is_open
    assert session.closed_at == closes_at


def test_due_session_ends_at_its_closing_time(session: LessonSession) -> None:
    closes_at = close(session, ago=HOUR)
    later = set_closing_time(session=make_session(), closes_at=timezone.now() + HOUR)
    end_due()
    session.refresh_from_db()
    later.refresh_from_db()
    assert (session.ended_at, later.ended_at) == (closes_at, None)


@pytest.mark.parametrize("has_closing_time", [True, False])
def test_session_ends_before_its_first_data_is_deleted(has_closing_time: bool) -> None:
    """Also where the policy was changed after the closing time was set."""
    closes_at = timezone.now() + 5 * HOUR if has_closing_time else None
    old = make_session(started_at=timezone.now() - get_max_open_time() - HOUR)
    recent = make_session(started_at=timezone.now() - get_max_open_time() + HOUR)
    LessonSession.objects.update(closes_at=closes_at)
    end_due()
    old.refresh_from_db()
    recent.refresh_from_db()
    assert not old.is_open
    assert recent.is_open


def test_session_can_be_open_until_the_first_data_is_deleted(policy: DeploymentPolicy) -> None:
    policy.kept_days, policy.events_kept_days, policy.hints_kept_days = 7, 5, 6
    policy.save()
    assert get_max_open_time() == timedelta(days=5) - HOUR
    policy.kept_days = 0
    policy.save()
    assert get_max_open_time() == 12 * HOUR


def test_teacher_closes_before_the_set_time(session: LessonSession) -> None:
    set_closing_time(session=session, closes_at=timezone.now() + HOUR)
    ended_at = end_session(session=session).ended_at
    assert ended_at is not None
    assert ended_at <= timezone.now()


def test_closing_time_can_be_changed_and_removed(session: LessonSession) -> None:
    for closes_at in (timezone.now() + HOUR, timezone.now() + 2 * HOUR, None):
        assert set_closing_time(session=session, closes_at=closes_at).closes_at == closes_at


def test_closing_time_lies_ahead(session: LessonSession) -> None:
    with pytest.raises(ClosingTimeError):
        set_closing_time(session=session, closes_at=timezone.now() - HOUR)
    with pytest.raises(ClosingTimeError):
        start_session(lesson=make_lesson(), closes_at=timezone.now() - HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonSession.objects.update(closes_at=session.started_at)


@pytest.mark.parametrize("is_ended", [True, False])
def test_closed_session_is_not_reopened(session: LessonSession, is_ended: bool) -> None:
    close(session)
    if is_ended:
        end_session(session=session)
    with pytest.raises(SessionClosedError):
        set_closing_time(session=session, closes_at=timezone.now() + HOUR)


def test_nobody_joins_a_closed_session(learner: Participant) -> None:
    session = learner.session
    close(session)
    assert enter_as_student(session=session, user=make_user()) is None
    assert enter_as_student(session=session, user=learner.user) == learner
    assert session.participants.count() == 1


def test_events_of_before_the_closing_are_stored(learner: Participant) -> None:
    Participant.objects.update(joined_at=timezone.now() - HOUR)
    learner.refresh_from_db()
    close(learner.session, ago=timedelta(seconds=5))
    before: EventFields = {"kind": "idle", "step_id": None, "value": "", "ago_ms": 8_000}
    after: EventFields = {"kind": "returned", "step_id": None, "value": "", "ago_ms": 1_000}
    assert record_events(participant=learner, events=[before, after]) == 1
    assert learner.events.get().kind == "idle"
    with pytest.raises(SessionClosedError):
        record_events(participant=learner, events=[after])


def test_late_events_are_refused(learner: Participant) -> None:
    """The report of the session may be frozen."""
    Participant.objects.update(joined_at=timezone.now() - HOUR)
    learner.refresh_from_db()
    close(learner.session, ago=LATE_EVENTS + timedelta(seconds=1))
    event: EventFields = {"kind": "idle", "step_id": None, "value": "", "ago_ms": 60_000}
    with pytest.raises(SessionClosedError):
        record_events(participant=learner, events=[event])


def test_closed_session_gives_no_hint(learner: Participant) -> None:
    close(learner.session)
    with pytest.raises(SessionClosedError):
        request_hint(participant=learner, step=learner.session.lesson.steps.all()[0])


def test_camera_is_not_granted_in_a_closed_session(learner: Participant) -> None:
    close(learner.session)
    version = get_current_text_version()
    with pytest.raises(SessionClosedError):
        grant_consent(participant=learner, text_version=version, grants={"capture": True})
    refusal = grant_consent(participant=learner, text_version=version, grants={"capture": False})
    assert not refusal.capture


def test_closed_page_is_for_members_of_the_course(client: Client, learner: Participant) -> None:
    path = f"/sessions/{learner.session_id}/closed/"
    course = learner.session.lesson.course
    client.force_login(learner.user)
    assert "This lesson is open" in client.get(path).content.decode()
    close(learner.session)
    page = client.get(path).content.decode()
    assert "This lesson is closed" in page
    assert "data-local" in page
    assert "You did not take part" not in page
    client.force_login(enrol_person(course=course, user=make_user(), role=Role.STUDENT).user)
    assert "You did not take part" in client.get(path).content.decode()
    client.force_login(make_user())
    assert client.get(path).status_code == 404
