import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession, Participant, Role
from fer_lms.reports.actions import freeze_report
from tests.factories import make_lesson, make_session, make_teacher_of, make_user

pytestmark = pytest.mark.django_db


def test_teacher_lists_own_lessons_and_sessions(client: Client, teacher: Participant) -> None:
    make_session()
    newer = make_session(lesson=teacher.session.lesson)
    newer.started_at = newer.started_at.replace(hour=13)
    newer.save()
    client.force_login(teacher.user)
    [lesson] = client.get("/api/v1/lessons/").json()
    assert lesson["course"] == teacher.session.lesson.course.title
    assert [listed["id"] for listed in lesson["sessions"]] == [
        str(newer.pk),
        str(teacher.session.pk),
    ]
    assert lesson["sessions"][0] == {
        "id": str(newer.pk),
        "state": "open",
        "started_at": "2026-11-22T13:00:00Z",
        "closes_at": None,
        "ended_at": None,
        "activity_id": None,
        "finding": None,
    }


def test_final_report_has_a_finding(client: Client, teacher: Participant) -> None:
    freeze_report(session=end_session(session=teacher.session))
    client.force_login(teacher.user)
    [lesson] = client.get("/api/v1/lessons/").json()
    [listed] = lesson["sessions"]
    assert listed["state"] == "ended"
    assert listed["finding"].startswith("Too few students")


def test_new_session_is_started_and_joined(client: Client) -> None:
    lesson = make_lesson()
    teacher = make_teacher_of(lesson)
    client.force_login(teacher)
    answer = client.post(f"/api/v1/lessons/{lesson.pk}/sessions/")
    assert answer.status_code == 201
    session = LessonSession.objects.get(pk=answer.json()["id"])
    assert session.lesson == lesson
    assert session.participants.get().user == teacher
    assert session.participants.get().role == Role.TEACHER


def test_lesson_of_another_teacher_returns_404(client: Client, teacher: Participant) -> None:
    client.force_login(teacher.user)
    other = make_lesson()
    assert client.post(f"/api/v1/lessons/{other.pk}/sessions/").status_code == 404
    assert not other.sessions.exists()


def test_student_has_no_taught_lessons(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    assert client.get("/api/v1/lessons/").json() == []


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_does_not_grow_with_sessions(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    lesson = make_lesson()
    for _ in range(count):
        make_session(lesson=lesson)
    client.force_login(make_teacher_of(lesson))
    with django_assert_num_queries(6):
        assert len(client.get("/api/v1/lessons/").json()[0]["sessions"]) == count


def test_anonymous_request_is_refused(client: Client) -> None:
    answer = client.get("/api/v1/lessons/")
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_authenticated")
    client.force_login(make_user())
    assert client.get("/api/v1/lessons/").json() == []
