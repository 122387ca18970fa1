"""Switching off or removing a platform ends the sessions that it started."""

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.models import Course
from fer_lms.lti.models import Deployment, Platform
from fer_lms.lti.registration.platforms import add_deployment, remove_platform, set_platform_active
from fer_lms.people.models import User
from tests.factories import make_learner, make_session, make_user
from tests.lti.conftest import Visitor

pytestmark = pytest.mark.django_db
WORDS = "The connection from your learning platform was switched off here"


def off(platform: Platform) -> None:
    set_platform_active(platform=platform, active=False, actor=None)


def test_next_request_shows_switched_off_page(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    assert visitor.client.get(lesson).status_code == 200
    off(platform)
    for _ in range(2):  # and not an entrance that is not theirs, when they load it again
        answer = visitor.client.get(lesson)
        assert answer.status_code == 403
        assert WORDS in answer.content.decode()
    assert "_auth_user_id" not in visitor.client.session


def test_api_returns_platform_off(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    off(platform)
    for path in (f"/api/v1{lesson}", f"/api/v1{lesson}consent"):
        answer = visitor.client.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (403, "platform_off")
    ticket = visitor.client.post(f"/api/v1{lesson}capture-ticket", {"mode": "lesson"})
    assert ticket.status_code == 403


def test_switched_off_page_is_shown_in_frame(visitor: Visitor, platform: Platform) -> None:
    """In the frame of the switched-off platform, with a partitioned cookie."""
    lesson = visitor.launch()["Location"]
    off(platform)
    answer = visitor.client.get(lesson)
    assert "frame-ancestors http: https:" in answer["Content-Security-Policy"]
    assert answer.cookies["sessionid"]["samesite"] == "None"


def test_removing_a_platform_ends_sessions(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    remove_platform(platform=platform, actor=None)
    assert visitor.client.get(lesson).status_code == 403
    assert User.objects.get().access_suspended


def test_other_sessions_continue(visitor: Visitor, platform: Platform, client: Client) -> None:
    visitor.launch()
    learner = make_learner(make_session())
    client.force_login(learner.user)
    off(platform)
    assert client.get(f"/sessions/{learner.session_id}/").status_code == 200
    learner.user.refresh_from_db()
    assert not learner.user.access_suspended


def test_new_launch_after_switching_on(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    off(platform)
    assert visitor.client.get(lesson).status_code == 403
    set_platform_active(platform=platform, active=True, actor=None)
    assert visitor.client.get(lesson).status_code == 403, "what has ended does not come back"
    assert not User.objects.get().access_suspended
    assert visitor.launch().status_code == 302
    assert visitor.client.get(lesson).status_code == 200


def test_open_paths_stay_open(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    off(platform)
    visitor.client.get(lesson)
    assert visitor.client.get("/retention/").status_code == 200
    assert visitor.client.get("/admin/login/").status_code == 200
    visitor.client.force_login(make_user())
    assert visitor.client.get("/me/").status_code == 200, "who signs in otherwise is let in"


def test_switching_by_command(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    call_command("lti_platform", "off", str(platform.pk))
    assert visitor.client.get(lesson).status_code == 403
    assert not any("_auth_user_id" in row.get_decoded() for row in Session.objects.all())


def switch_in_admin(client: Client, platform: Platform, *, active: bool) -> None:
    """Build the admin form in which a deployment's *Active* is changed."""
    deployment = platform.deployments.get()
    form = {
        "name": platform.name,
        "page_origins": "[]",
        "token_audience": "",
        "deployments-TOTAL_FORMS": "1",
        "deployments-INITIAL_FORMS": "1",
        "deployments-0-id": deployment.pk,
        "deployments-0-platform": platform.pk,
    }
    form |= {"deployments-0-active": "on"} if active else {}
    answer = client.post(f"/admin/lti/platform/{platform.pk}/change/", form)
    assert answer.status_code == 302, answer.content.decode()


def test_deployment_is_switched_separately(
    visitor: Visitor, platform: Platform, admin_client: Client
) -> None:
    lesson = visitor.launch()["Location"]
    course = Course.objects.get()
    switch_in_admin(admin_client, platform, active=False)
    assert WORDS in visitor.client.get(lesson).content.decode()
    assert visitor.launch().status_code == 403
    course.refresh_from_db()
    assert course.access_suspended, "which is what sockets ask"
    assert AuditEvent.objects.filter(action="lti.deployment_switched_off").count() == 1
    switch_in_admin(admin_client, platform, active=True)
    assert visitor.launch().status_code == 302
    course.refresh_from_db()
    assert not course.access_suspended


def test_other_deployments_stay_active(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    other = Deployment.objects.create(platform=platform, deployment_id="next door")
    other.active = False
    other.save()
    assert visitor.client.get(lesson).status_code == 200


def test_added_again_deployment_is_active(visitor: Visitor, platform: Platform) -> None:
    visitor.launch()
    Course.objects.update(access_suspended=True)
    name = platform.deployments.get().deployment_id
    add_deployment(platform=platform, deployment_id=name, actor=None)
    assert not Course.objects.get().access_suspended
