"""Every route refuses users without permission."""

import pytest
from django.test import Client

from fer_lms.lessons.models import Enrolment, LessonSession, Participant
from fer_lms.people.models import User
from tests.factories import make_learner, make_session, make_teacher, make_user, make_window

pytestmark = pytest.mark.django_db

Route = tuple[str, str]
LEARNER_ROUTES = [
    ("get", "consent"),
    ("post", "consent"),
    ("delete", "consent"),
    ("post", "events"),
    ("get", "hints"),
    ("post", "leave"),
    ("get", "my-report"),
]
TEACHER_ROUTES = [("post", "end"), ("get", "report")]
MEMBER_ROUTES = [("get", "")]
ALL_ROUTES = LEARNER_ROUTES + TEACHER_ROUTES + MEMBER_ROUTES
OWN_DATA_ROUTES = [("get", "consent"), ("delete", "consent"), ("get", "my-report")]
"""Routes to own data and withdrawal, which work after the enrolment has ended."""


def request_status(client: Client, user: User | None, session: LessonSession, route: Route) -> int:
    if user is not None:
        client.force_login(user)
    method, name = route
    answer = client.generic(method.upper(), f"/api/v1/sessions/{session.pk}/{name}")
    return answer.status_code


@pytest.mark.parametrize("route", ALL_ROUTES)
def test_anonymous(client: Client, session: LessonSession, route: Route) -> None:
    assert request_status(client, None, session, route) == 403


@pytest.mark.parametrize("route", ALL_ROUTES)
def test_user_of_no_course(client: Client, session: LessonSession, route: Route) -> None:
    assert request_status(client, make_user(), session, route) == 404


@pytest.mark.parametrize("route", ALL_ROUTES)
def test_learner_of_another_session(client: Client, session: LessonSession, route: Route) -> None:
    assert request_status(client, make_learner(make_session()).user, session, route) == 404


@pytest.mark.parametrize("route", ALL_ROUTES)
def test_teacher_of_another_course(client: Client, session: LessonSession, route: Route) -> None:
    assert request_status(client, make_teacher(make_session()).user, session, route) == 404


@pytest.mark.parametrize("route", ALL_ROUTES)
def test_learner_no_longer_enrolled(client: Client, learner: Participant, route: Route) -> None:
    Enrolment.objects.filter(user=learner.user).update(active=False)
    own = route in OWN_DATA_ROUTES
    assert request_status(client, learner.user, learner.session, route) == (200 if own else 404)


@pytest.mark.parametrize("route", TEACHER_ROUTES)
def test_learner_on_teacher_routes(client: Client, learner: Participant, route: Route) -> None:
    assert request_status(client, learner.user, learner.session, route) == 404
    learner.session.refresh_from_db()
    assert learner.session.is_open


@pytest.mark.parametrize("route", LEARNER_ROUTES)
def test_teacher_on_learner_routes(client: Client, teacher: Participant, route: Route) -> None:
    assert request_status(client, teacher.user, teacher.session, route) == 404


def test_learner_sees_own_windows_only(client: Client, learner: Participant) -> None:
    make_window(learner)
    classmate = make_learner(learner.session)
    client.force_login(classmate.user)
    assert client.get(f"/api/v1/sessions/{learner.session_id}/my-report").json()["windows"] == []
