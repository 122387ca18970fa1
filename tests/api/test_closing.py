"""Closing time of a session in REST, and what a closed session refuses."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.models import LessonSession, Participant
from tests.factories import make_learner, make_lesson, make_session, make_teacher_of

pytestmark = pytest.mark.django_db


def send(client: Client, method: str, session: LessonSession, name: str = "", **body: Any) -> Any:
    path = f"/api/v1/sessions/{session.pk}/{name}"
    return client.generic(method, path, json.dumps(body), content_type="application/json")


@pytest.fixture
def running() -> LessonSession:
    return make_session(started_at=timezone.now() - timedelta(hours=1))


@pytest.fixture
def teacher_client(client: Client, running: LessonSession) -> Client:
    client.force_login(make_teacher_of(running.lesson))
    return client


def test_teacher_sets_and_removes_the_closing_time(
    teacher_client: Client, running: LessonSession
) -> None:
    friday = (timezone.now() + timedelta(days=4)).isoformat()
    answer = send(teacher_client, "PATCH", running, closes_at=friday)
    assert answer.status_code == 200
    running.refresh_from_db()
    assert running.closes_at is not None
    assert running.closes_at.isoformat() == friday
    assert answer.json()["closes_at"] == friday.replace("+00:00", "Z")
    [lesson] = teacher_client.get("/api/v1/lessons/").json()
    assert lesson["sessions"][0]["closes_at"] == answer.json()["closes_at"]
    assert send(teacher_client, "PATCH", running, closes_at=None).json()["closes_at"] is None


@pytest.mark.parametrize("days", [-1, 31, None])
def test_impossible_closing_time_is_refused(
    teacher_client: Client, running: LessonSession, days: int | None
) -> None:
    """Not in the past, and not after the first data is deleted (30 days)."""
    time = "Friday" if days is None else (timezone.now() + timedelta(days=days)).isoformat()
    answer = send(teacher_client, "PATCH", running, closes_at=time)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid")
    assert answer.json()["fields"]["closes_at"]
    running.refresh_from_db()
    assert running.closes_at is None


def test_request_without_a_time_is_refused(teacher_client: Client, running: LessonSession) -> None:
    assert send(teacher_client, "PATCH", running).status_code == 400


def test_closed_session_is_not_reopened(teacher_client: Client, running: LessonSession) -> None:
    send(teacher_client, "POST", running, "end")
    friday = (timezone.now() + timedelta(days=4)).isoformat()
    answer = send(teacher_client, "PATCH", running, closes_at=friday)
    assert (answer.status_code, answer.json()["reason"]) == (409, "session_ended")


@pytest.mark.parametrize("days", [2, -2, 31])
def test_new_session_with_closing_time(client: Client, days: int) -> None:
    lesson = make_lesson()
    client.force_login(make_teacher_of(lesson))
    closes_at = (timezone.now() + timedelta(days=days)).isoformat()
    path = f"/api/v1/lessons/{lesson.pk}/sessions/"
    answer = client.post(path, {"closes_at": closes_at}, content_type="application/json")
    assert answer.status_code == (201 if days == 2 else 400)
    assert lesson.sessions.filter(closes_at__isnull=False).count() == (days == 2)


def close(session: LessonSession) -> None:
    """Let the closing time pass; the beat task has not run yet."""
    LessonSession.objects.update(closes_at=timezone.now() - timedelta(minutes=2))


@pytest.mark.usefixtures("policy")
def test_closed_session_refuses_what_students_do(client: Client, running: LessonSession) -> None:
    learner = make_learner(running)
    client.force_login(learner.user)
    close(running)
    step = running.lesson.steps.all()[0]
    consent = {"text_version": get_current_text_version(), "capture": True}
    for name, body, status in (
        ("events", {"events": [{"kind": "step_opened", "step_id": step.pk}]}, 409),
        ("hints", {"step_id": step.pk}, 409),
        ("consent", consent, 409),
        ("capture-ticket", {"mode": "lesson"}, 403),
    ):
        answer = send(client, "POST", running, name, **body)
        assert (answer.status_code, answer.json()["reason"]) == (status, "session_ended"), name
    assert LessonSession.objects.count() == 1


def test_student_sees_that_the_session_is_closed(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    close(learner.session)
    shown = send(client, "GET", learner.session).json()
    assert shown["state"] == "ended"
    assert shown["ended_at"] == shown["closes_at"]
    assert send(client, "GET", learner.session, "my-report").status_code == 200
    assert send(client, "DELETE", learner.session, "consent").status_code == 200
