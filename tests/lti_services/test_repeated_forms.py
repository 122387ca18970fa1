"""Submitting one form twice has the effect of submitting it once: every form outside the API."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fer_lms.lessons.content.document import LESSON_FORMAT
from fer_lms.lessons.models import Lesson
from fer_lms.lti.models import DeepLinkRequest
from fer_lms.people.models import RequestKey, User
from tests.lti.conftest import Visitor
from tests.lti_services.test_content_selection import lessons, opened

__all__ = ["lessons"]  # a fixture
STEP = {"title": "One", "body": "Read."}
DOCUMENT = {"format": LESSON_FORMAT, "version": 1, "title": "New", "steps": [STEP]}
LESSON_FILE = json.dumps(DOCUMENT).encode()
GET_LESSON = "/lti/deep-link"


def read_token(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def open_dialog(visitor: Visitor) -> dict[str, str]:
    page = opened(visitor)
    shown = visitor.client.get(page)
    request = page.partition("=")[2]
    return {"request": request, "csrfmiddlewaretoken": read_token(shown)}


def press_twice(client: Client, address: str, build: Callable[[], dict[str, Any]]) -> list[Any]:
    """Submit the same form twice; a file is read anew each time, as a browser does."""
    return [client.post(address, build()) for _ in range(2)]


@pytest.mark.parametrize(
    "action", ["create", "import", "select", "cancel"], ids=lambda action: f"deep-link-{action}"
)
def test_second_press_returns_the_first_response(
    visitor: Visitor, lessons: list[Lesson], action: str
) -> None:
    form = open_dialog(visitor) | {"action": action, "title": "New", "lesson": lessons[0].pk}

    def build() -> dict[str, Any]:
        file = {"file": SimpleUploadedFile("lesson.json", LESSON_FILE)}
        return form | (file if action == "import" else {})

    before = Lesson.objects.count()
    first, second = press_twice(visitor.client, GET_LESSON, build)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert second.headers == first.headers
    assert visitor.lms.url in second["Content-Security-Policy"]
    assert Lesson.objects.count() - before == (action in ("create", "import"))
    assert DeepLinkRequest.objects.count() == 1


def test_account_is_deleted_once(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = visitor.client.get("/my-data/")
    form = {"sure": "yes", "csrfmiddlewaretoken": read_token(page)}
    first, second = press_twice(visitor.client, "/my-data/erase", lambda: form)
    assert (first.status_code, second.status_code) == (200, 302)
    assert not RequestKey.objects.exists()


def test_other_text_or_another_page_is_another_press(
    visitor: Visitor, lessons: list[Lesson]
) -> None:
    form = open_dialog(visitor) | {"action": "create", "title": ""}
    refused = visitor.client.post(GET_LESSON, form)
    assert refused.status_code == 400
    assert not RequestKey.objects.exists()
    assert visitor.client.post(GET_LESSON, form | {"title": "A"}).status_code == 200
    assert visitor.client.post(GET_LESSON, form | {"title": "B"}).status_code != 200  # answered
    again = open_dialog(visitor) | {"action": "create", "title": "A"}
    assert visitor.client.post(GET_LESSON, again).status_code == 200
    assert Lesson.objects.filter(title="A").count() == 2


def test_failed_form_is_executed_again(
    visitor: Visitor, lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = open_dialog(visitor) | {"action": "create", "title": "A"}

    def fail(**_: Any) -> None:
        raise RuntimeError

    views = "fer_lms.lti.services.content_selection_views"
    with monkeypatch.context() as broken:
        broken.setattr(f"{views}.complete_deep_link_request", fail)
        visitor.client.raise_request_exception = False
        assert visitor.client.post(GET_LESSON, form).status_code == 500
    assert not Lesson.objects.filter(title="A").exists()
    assert visitor.client.post(GET_LESSON, form).status_code == 200
    assert Lesson.objects.filter(title="A").count() == 1


def test_press_of_another_person_is_another_press(visitor: Visitor, lessons: list[Lesson]) -> None:
    form = open_dialog(visitor) | {"action": "cancel"}
    assert visitor.client.post(GET_LESSON, form).status_code == 200
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert stranger.post(GET_LESSON, form).status_code >= 400


def test_every_form_that_posts_here_has_a_token() -> None:
    """Without Django's token the second submission is a second press."""
    found = []
    for path in (Path(settings.BASE_DIR) / "fer_lms/templates").rglob("*.html"):
        if "admin" in path.as_posix():
            continue
        forms = re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL)
        found += [(path.name, form) for form in forms]
    without = {name for name, form in found if "csrf_token" not in form}
    assert len(found) > 10
    assert without == {
        "entry.html",  # sent by the page's script, which drops a second press
        "deep_linking_response.html",  # posts to the learning platform
        "get_data.html",  # a launch, with its own state
        "register.html",  # an address that serves once
    }
