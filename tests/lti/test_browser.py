"""Launches in Chromium: in a frame of another site, and in a window.

The LMS is at `localhost`, the tool at `127.0.0.1`: another site. Two ports of one host would be
the same site and hide every fault of cookies.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    BrowserContext,
    FrameLocator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.bench.temporary_stack import temporary_stack
from tests.lti.platform import CLIENT_ID, DEPLOYMENT, LmsPlatform
from tests.story.conftest import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: apt-get install chromium"),
]
WAIT_MS = 30_000
Open = Callable[[dict[str, Any]], AbstractContextManager[BrowserContext]]
THIRD_PARTY_ALLOWED = {"cookie_controls_mode": 0}
THIRD_PARTY_BLOCKED = {"cookie_controls_mode": 1, "block_third_party_cookies": True}


WRITTEN_LESSON = """
from fer_lms.lessons.models import Course, Lesson, Step
from fer_lms.lti.models import LtiContext, LtiResourceLink
course = Course.objects.create(title="Mathematics 5b")
lesson = Lesson.objects.create(course=course, title="Adding fractions")
Step.objects.create(lesson=lesson, position=1, title="Halves", body="Read.")
context = LtiContext.objects.create(deployment=to, context_id="3", course=course)
LtiResourceLink.objects.create(context=context, resource_link_id="11", lesson=lesson)
"""
"""The lesson that the messages of the test LMS open; `to` is their deployment."""


@pytest.fixture(scope="module")
def lms() -> Iterator[LmsPlatform]:
    """A running installation and a platform registered there."""
    with (
        LmsPlatform(host="localhost") as platform,
        temporary_stack(frame_processes=1, FER_DEMO="false") as stack,
    ):
        platform.tool = f"http://127.0.0.1:{stack.port}"
        facts = {
            "name": "Test LMS",
            "issuer": platform.url,
            "client_id": CLIENT_ID,
            "auth_login_url": f"{platform.url}/auth",
            "key_set_url": f"{platform.url}/keys.json",
            "local": True,
            "active": True,
        }
        stack.run_command(
            "shell",
            "-c",
            "from fer_lms.lti.models import Deployment, Platform\n"
            f"made = Platform.objects.create(**{facts!r})\n"
            f"to = Deployment.objects.create(platform=made, deployment_id={DEPLOYMENT!r})\n"
            + WRITTEN_LESSON,
        )
        stack.start_web()
        wait_for(f"{platform.tool}/healthz")
        yield platform


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture
def browser_with(playwright: Playwright, tmp_path: Path) -> Open:
    """Start a browser with these profile preferences."""

    @contextmanager
    def opened(preferences: dict[str, Any]) -> Iterator[BrowserContext]:
        profile = tmp_path / "Default"
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps({"profile": preferences}))
        context = playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=CHROMIUM, args=FLAGS
        )
        context.set_default_timeout(WAIT_MS)
        yield context
        context.close()

    return opened


def course(context: BrowserContext, lms: LmsPlatform, **options: str) -> tuple[Page, FrameLocator]:
    """Open a course page with the tool in its frame."""
    page = context.new_page()
    page.goto(lms.course_url(**options))
    return page, page.frame_locator("iframe[name=tool]")


@pytest.mark.parametrize(
    "cookies", [THIRD_PARTY_BLOCKED, THIRD_PARTY_ALLOWED], ids=["blocked", "allowed"]
)
def test_launch_in_frame(lms: LmsPlatform, browser_with: Open, cookies: dict[str, Any]) -> None:
    lms.message = lms.resource_link
    with browser_with(cookies) as context:
        page, tool = course(context, lms, allow=f"camera {lms.tool}; microphone")
        expect(tool.get_by_role("heading", name="Adding fractions")).to_be_visible(timeout=WAIT_MS)
        expect(tool.get_by_test_id("begin")).to_be_visible(timeout=WAIT_MS)
        expect(tool.locator("frame-notice")).to_be_empty()
        kept = {cookie["name"]: cookie for cookie in context.cookies(lms.tool)}
        for name in ("sessionid", "csrftoken"):
            assert kept[name]["sameSite"] == "None"
            assert kept[name]["secure"]
            assert str(kept[name]["partitionKey"]).startswith("http://localhost")
        # The session works for reads and writes of the page.
        frame = page.frame("tool")
        assert frame is not None
        tool.get_by_test_id("begin").click()
        status = frame.evaluate(
            """async () => (await fetch("/lti/window", {
                method: "POST",
                headers: {"X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)[1]},
            })).status"""
        )
        assert status == 201


def test_teacher_launch_in_frame(lms: LmsPlatform, browser_with: Open) -> None:
    lms.message = lms.teacher_link
    with browser_with(THIRD_PARTY_BLOCKED) as context:
        _, tool = course(context, lms)
        expect(tool.get_by_role("heading", name="Your lessons")).to_be_visible(timeout=WAIT_MS)
        expect(tool.get_by_text("Adding fractions")).to_be_visible(timeout=WAIT_MS)


def test_launch_in_window(lms: LmsPlatform, browser_with: Open) -> None:
    lms.message = lms.resource_link
    with browser_with(THIRD_PARTY_BLOCKED) as context:
        page = context.new_page()
        page.goto(f"{lms.url}/open")
        expect(page.get_by_role("heading", name="Adding fractions")).to_be_visible(timeout=WAIT_MS)
        expect(page.get_by_test_id("begin")).to_be_visible(timeout=WAIT_MS)
        assert page.url.startswith(f"{lms.tool}/sessions/")
        # Again, with the existing session.
        page.goto(f"{lms.url}/open")
        expect(page.get_by_test_id("begin")).to_be_visible(timeout=WAIT_MS)


def test_frame_without_camera_permission(lms: LmsPlatform, browser_with: Open) -> None:
    lms.message = lms.resource_link
    with browser_with(THIRD_PARTY_BLOCKED) as context:
        _, tool = course(context, lms, allow="microphone")
        notice = tool.locator("frame-notice")
        expect(notice).to_contain_text(
            "The camera does not work inside your course page", timeout=WAIT_MS
        )
        with context.expect_page() as opened:
            notice.get_by_role("button", name="Open in a new window").click()
        window = opened.value
        expect(window.get_by_test_id("begin")).to_be_visible(timeout=WAIT_MS)
        assert window.url.startswith(f"{lms.tool}/sessions/")
        assert window.evaluate("document.featurePolicy.allowsFeature('camera')")
        expect(window.locator("frame-notice")).to_be_empty()


def test_frame_without_cookies_uses_platform_storage(lms: LmsPlatform, browser_with: Open) -> None:
    """Platform storage identifies the browser; the lesson opens in a window of its own."""
    lms.message = lms.resource_link
    pattern = f"{lms.tool},{lms.url}"
    none_in_frame = {"content_settings": {"exceptions": {"cookies": {pattern: {"setting": 2}}}}}
    with browser_with(THIRD_PARTY_BLOCKED | none_in_frame) as context:
        _, tool = course(context, lms, storage="1")
        link = tool.get_by_role("link", name="Open in a new window")
        expect(link).to_be_visible(timeout=WAIT_MS)
        assert not [cookie for cookie in context.cookies(lms.tool) if "partitionKey" in cookie]
        with context.expect_page() as opened:
            link.click()
        expect(opened.value.get_by_test_id("begin")).to_be_visible(timeout=WAIT_MS)


def test_frame_without_cookies_and_storage_is_refused(lms: LmsPlatform, browser_with: Open) -> None:
    lms.message = lms.resource_link
    pattern = f"{lms.tool},{lms.url}"
    none_in_frame = {"content_settings": {"exceptions": {"cookies": {pattern: {"setting": 2}}}}}
    with browser_with(THIRD_PARTY_BLOCKED | none_in_frame) as context:
        _, tool = course(context, lms)
        expect(tool.get_by_text("LTI-04")).to_be_visible(timeout=WAIT_MS)


def test_cookies_take_precedence_over_storage(lms: LmsPlatform, browser_with: Open) -> None:
    lms.message = lms.resource_link
    with browser_with(THIRD_PARTY_BLOCKED) as context:
        _, tool = course(context, lms, storage="1")
        expect(tool.get_by_test_id("begin")).to_be_visible(timeout=WAIT_MS)


def test_other_sites_cannot_frame_the_lesson(lms: LmsPlatform, browser_with: Open) -> None:
    lms.message = lms.resource_link
    with browser_with(THIRD_PARTY_ALLOWED) as context, LmsPlatform(host="localhost") as stranger:
        stranger.tool = lms.tool
        page, tool = course(context, stranger)
        expect(tool.get_by_text("LTI-02")).to_be_visible(timeout=WAIT_MS)  # and nothing else
        with page.expect_event(
            "console", lambda message: "frame-ancestors" in message.text, timeout=WAIT_MS
        ):
            page.evaluate(
                "(url) => { document.querySelector('iframe').src = url }", f"{lms.tool}/privacy/"
            )
