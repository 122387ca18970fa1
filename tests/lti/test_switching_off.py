"""A platform that is switched off, or removed: whoever came through it is inside no longer."""

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from fer_lms.lti.models import Platform
from fer_lms.lti.platforms import remove_platform, switch_platform
from fer_lms.people.models import User
from tests.factories import make_learner, make_session, make_user
from tests.lti.conftest import Visitor

pytestmark = pytest.mark.django_db
WORDS = "The connection from your learning platform was switched off here"


def off(platform: Platform) -> None:
    switch_platform(platform=platform, active=False, actor=None)


def test_the_next_request_finds_a_calm_page(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    assert visitor.client.get(lesson).status_code == 200
    off(platform)
    for _ in range(2):  # and not an entrance that is not theirs, when they load it again
        answer = visitor.client.get(lesson)
        assert answer.status_code == 403
        assert WORDS in answer.content.decode()
    assert "_auth_user_id" not in visitor.client.session


def test_programs_are_told_why(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    off(platform)
    for path in (f"/api/v1{lesson}", f"/api/v1{lesson}consent"):
        answer = visitor.client.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (403, "platform_off")
    ticket = visitor.client.post(f"/api/v1{lesson}capture-ticket", {"mode": "lesson"})
    assert ticket.status_code == 403


def test_the_page_is_seen_where_they_are(visitor: Visitor, platform: Platform) -> None:
    """In the frame of the platform that is switched off, with a cookie that lives there."""
    lesson = visitor.launch()["Location"]
    off(platform)
    answer = visitor.client.get(lesson)
    assert platform.frame_origins[0] in answer["Content-Security-Policy"]
    assert answer.cookies["sessionid"]["samesite"] == "None"


def test_a_platform_that_is_removed_ends_them_too(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    remove_platform(platform=platform, actor=None)
    assert visitor.client.get(lesson).status_code == 403
    assert User.objects.get().platform_off


def test_others_stay(visitor: Visitor, platform: Platform, client: Client) -> None:
    visitor.launch()
    learner = make_learner(make_session())
    client.force_login(learner.user)
    off(platform)
    assert client.get(f"/sessions/{learner.session_id}/").status_code == 200
    learner.user.refresh_from_db()
    assert not learner.user.platform_off


def test_switched_on_again_a_new_launch_lets_in(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    off(platform)
    assert visitor.client.get(lesson).status_code == 403
    switch_platform(platform=platform, active=True, actor=None)
    assert visitor.client.get(lesson).status_code == 403, "what has ended does not come back"
    assert not User.objects.get().platform_off
    assert visitor.launch().status_code == 302
    assert visitor.client.get(lesson).status_code == 200


def test_what_is_for_everybody_stays_open(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    off(platform)
    visitor.client.get(lesson)
    assert visitor.client.get("/retention/").status_code == 200
    assert visitor.client.get("/admin/login/").status_code == 200
    visitor.client.force_login(make_user())
    assert visitor.client.get("/me/").status_code == 200, "who signs in otherwise is let in"


def test_by_command(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    call_command("lti_platform", "off", str(platform.pk))
    assert visitor.client.get(lesson).status_code == 403
    assert not any("_auth_user_id" in row.get_decoded() for row in Session.objects.all())
