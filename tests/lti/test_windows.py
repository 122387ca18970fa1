"""Launches without cookies in a frame, and window passes."""

import json
import re
import threading
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fer_lms.lessons.models import Course, Lesson, LessonSession, Participant
from fer_lms.lti.models import LaunchState, WindowPass
from fer_lms.people.models import User
from tests.lti.conftest import Visitor, get_error_code, register
from tests.lti.platform import LmsPlatform


def found_in(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None
    return match.group(1)


def get_storage(page: Any) -> dict[str, str]:
    stored = unescape(found_in(r'storage="([^"]*)"', page.content.decode()))
    storage: dict[str, str] = json.loads(stored)
    return storage


def carried(visitor: Visitor) -> tuple[dict[str, str], dict[str, str]]:
    """Start a login without cookies; return (stored data, launch parameters)."""
    page = visitor.client.post("/lti/login", visitor.lms.initiation(lti_storage_target="_parent"))
    assert page.status_code == 200
    visitor.client.cookies.clear()
    storage = get_storage(page)
    nonce, state = (found_in(f"{name}=([^&]+)", storage["next"]) for name in ("nonce", "state"))
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": nonce})
    return storage, {"state": state, "id_token": token}


def test_browser_secret_from_platform_storage(visitor: Visitor) -> None:
    storage, sent = carried(visitor)
    assert storage["target"] == "_parent"
    assert storage["origin"] == visitor.lms.url
    asking = visitor.post(**sent)
    assert asking.status_code == 200
    assert get_storage(asking)["key"] == storage["key"]
    assert not User.objects.exists()
    entered = visitor.post_own(**sent, storage_key=storage["value"])
    assert "Open in a new window" in entered.content.decode()
    assert "sessionid" not in visitor.client.cookies
    address = found_in('href="(/lti/window/[^"]+)"', entered.content.decode())
    opened = visitor.client.get(address)
    assert visitor.client.get(opened["Location"]).status_code == 200


@pytest.mark.parametrize("key", ["-", "another"])
def test_wrong_browser_secret_is_refused(visitor: Visitor, key: str) -> None:
    _, sent = carried(visitor)
    assert get_error_code(visitor.post_own(**sent, storage_key=key)) == "LTI-04"


@pytest.mark.parametrize(
    "origin", ["https://attacker.example", "null", "http://testserver:81", "http://a:b", ""]
)
def test_browser_secret_from_another_site_is_refused(visitor: Visitor, origin: str) -> None:
    """Login CSRF: another site posts its own user's login."""
    storage, sent = carried(visitor)
    victim = Client(headers={"Origin": origin} if origin else {})
    answer = victim.post("/lti/launch", sent | {"storage_key": storage["value"]})
    assert get_error_code(answer) == "LTI-04"
    assert not WindowPass.objects.exists()
    assert not User.objects.exists()


def test_browser_secret_without_storage_target_is_refused(visitor: Visitor) -> None:
    parameters = visitor.login()
    (key,) = [cookie.value for name, cookie in visitor.client.cookies.items() if name[:4] == "lti-"]
    visitor.client.cookies.clear()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": parameters["nonce"]})
    answer = visitor.post_own(state=parameters["state"], id_token=token, storage_key=key)
    assert get_error_code(answer) == "LTI-04"
    assert not WindowPass.objects.exists()


def test_replay_with_storage_is_refused(visitor: Visitor) -> None:
    storage, sent = carried(visitor)
    visitor.post_own(**sent, storage_key=storage["value"])
    assert get_error_code(visitor.post_own(**sent, storage_key=storage["value"])) == "LTI-03"


def test_no_cookie_and_no_storage_is_refused(visitor: Visitor) -> None:
    parameters = visitor.login()
    visitor.client.cookies.clear()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": parameters["nonce"]})
    assert get_error_code(visitor.post(state=parameters["state"], id_token=token)) == "LTI-04"


def test_cookie_suffices_without_storage(visitor: Visitor) -> None:
    visitor.client.post("/lti/login", visitor.lms.initiation(lti_storage_target="_parent"))
    assert visitor.launch().status_code == 302


@pytest.fixture
def in_frame(visitor: Visitor) -> Visitor:
    visitor.lesson = visitor.launch()["Location"]  # type: ignore[attr-defined]
    return visitor


def pass_for(visitor: Visitor, path: str) -> str:
    answer = visitor.client.post("/lti/window", {"path": path})
    assert answer.status_code == 201
    url: str = answer.json()["url"]
    return url


def test_window_pass_opens_session(in_frame: Visitor) -> None:
    lesson = in_frame.lesson  # type: ignore[attr-defined]
    url = pass_for(in_frame, lesson)
    fresh = Client(headers={"sec-fetch-site": "same-origin"})
    opened = fresh.get(url)
    assert opened["Location"] == lesson
    assert "Partitioned" in fresh.cookies["sessionid"].OutputString()
    assert fresh.get(lesson).status_code == 200
    assert in_frame.client.get(lesson).status_code == 200
    again = Client(headers={"sec-fetch-site": "same-origin"})
    assert get_error_code(again.get(url)) == "LTI-03"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_window_pass_from_another_site_is_refused(in_frame: Visitor, site: str) -> None:
    """Login CSRF: another site links to its own user's pass."""
    url = pass_for(in_frame, "/")
    assert get_error_code(Client(headers={"sec-fetch-site": site}).get(url)) == "LTI-03"
    assert Client().get(url).status_code == 302


def test_window_pass_expires(in_frame: Visitor) -> None:
    url = pass_for(in_frame, "/")
    found = WindowPass.objects.get()
    found.created_at -= timedelta(minutes=6)
    found.save()
    assert get_error_code(Client().get(url)) == "LTI-03"
    assert get_error_code(Client().get("/lti/window/unknown")) == "LTI-03"


def test_window_pass_of_inactive_user_is_refused(in_frame: Visitor) -> None:
    url = pass_for(in_frame, "/")
    User.objects.update(is_active=False)
    assert get_error_code(Client().get(url)) == "LTI-10"


@pytest.mark.parametrize("path", ["https://attacker.example/", "//attacker.example", "x", ""])
def test_window_pass_path_stays_on_site(in_frame: Visitor, path: str) -> None:
    assert Client().get(pass_for(in_frame, path))["Location"] == "/"


def test_window_pass_needs_launched_session(client: Client, db: None) -> None:
    assert client.post("/lti/window", {"path": "/"}).status_code == 403
    client.force_login(User.objects.create(username="admin"))
    assert client.post("/lti/window", {"path": "/"}).status_code == 403


def test_window_pass_needs_csrf_token(in_frame: Visitor) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = in_frame.client.cookies
    assert strict.post("/lti/window", {"path": "/"}).status_code == 403


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_of_fifty_concurrent_replays_succeeds(lms: LmsPlatform) -> None:
    register(lms)
    visitor = Visitor(lms)
    parameters = visitor.login()
    token = lms.sign(lms.resource_link() | {"nonce": parameters["nonce"]})
    visitor.post(state=parameters["state"], id_token="a.b.c")
    outcomes: list[int] = []
    gate = threading.Barrier(50)

    def replay() -> None:
        client = Client()
        client.cookies = visitor.client.cookies.copy()  # type: ignore[assignment]
        gate.wait()
        try:
            sent = {"state": parameters["state"], "id_token": token}
            outcomes.append(client.post("/lti/launch", sent).status_code)
        finally:
            connection.close()

    replays = [threading.Thread(target=replay) for _ in range(50)]
    for thread in replays:
        thread.start()
    for thread in replays:
        thread.join()
    assert sorted(outcomes) == [302] + [403] * 49
    assert LaunchState.objects.get().consumed_at is not None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_concurrent_first_launches_create_one_course(lms: LmsPlatform) -> None:
    """Concurrent first launches create one course, lesson and session."""
    register(lms)
    outcomes: list[int] = []
    gate = threading.Barrier(12)

    def come(number: int) -> None:
        gate.wait()
        try:
            claims = lms.resource_link(sub=f"student-{number // 2}")
            outcomes.append(Visitor(lms).launch(claims).status_code)
        finally:
            connection.close()

    class_ = [threading.Thread(target=come, args=(number,)) for number in range(12)]
    for learner in class_:
        learner.start()
    for learner in class_:
        learner.join()
    assert outcomes == [302] * 12
    counts = [model._default_manager.count() for model in (Course, Lesson, LessonSession)]
    assert counts == [1, 1, 1]
    assert User.objects.count() == Participant.objects.count() == 6
