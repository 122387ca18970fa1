"""The language of a page: own choice, LMS, browser; its direction, texts and cache."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import translation

from fer_lms.number_text import format_percent
from fer_lms.page_language import CHOICE_KEY, LAUNCH_LOCALE_KEY, find_language
from fer_lms.script_texts import get_script
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/privacy/"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """Requests of the test client leave their language active."""
    with translation.override("en"):
        yield


def get_page_language(client: Client, accept: str = "") -> tuple[str, str]:
    content = client.get(PAGE, headers={"accept-language": accept}).content.decode()
    found = re.search(r'<html lang="([^"]*)" dir="([^"]*)"', content)
    assert found
    return found[1], found[2]


def test_choice_before_platform_before_browser(client: Client) -> None:
    client.force_login(make_user())
    assert get_page_language(client) == ("en", "ltr")
    assert get_page_language(client, "fr, ar-EG;q=0.8, de;q=0.5") == ("ar", "rtl")
    session = client.session
    session[LAUNCH_LOCALE_KEY] = "de_AT"
    session.save()
    assert get_page_language(client, "ar") == ("de", "ltr")
    assert client.post("/language/", {"language": "id"}).status_code == 204
    assert get_page_language(client, "ar") == ("id", "ltr")
    assert client.post("/language/", {"language": ""}).status_code == 204
    assert get_page_language(client, "ar") == ("de", "ltr")


@pytest.mark.parametrize("language", ["fr", "../de", "\x00", "x" * 600])
def test_an_unknown_language_is_refused(client: Client, language: str) -> None:
    assert client.post("/language/", {"language": language}).status_code == 400
    assert CHOICE_KEY not in client.session


def test_a_visitor_s_choice_writes_no_row(client: Client) -> None:
    client.cookies["sessionid"] = "unknown"
    assert client.post("/language/", {"language": "ar"}).status_code == 204
    assert not Session.objects.exists()
    assert client.cookies["django_language"].value == "ar"
    assert 'dir="rtl"' in client.get("/privacy/").content.decode()
    assert client.post("/language/", {"language": ""}).status_code == 204
    assert 'dir="ltr"' in client.get("/privacy/").content.decode()


def test_other_sites_cannot_choose(client: Client) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert client.post("/language/", {"language": "de"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de_DE", "de"), ("de_du", "de"), ("AR", "ar"), ("en-us", "en"), ("fr", None), ("", None)],
)
def test_locales_of_platforms(locale: str, language: str | None) -> None:
    assert find_language(locale) == language


def test_errors_of_the_api_follow_the_client(client: Client) -> None:
    response = client.get("/api/v1/me/profile", headers={"accept-language": "ar"})
    assert response.headers["Content-Language"] == "ar"


def test_texts_are_kept_by_version(client: Client) -> None:
    page = client.get(PAGE, headers={"accept-language": "de"}).content.decode()
    found = re.search(r'<script defer src="(/jsi18n/[^"]+)"', page)
    assert found
    address = found[1].replace("&amp;", "&")
    response = client.get(address)
    assert "immutable" in response["Cache-Control"]
    assert "immutable" not in client.get(address.replace("v=", "v=0"))["Cache-Control"]
    assert "/jsi18n/" not in client.get(PAGE).content.decode(), "English needs no catalogue"


def test_a_page_of_a_lesson_loads_fewer_texts() -> None:
    if not (settings.FRONTEND_DIST / "modules.json").exists():
        pytest.skip("the front end is not built: make setup")
    modules = json.loads((settings.FRONTEND_DIST / "modules.json").read_text())
    assert "src/lesson/lesson-page.ts" in modules["src/student.ts"]
    assert not any(path.startswith("src/author/") for path in modules["src/student.ts"])
    for path in modules["src/student.ts"]:
        assert (ROOT / "frontend" / path).exists(), path
    assert len(get_script("de", "student")[0]) <= len(get_script("de", "")[0])


def test_per_cent_as_each_language_writes_it() -> None:
    written = {}
    for language in ("en", "de", "id", "ar"):
        with translation.override(language):
            written[language] = format_percent(0.804)
    assert {language: text.replace("\u200e", "") for language, text in written.items()} == {
        "en": "80%",
        "de": "80\u00a0%",
        "id": "80%",
        "ar": "80%",
    }


def test_styles_mirror() -> None:
    """Styles name the start and the end of a line, never left and right."""
    physical = re.compile(
        r"(?:^|[;{\s])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)"
        r"[\w-]*|left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    )
    files = [
        *(ROOT / "frontend" / "src").rglob("*.css"),
        *(ROOT / "fer_lms").rglob("static/**/*.css"),
    ]
    assert len(files) > 5
    for path in files:
        assert physical.findall(path.read_text()) == [], path
