"""Pages of teachers, each in the state in which its buttons write."""

import itertools

from playwright.sync_api import FilePayload, Page

from tests.bench.presses.world import Open, World

LESSON_FILE = (
    '{"format": "fer-lms.lesson", "version": 1, "title": "File",'
    ' "steps": [{"title": "One", "body": "Read."}]}'
)
DELETE_LESSON = "Delete this lesson (it has no sessions)"
_numbers = itertools.count(1)


def open_lessons(page: Page, world: World) -> None:
    world.start_session(page)
    page.goto(f"{world.url}/lessons/")
    page.locator("[data-testid=new-lesson] summary").click()
    page.locator("new-lesson [name=title]").fill("Written")
    content = LESSON_FILE.encode()
    file = FilePayload(name="lesson.json", mimeType="application/json", buffer=content)
    page.locator("new-lesson [name=file]").set_input_files(file)


def open_help(page: Page, world: World) -> None:
    """A student wants the teacher to know that help is needed."""
    session = world.enter_shared(page)
    hint = world.offer_hint(page, session, "tell_teacher")
    path = f"/api/v1/sessions/{session}/hints/{hint}/answer"
    world.call(page, "POST", path, {"answer": "yes"})
    world.enter(page, "teacher")
    page.goto(f"{world.url}/lessons/")
    page.get_by_role("button", name="Mark as seen").first.wait_for()


def open_closing(page: Page, world: World) -> None:
    open_lessons(page, world)
    page.get_by_test_id("close-session").first.click()
    page.wait_for_selector("[data-testid=end-confirm]")


def open_editor(page: Page, world: World) -> None:
    lesson = world.create_lesson(page)
    page.goto(f"{world.url}/lessons/{lesson}/edit/")
    page.locator("[name=summary]").fill("Changed")


def open_step_editor(page: Page, world: World) -> None:
    open_editor(page, world)
    page.get_by_test_id("edit").first.click()
    page.locator("[name=body]").fill("Changed")


def open_deletion(test_id: str) -> Open:
    def open_scene(page: Page, world: World) -> None:
        open_editor(page, world)
        page.get_by_test_id(test_id).first.click()
        page.wait_for_selector("[data-testid=confirm]")

    return open_scene


def open_lesson_deletion(page: Page, world: World) -> None:
    open_editor(page, world)
    page.locator("main button:visible", has_text=DELETE_LESSON).click()
    page.wait_for_selector("[data-testid=confirm]")


def open_rules(page: Page, world: World) -> None:
    lesson = world.create_lesson(page)
    page.goto(f"{world.url}/lessons/{lesson}/rules/")
    page.wait_for_selector("[data-testid=switch-lesson]")


def open_new_rule(page: Page, world: World) -> None:
    open_rules(page, world)
    page.locator("[data-testid^=template-]").first.click()
    page.locator("rule-form [name=text]").fill("Look again")


def open_own_rule(page: Page, world: World) -> None:
    open_new_rule(page, world)
    page.get_by_test_id("save-rule").click()
    page.wait_for_selector("[data-testid=change-rule]")
    page.wait_for_timeout(600)


def open_changed_rule(page: Page, world: World) -> None:
    open_own_rule(page, world)
    page.get_by_test_id("change-rule").click()
    page.locator("rule-form [name=text]").fill("Look once more")


def open_rule_deletion(page: Page, world: World) -> None:
    open_own_rule(page, world)
    page.get_by_test_id("remove-rule").click()
    page.wait_for_selector("[data-testid=confirm]")


def open_new_group(page: Page, world: World) -> None:
    lesson = world.create_lesson(page)
    page.goto(f"{world.url}/lessons/{lesson}/groups/")
    page.get_by_test_id("make-group").click()
    page.locator(".group-form [name=title]").fill(f"Group {next(_numbers)}")


def open_own_group(page: Page, world: World) -> None:
    open_new_group(page, world)
    page.get_by_test_id("save-group").click()
    page.wait_for_selector("[data-testid=groups-status] .note")
    page.wait_for_timeout(600)


def open_changed_group(page: Page, world: World) -> None:
    open_own_group(page, world)
    page.get_by_test_id("change-group").last.click()
    page.locator(".group-form [name=title]").fill(f"Group {next(_numbers)}")


def open_group_deletion(page: Page, world: World) -> None:
    open_own_group(page, world)
    page.get_by_test_id("remove-group").last.click()
    page.wait_for_selector("[data-testid=remove-group-yes]")


def open_report(page: Page, world: World) -> None:
    session = world.start_session(page)
    page.goto(f"{world.url}/sessions/{session}/report/")
    page.get_by_test_id("closes-at").fill("2030-01-02T03:04")
