"""Forms that work without a script, each in the state in which its buttons write."""

from playwright.sync_api import FilePayload, Page

from tests.bench.presses.teacher_scenes import LESSON_FILE
from tests.bench.presses.world import Open, World


def open_guardian_request(page: Page, world: World) -> None:
    page.goto(world.url + world.take("guardian request"))
    page.locator("[name=given]").first.check()
    page.locator("[name=name]").fill("A. Parent")


def open_guardian_answer(page: Page, world: World) -> None:
    page.goto(world.url + world.take("guardian answer"))


def open_launched(kind: str) -> Open:
    return lambda page, world: world.open_pass(page, kind)


def open_link(page: Page, world: World) -> None:
    world.open_pass(page, "link")
    page.locator("[name=lesson]").first.check()


def open_deep_link(page: Page, world: World) -> None:
    """The dialog of a platform that takes every selection."""
    page.route("https://lms.example/**", lambda route: route.fulfill(body="Selected"))
    world.open_pass(page, "deep link")
    page.locator("[name=lesson]").first.check()
    page.locator("[name=title]").fill("Written")
    content = LESSON_FILE.encode()
    file = FilePayload(name="lesson.json", mimeType="application/json", buffer=content)
    page.locator("[name=file]").set_input_files(file)
