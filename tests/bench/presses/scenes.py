"""Pages of students and teachers, each in the state in which its buttons write."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import FilePayload, Page

from tests.bench.presses.world import World

LESSON_FILE = (
    '{"format": "fer-lms.lesson", "version": 1, "title": "File",'
    ' "steps": [{"title": "One", "body": "Read."}]}'
)
DELETE_LESSON = "Delete this lesson (it has no sessions)"
_numbers = itertools.count(1)


Open = Callable[[Page, World], None]


@dataclass(frozen=True)
class Scene:
    name: str
    open: Open
    presses: tuple[str, ...]


def open_lesson(page: Page, world: World) -> None:
    """A lesson without camera, at a question that takes a number."""
    session = world.enter_shared(page)
    page.goto(f"{world.url}/sessions/{session}/")
    page.get_by_test_id("begin").click()
    page.get_by_test_id("choose-without").click()
    page.wait_for_selector("lesson-step")
    page.locator("step-question input[type=text]").fill("5")


def open_hint(page: Page, world: World) -> None:
    open_lesson(page, world)
    page.get_by_test_id("ask-for-hint").click()
    page.wait_for_selector("#hint")


def open_last_step(page: Page, world: World) -> None:
    open_lesson(page, world)
    page.locator("step-question input[type=text]").fill("")
    while not page.get_by_test_id("finish").count():
        page.wait_for_timeout(600)
        page.get_by_test_id("next-step").click()


def answer_consent(page: Page) -> None:
    """Answer every question with yes; what is left is to save the answers."""
    page.get_by_test_id("begin").click()
    page.get_by_test_id("choose-camera").click()
    page.wait_for_selector("consent-form .row")
    while not page.get_by_test_id("consent-agree").count():
        page.get_by_test_id("consent-yes").click()


def open_consent(page: Page, world: World) -> None:
    session = world.enter(page, "student")
    page.goto(f"{world.url}/sessions/{session}/")
    answer_consent(page)


def open_welcome(page: Page, world: World) -> None:
    session = world.enter_shared(page)
    page.goto(f"{world.url}/sessions/{session}/")
    page.wait_for_selector("[data-testid=begin]")


def open_camera_question(page: Page, world: World) -> None:
    open_welcome(page, world)
    page.get_by_test_id("begin").click()
    page.wait_for_selector("[data-testid=choose-without]")


def open_preview(page: Page, world: World) -> None:
    open_consent(page, world)
    page.get_by_test_id("consent-agree").click()
    page.wait_for_selector("[data-testid=preview-without]")


def open_consent_question(page: Page, world: World) -> None:
    open_camera_question(page, world)
    page.get_by_test_id("choose-camera").click()
    page.wait_for_selector("[data-testid=consent-yes]")


def open_consented_lesson(page: Page, world: World) -> None:
    open_preview(page, world)
    page.get_by_test_id("preview-without").click()
    page.wait_for_selector("[data-testid=withdraw]")
    page.wait_for_timeout(600)


def open_withdrawal(page: Page, world: World) -> None:
    open_consented_lesson(page, world)
    page.get_by_test_id("withdraw").click()
    page.wait_for_selector("[data-testid=withdraw-confirm]")


def open_my_data(page: Page, world: World) -> None:
    world.enter(page, "student")
    page.goto(f"{world.url}/my-data/")
    page.get_by_test_id("erase-sure").check()


def open_lessons(page: Page, world: World) -> None:
    world.start_session(page)
    page.goto(f"{world.url}/lessons/")
    page.locator("[data-testid=new-lesson] summary").click()
    page.locator("new-lesson [name=title]").fill("Written")
    content = LESSON_FILE.encode()
    file = FilePayload(name="lesson.json", mimeType="application/json", buffer=content)
    page.locator("new-lesson [name=file]").set_input_files(file)


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


LESSON_BUTTONS = ("answer", "rating-easy", "rating-fine", "rating-hard", "ask-for-hint")
HINT_BUTTONS = ("hint-helped", "hint-not_hard", "hint-not_now", "hint-leave_me_alone")
SCENES = [
    Scene("welcome", open_welcome, ()),
    Scene("camera question", open_camera_question, ("choose-without",)),
    Scene("lesson", open_lesson, (*LESSON_BUTTONS, "next-step", "leave")),
    Scene("hint", open_hint, HINT_BUTTONS),
    Scene("last step", open_last_step, ("finish", "previous-step")),
    Scene("consent question", open_consent_question, ("consent-no",)),
    Scene("consent", open_consent, ("consent-agree",)),
    Scene("preview", open_preview, ("preview-without",)),
    Scene("lesson with consent", open_consented_lesson, ()),
    Scene("withdrawal", open_withdrawal, ("withdraw-confirm",)),
    Scene("my data", open_my_data, ("erase-me",)),
    Scene("lessons", open_lessons, ("start-session", "write-lesson", "import-lesson")),
    Scene("closing", open_closing, ("end-confirm",)),
    Scene("editor", open_editor, ("save-head", "add-step", "down", "up")),
    Scene("step", open_step_editor, ("save-step",)),
    Scene("step deletion", open_deletion("delete"), ("confirm",)),
    Scene("lesson deletion", open_lesson_deletion, ("confirm",)),
    Scene("rules", open_rules, ("switch-lesson", "switch-rule")),
    Scene("new rule", open_new_rule, ("save-rule",)),
    Scene("changed rule", open_changed_rule, ("save-rule",)),
    Scene("rule deletion", open_rule_deletion, ("confirm",)),
    Scene("new group", open_new_group, ("save-group",)),
    Scene("changed group", open_changed_group, ("save-group",)),
    Scene("group deletion", open_group_deletion, ("remove-group-yes",)),
    Scene("report", open_report, ("save-closing-time",)),
]
READING = frozenset(
    {
        *("begin", "choose-camera", "choose-device", "camera-use", "preview-again", "preview-back"),
        *("consent-yes", "consent-back", "explain-simply", "withdraw", "withdraw-keep"),
        *("easier-form", "open-embed", "hint-listen", "toggle-reading", "close-session", "Cancel"),
        *("edit", "delete", "preview", "close-step", "cancel", DELETE_LESSON, "Close"),
        *("copy-rule", "change-rule", "remove-rule", "try-rule"),
        *("template-says_hard", "template-stuck", "template-puzzled", "template-drifting"),
        *("template-easier", "template-tell_teacher"),
        *("make-group", "change-group", "remove-group", "remove-group-no", "end-lesson"),
    }
)
"""Buttons that open, close or show something; the bench verifies that they write nothing."""
EXCLUDED = {
    "Print": "opens a dialog of the browser, which nobody closes",
    "preview-start": "needs a camera; it sends frames, whose tickets are no press",
}
"""Buttons that are not pressed, with the reason."""
