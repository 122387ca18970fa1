"""Each route, asked by everyone who may not."""

import pytest
from django.test import Client

from fer_lms.lessons.models import Enrolment, LessonSession, Participant
from fer_lms.people.models import User
from tests.factories import make_learner, make_session, make_teacher, make_user, make_window

pytestmark = pytest.mark.django_db

Route = tuple[str, str]
LEARNER_ONLY = [
    ("get", "consent"),
    ("post", "consent"),
    ("delete", "consent"),
    ("post", "events"),
    ("get", "hints"),
    ("post", "leave"),
    ("get", "my-report"),
]
TEACHER_ONLY = [("post", "end"), ("get", "report")]
MEMBERS = [("get", "")]
EVERY = LEARNER_ONLY + TEACHER_ONLY + MEMBERS
OWN_WITHOUT_THE_COURSE = [("get", "consent"), ("delete", "consent"), ("get", "my-report")]
"""What is kept of oneself, and taking it back, outlasts the course."""


def status_of(client: Client, user: User | None, session: LessonSession, route: Route) -> int:
    if user is not None:
        client.force_login(user)
    method, name = route
    answer = client.generic(method.upper(), f"/api/v1/sessions/{session.pk}/{name}")
    return answer.status_code


@pytest.mark.parametrize("route", EVERY)
def test_nobody_in_particular(client: Client, session: LessonSession, route: Route) -> None:
    assert status_of(client, None, session, route) == 403


@pytest.mark.parametrize("route", EVERY)
def test_a_stranger(client: Client, session: LessonSession, route: Route) -> None:
    assert status_of(client, make_user(), session, route) == 404


@pytest.mark.parametrize("route", EVERY)
def test_a_learner_of_another_sitting(client: Client, session: LessonSession, route: Route) -> None:
    assert status_of(client, make_learner(make_session()).user, session, route) == 404


@pytest.mark.parametrize("route", EVERY)
def test_a_teacher_of_another_course(client: Client, session: LessonSession, route: Route) -> None:
    assert status_of(client, make_teacher(make_session()).user, session, route) == 404


@pytest.mark.parametrize("route", EVERY)
def test_a_learner_who_is_no_longer_enrolled(
    client: Client, learner: Participant, route: Route
) -> None:
    Enrolment.objects.filter(user=learner.user).update(active=False)
    own = route in OWN_WITHOUT_THE_COURSE
    assert status_of(client, learner.user, learner.session, route) == (200 if own else 404)


@pytest.mark.parametrize("route", TEACHER_ONLY)
def test_a_learner_is_no_teacher(client: Client, learner: Participant, route: Route) -> None:
    assert status_of(client, learner.user, learner.session, route) == 404
    learner.session.refresh_from_db()
    assert learner.session.is_open


@pytest.mark.parametrize("route", LEARNER_ONLY)
def test_a_teacher_is_no_learner(client: Client, teacher: Participant, route: Route) -> None:
    assert status_of(client, teacher.user, teacher.session, route) == 404


def test_a_classmate_sees_only_own_windows(client: Client, learner: Participant) -> None:
    make_window(learner)
    classmate = make_learner(learner.session)
    client.force_login(classmate.user)
    assert client.get(f"/api/v1/sessions/{learner.session_id}/my-report").json()["windows"] == []
