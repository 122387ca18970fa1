"""Where a frame keeps no cookie, and from a frame into a window of one's own."""

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
from tests.lti.conftest import Visitor, code_of, register
from tests.lti.platform import LmsPlatform


def found_in(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None
    return match.group(1)


def storage_of(page: Any) -> dict[str, str]:
    stored = unescape(found_in(r'storage="([^"]*)"', page.content.decode()))
    storage: dict[str, str] = json.loads(stored)
    return storage


def carried(visitor: Visitor) -> tuple[dict[str, str], dict[str, str]]:
    """A login of a browser that keeps no cookie: (what is stored, what is to be posted)."""
    page = visitor.client.post("/lti/login", visitor.lms.initiation(lti_storage_target="_parent"))
    assert page.status_code == 200
    visitor.client.cookies.clear()
    storage = storage_of(page)
    nonce, state = (found_in(f"{name}=([^&]+)", storage["next"]) for name in ("nonce", "state"))
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": nonce})
    return storage, {"state": state, "id_token": token}


def test_the_key_waits_in_the_platforms_storage(visitor: Visitor) -> None:
    storage, sent = carried(visitor)
    assert storage["target"] == "_parent"
    assert storage["origin"] == visitor.lms.url
    asking = visitor.post(**sent)
    assert asking.status_code == 200
    assert storage_of(asking)["key"] == storage["key"]
    assert not User.objects.exists()
    entered = visitor.post_own(**sent, storage_key=storage["value"])
    assert "Open in a new window" in entered.content.decode()
    assert "sessionid" not in visitor.client.cookies
    address = found_in('href="(/lti/window/[^"]+)"', entered.content.decode())
    opened = visitor.client.get(address)
    assert visitor.client.get(opened["Location"]).status_code == 200


@pytest.mark.parametrize("key", ["-", "another"])
def test_another_browser_has_no_key_in_storage(visitor: Visitor, key: str) -> None:
    _, sent = carried(visitor)
    assert code_of(visitor.post_own(**sent, storage_key=key)) == "LTI-04"


@pytest.mark.parametrize(
    "origin", ["https://attacker.example", "null", "http://testserver:81", "http://a:b", ""]
)
def test_a_key_that_another_site_brings_proves_nothing(visitor: Visitor, origin: str) -> None:
    """Somebody else's login, posted by their page: I would work under their name."""
    storage, sent = carried(visitor)
    victim = Client(headers={"Origin": origin} if origin else {})
    answer = victim.post("/lti/launch", sent | {"storage_key": storage["value"]})
    assert code_of(answer) == "LTI-04"
    assert not WindowPass.objects.exists()
    assert not User.objects.exists()


def test_a_key_of_a_login_that_named_no_storage_proves_nothing(visitor: Visitor) -> None:
    asked = visitor.login()
    (key,) = [each.value for name, each in visitor.client.cookies.items() if name[:4] == "lti-"]
    visitor.client.cookies.clear()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": asked["nonce"]})
    answer = visitor.post_own(state=asked["state"], id_token=token, storage_key=key)
    assert code_of(answer) == "LTI-04"
    assert not WindowPass.objects.exists()


def test_storage_serves_once_too(visitor: Visitor) -> None:
    storage, sent = carried(visitor)
    visitor.post_own(**sent, storage_key=storage["value"])
    assert code_of(visitor.post_own(**sent, storage_key=storage["value"])) == "LTI-03"


def test_no_storage_was_offered(visitor: Visitor) -> None:
    asked = visitor.login()
    visitor.client.cookies.clear()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": asked["nonce"]})
    assert code_of(visitor.post(state=asked["state"], id_token=token)) == "LTI-04"


def test_where_cookies_work_storage_is_not_needed(visitor: Visitor) -> None:
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


def test_a_window_of_ones_own(in_frame: Visitor) -> None:
    lesson = in_frame.lesson  # type: ignore[attr-defined]
    url = pass_for(in_frame, lesson)
    fresh = Client(headers={"sec-fetch-site": "same-origin"})
    opened = fresh.get(url)
    assert opened["Location"] == lesson
    assert "Partitioned" in fresh.cookies["sessionid"].OutputString()
    assert fresh.get(lesson).status_code == 200
    assert in_frame.client.get(lesson).status_code == 200
    again = Client(headers={"sec-fetch-site": "same-origin"})
    assert code_of(again.get(url)) == "LTI-03"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_pass_from_elsewhere_opens_nothing(in_frame: Visitor, site: str) -> None:
    """Somebody else's pass would make me work under their name."""
    url = pass_for(in_frame, "/")
    assert code_of(Client(headers={"sec-fetch-site": site}).get(url)) == "LTI-03"
    assert Client().get(url).status_code == 302


def test_a_pass_does_not_wait_for_ever(in_frame: Visitor) -> None:
    url = pass_for(in_frame, "/")
    found = WindowPass.objects.get()
    found.created_at -= timedelta(minutes=6)
    found.save()
    assert code_of(Client().get(url)) == "LTI-03"
    assert code_of(Client().get("/lti/window/unknown")) == "LTI-03"


def test_a_pass_for_somebody_closed_out(in_frame: Visitor) -> None:
    url = pass_for(in_frame, "/")
    User.objects.update(is_active=False)
    assert code_of(Client().get(url)) == "LTI-10"


@pytest.mark.parametrize("path", ["https://attacker.example/", "//attacker.example", "x", ""])
def test_a_pass_leads_nowhere_else(in_frame: Visitor, path: str) -> None:
    assert Client().get(pass_for(in_frame, path))["Location"] == "/"


def test_passes_are_for_launches_only(client: Client, db: None) -> None:
    assert client.post("/lti/window", {"path": "/"}).status_code == 403
    client.force_login(User.objects.create(username="admin"))
    assert client.post("/lti/window", {"path": "/"}).status_code == 403


def test_passes_ask_for_the_csrf_token(in_frame: Visitor) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = in_frame.client.cookies
    assert strict.post("/lti/window", {"path": "/"}).status_code == 403


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_fifty_replays_at_once_exactly_one_enters(lms: LmsPlatform) -> None:
    register(lms)
    visitor = Visitor(lms)
    asked = visitor.login()
    token = lms.sign(lms.resource_link() | {"nonce": asked["nonce"]})
    visitor.post(state=asked["state"], id_token="a.b.c")
    outcomes: list[int] = []
    gate = threading.Barrier(50)

    def replay() -> None:
        client = Client()
        client.cookies = visitor.client.cookies.copy()  # type: ignore[assignment]
        gate.wait()
        try:
            sent = {"state": asked["state"], "id_token": token}
            outcomes.append(client.post("/lti/launch", sent).status_code)
        finally:
            connection.close()

    replays = [threading.Thread(target=replay) for _ in range(50)]
    for each in replays:
        each.start()
    for each in replays:
        each.join()
    assert sorted(outcomes) == [302] + [403] * 49
    assert LaunchState.objects.get().consumed_at is not None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_class_that_comes_for_the_first_time_at_once(lms: LmsPlatform) -> None:
    """One course, one lesson, one sitting, however many are first."""
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
    counts = [each._default_manager.count() for each in (Course, Lesson, LessonSession)]
    assert counts == [1, 1, 1]
    assert User.objects.count() == Participant.objects.count() == 6
