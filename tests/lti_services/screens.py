"""Take the screenshots of docs/integrator/lms.md again: our pages in the frames of the test LMS,
with invented names.

    scripts/lms-screens [FOLDER]
"""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import BrowserContext, FrameLocator, Page, ViewportSize, sync_playwright

from fer_lms.stack import Stack
from tests.bench.temporary_stack import temporary_stack
from tests.lti.platform import LmsPlatform, Request, Response
from tests.lti.test_browser import wait_for
from tests.lti_services.services import Services
from tests.lti_services.test_browser import dialog, invite, registration_url
from tests.story.conftest import CHROMIUM, FLAGS

SIZE: ViewportSize = {"width": 1000, "height": 720}
COLOURS = 64
WAIT_MS = 60_000
FRAME = """<!doctype html><html lang="en"><title>An LMS</title><style>
body{margin:0;font:16px sans-serif;background:#e8e8ee}
p{margin:0;padding:10px 20px;background:#33334d;color:#fff}
iframe{display:block;margin:14px 20px;width:960px;height:640px;border:1px solid #99a}
iframe{background:#fff}
</style><p>The LMS of the tests, with fer-lms in its frame</p>
<iframe name="tool" allow="camera *" src="SOURCE"></iframe></html>"""


def take_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        LmsPlatform(host="localhost") as lms,
        temporary_stack(
            frame_processes=1, FER_DEMO="false", FER_PUBLIC_URL="https://lessons.school.example"
        ) as stack,
        sync_playwright() as running,
        tempfile.TemporaryDirectory() as profile,
    ):
        stack.start_web()
        lms.tool = f"http://127.0.0.1:{stack.port}"
        wait_for(f"{lms.tool}/healthz")
        Services(lms)
        lms.routes["/framed"] = lambda request: framed(lms, request)
        context = running.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=FLAGS, viewport=SIZE, locale="en"
        )
        context.set_default_timeout(WAIT_MS)
        for name, picture in pictures(stack, lms, context).items():
            keep(picture(), folder / f"{name}.png")
        context.close()


def pictures(
    stack: Stack, lms: LmsPlatform, context: BrowserContext
) -> dict[str, Callable[[], Page]]:
    """Order matters: each step uses the state that the previous one left."""
    return {
        "set-up": lambda: set_up(stack, lms, context),
        "registered": lambda: registered(stack, lms, context),
        "choose": lambda: choose(stack, lms, context),
        "lesson": lambda: lesson(stack, lms, context),
    }


def framed(lms: LmsPlatform, request: Request) -> Response:
    pasted = request.query.get("pasted", "")
    source = registration_url(lms, pasted) if pasted else "/open"
    return Response(FRAME.replace("SOURCE", source.replace("&", "&amp;")))


def set_up(stack: Stack, lms: LmsPlatform, context: BrowserContext) -> Page:
    stack.run_command(
        "shell",
        "-c",
        "from fer_lms.people.models import User\n"
        "User.objects.create_superuser('administrator', password='made up for a picture')",
    )
    page = context.new_page()
    page.goto(f"{lms.tool}/admin/login/?next=/admin/lti/platform/setup/")
    page.fill("#id_username", "administrator")
    page.fill("#id_password", "made up for a picture")
    page.press("#id_password", "Enter")
    page.fill("#page-address", "https://canvas.school.example")
    page.get_by_role("button", name="Create a registration address").click()
    page.click("#toggle-nav-sidebar")
    page.evaluate("document.querySelector('[aria-labelledby=invite]').scrollIntoView()")
    return page


def registered(stack: Stack, lms: LmsPlatform, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{lms.url}/framed?{urlencode({'pasted': invite(stack)})}")
    tool = tool_in(page)
    tool.get_by_role("button", name="Register").click()
    tool.get_by_role("button", name="Close").wait_for()
    return page


def choose(stack: Stack, lms: LmsPlatform, context: BrowserContext) -> Page:
    stack.run_command("lti_platform", "on", "1")
    lms.message = lms.teacher_link  # its link makes the course's first lesson
    tool_in(opened(lms, context)).get_by_role("heading", name="Adding fractions").wait_for()
    lms.message = lambda: dialog(lms)
    page = opened(lms, context)
    tool_in(page).get_by_label("Title").fill("Subtracting fractions")
    return page


def lesson(stack: Stack, lms: LmsPlatform, context: BrowserContext) -> Page:
    stack.run_command(
        "shell",
        "-c",
        "from fer_lms.lessons.models import Lesson, Step\n"
        "lesson = Lesson.objects.get(title='Adding fractions')\n"
        "Step.objects.create(lesson=lesson, position=1, title='Halves', body='Read.')",
    )
    lms.message = lms.resource_link
    page = opened(lms, context)
    tool_in(page).get_by_test_id("begin").wait_for()
    return page


def opened(lms: LmsPlatform, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{lms.url}/framed")
    return page


def tool_in(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[name=tool]")


def keep(page: Page, path: Path) -> None:
    """Reduce to few colours: the screenshots show text on a plain background."""
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
