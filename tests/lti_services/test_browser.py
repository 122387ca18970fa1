"""An administrator registers an LMS and a teacher selects a lesson: in Chromium,
in frames of another site, with third-party cookies blocked.
"""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from playwright.sync_api import FrameLocator, Page, Playwright, expect, sync_playwright

from fer_lms.stack import Stack
from tests.bench.temporary_stack import temporary_stack
from tests.lti.platform import CLIENT_ID, LTI, LmsPlatform, Request, Response
from tests.lti.test_browser import THIRD_PARTY_BLOCKED, Open, browser_with, course, wait_for
from tests.lti_services.services import Services
from tests.story.conftest import CHROMIUM

__all__ = ["browser_with"]

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: apt-get install chromium"),
]
WAIT_MS = 60_000
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
FRAMING_PAGE = """<!doctype html><title>Manage tools</title>
<script>addEventListener("message", ({data}) => {
  if (data.subject === "org.imsglobal.lti.close") document.title = "Closed";
});</script><iframe name="tool" style="width:100%;height:90vh" src="REGISTRATION"></iframe>"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A running installation without platforms."""
    with temporary_stack(frame_processes=1, FER_DEMO="false") as running:
        running.start_web()
        wait_for(f"http://127.0.0.1:{running.port}/healthz")
        yield running


@pytest.fixture(scope="module")
def lms(stack: Stack) -> Iterator[LmsPlatform]:
    """An LMS without a registered tool."""
    with LmsPlatform(host="localhost") as platform:
        platform.tool = f"http://127.0.0.1:{stack.port}"
        Services(platform)
        platform.routes["/manage"] = lambda request: Response(
            FRAMING_PAGE.replace("REGISTRATION", registration_url(platform, request.query["url"]))
        )
        yield platform


def registration_url(lms: LmsPlatform, pasted: str) -> str:
    """Build the registration URL as Moodle and Canvas do."""
    return f"{pasted}&openid_configuration={lms.url}/openid-configuration&registration_token=t"


def invite(stack: Stack) -> str:
    """What the command prints for the administrator."""
    stack.run_command(
        "lti_platform", "--public-url", f"http://127.0.0.1:{stack.port}", "invite", "--local"
    )
    printed = (stack.log_dir / "manage.log").read_text()
    return str(re.findall(r"http://\S+/lti/register\?invite=\S+", printed)[-1])


def register(page: Page, lms: LmsPlatform, pasted: str) -> FrameLocator:
    page.goto(f"{lms.url}/manage?url={urllib.parse.quote(pasted)}")
    return page.frame_locator("iframe[name=tool]")


def dialog(lms: LmsPlatform) -> Any:
    settings = {
        "deep_link_return_url": f"{lms.url}/return",
        "accept_types": ["ltiResourceLink"],
        "data": "as it came",
    }
    return lms.teacher_link(
        message_type="LtiDeepLinkingRequest", **{DL + "deep_linking_settings": settings}
    )


def verified(lms: LmsPlatform, token: str) -> dict[str, Any]:
    """Verify a token with the tool's published key set."""
    with urllib.request.urlopen(f"{lms.tool}/lti/jwks.json", timeout=30) as answer:
        keys = json.load(answer)["keys"]
    kid = jwt.get_unverified_header(token)["kid"]
    (key,) = [jwk for jwk in keys if jwk["kid"] == kid]
    claims: dict[str, Any] = jwt.decode(
        token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=lms.url
    )
    return claims


def test_registration_to_deep_linking(stack: Stack, lms: LmsPlatform, browser_with: Open) -> None:
    returned: list[dict[str, str]] = []

    def come_back(request: Request) -> Response:
        returned.append(request.form)
        return Response("<!doctype html><h1>Back in the course</h1>")

    lms.routes["/return"] = come_back
    lms.message = lambda: dialog(lms)
    with browser_with(THIRD_PARTY_BLOCKED) as context:
        page = context.new_page()
        tool = register(page, lms, invite(stack))
        tool.get_by_role("button", name="Register").click(timeout=WAIT_MS)
        closing = tool.get_by_role("button", name="Close")
        closing.click(timeout=WAIT_MS)
        expect(page).to_have_title("Closed")

        _, tool = course(context, lms)  # the refusal can be read in the frame
        expect(tool.get_by_text("LTI-02")).to_be_visible(timeout=WAIT_MS)
        stack.run_command("lti_platform", "on", "1")

        _, tool = course(context, lms)
        expect(tool.get_by_text("no lesson in this course yet")).to_be_visible(timeout=WAIT_MS)
        tool.get_by_label("Title").fill("Adding fractions")
        tool.get_by_role("button", name="Create and add").click()
        expect(tool.get_by_text("Back in the course")).to_be_visible(timeout=WAIT_MS)

        claims = verified(lms, returned[0]["JWT"])
        assert claims["iss"] == CLIENT_ID
        assert claims[DL + "data"] == "as it came"
        (item,) = claims[DL + "content_items"]
        assert (item["title"], item["url"]) == ("Adding fractions", f"{lms.tool}/lti/launch")

        lms.message = lambda: lms.resource_link(**{LTI + "custom": item["custom"]})
        _, tool = course(context, lms)
        expect(tool.get_by_role("heading", name="Adding fractions")).to_be_visible(timeout=WAIT_MS)
