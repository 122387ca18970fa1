"""A learner without a camera gets a hint; a teacher writes a lesson and rules; axe checks pages."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fer_lms.stack import Stack
from tests.story.accessibility import check_accessibility
from tests.story.test_story import enter

pytestmark = pytest.mark.timeout(300)


def fetch_json(page: Page, path: str) -> Any:
    return page.evaluate("async (url) => (await fetch(url)).json()", path)


def test_hint_without_camera(student: Page, address: str, stack: Stack) -> None:
    session = enter(student, address, "student", "Nour")
    student.goto(f"{address}/me/")
    student.get_by_test_id("profile-no_camera").check()
    student.get_by_test_id("hint-form-symbol").check()
    expect(student.get_by_test_id("profile-status")).to_have_text("Saved.")
    check_accessibility(student)

    student.goto(f"{address}/sessions/{session}/")
    student.get_by_test_id("begin").press("Enter")
    answer = student.get_by_label("How many pieces are 1/3 of the bar?")
    for number in ("3", "6", "12"):
        answer.fill(number)
        answer.press("Enter")
        expect(student.get_by_test_id("feedback")).to_contain_text("Not yet")
        expect(student.get_by_test_id("answer")).not_to_have_attribute("aria-busy", "true")
    answer.focus()
    student.get_by_test_id("rating-hard").press("Space")

    hint = student.get_by_test_id("hint")
    expect(hint.get_by_role("heading")).to_be_visible(timeout=60_000)
    expect(hint).to_contain_text("Share it between 3 people")
    expect(hint).to_contain_text("Why you see this")
    focused = student.evaluate("document.activeElement.dataset.testid")
    assert focused == "rating-hard", "a hint never takes the focus"
    check_accessibility(student)

    student.get_by_test_id("hint-helped").press("Enter")
    expect(hint).to_contain_text("Thank you")
    path = f"/api/v1/sessions/{session}/hints"
    student.wait_for_function(
        "async (url) => (await (await fetch(url)).json()).at(-1)?.answer === 'helped'", arg=path
    )
    hints = fetch_json(student, path)
    assert len(hints) == 1, "one event, one hint"
    assert "hard" in hints[0]["why"]
    assert "camera" not in hints[0]["why"]

    student.get_by_test_id("ask-for-hint").press("Enter")
    expect(hint).to_contain_text("3 equal parts")
    student.get_by_test_id("hint-leave_me_alone").press("Enter")
    student.reload()
    student.get_by_test_id("begin").click()
    again = student.locator("hint-panel").get_by_test_id("hints-again")
    expect(again).to_be_visible()
    student.get_by_test_id("ask-for-hint").press("Enter")
    expect(hint.get_by_role("heading")).to_be_visible()
    again.press("Enter")
    expect(again).to_have_count(0)
    assert "Traceback" not in "".join(log.read_text() for log in stack.log_dir.glob("*.log"))


def test_teacher_writes_lesson_and_rule(teacher_page: Page, address: str) -> None:
    page = teacher_page
    enter(page, address, "teacher", "Lee")
    page.goto(f"{address}/lessons/")
    page.get_by_text("New lesson").press("Enter")
    page.get_by_label("Title").fill("Clouds")
    check_accessibility(page)
    page.get_by_test_id("write-lesson").press("Enter")
    page.wait_for_url(re.compile("/edit/"))
    page.get_by_test_id("edit").press("Enter")
    page.locator("step-editor").get_by_label("Title").fill("What is a cloud?")
    page.get_by_label("Text", exact=True).first.fill("**Water** <script>alert(1)</script>")
    page.get_by_test_id("preview").press("Enter")
    expect(page.locator(".preview-of-step strong")).to_have_text("Water")
    page.get_by_label("Question", exact=True).select_option("number")
    page.get_by_label("Question text").fill("At how many degrees does water freeze?")
    page.get_by_label("The right number").fill("0")
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("step-status")).to_contain_text("Saved.")
    check_accessibility(page)

    page.get_by_role("link", name="Hint rules").click()
    page.get_by_test_id("template-stuck").press("Enter")
    expect(page.get_by_test_id("rule-sentence")).to_contain_text("immediately")
    page.get_by_test_id("slider-held_windows").press("ArrowRight")
    expect(page.get_by_test_id("rule-sentence")).to_contain_text("How long it lasts: 10 seconds")
    page.get_by_test_id("try-rule").press("Enter")
    expect(page.get_by_test_id("preview-result")).to_contain_text("would", timeout=90_000)
    check_accessibility(page)
    page.get_by_test_id("save-rule").press("Enter")
    expect(page.get_by_test_id("rules-status")).to_contain_text("saved")
    expect(page.get_by_test_id("rule")).to_have_count(3)
    page.get_by_test_id("switch-rule").last.press("Enter")
    expect(page.get_by_test_id("rules-status")).to_contain_text("Switched off")


def test_teacher_creates_group_and_rule_by_keyboard(teacher_page: Page, address: str) -> None:
    page = teacher_page
    enter(page, address, "teacher", "Lee")
    page.goto(f"{address}/lessons/")
    page.get_by_role("link", name="Hint rules").first.click()
    page.get_by_role("link", name="Student groups").click()
    page.get_by_test_id("make-group").press("Enter")
    page.get_by_label("Name", exact=True).fill("Early birds")
    page.get_by_label("Simulated student 3").first.press("Space")
    check_accessibility(page)
    page.get_by_test_id("save-group").press("Enter")
    expect(page.get_by_test_id("group")).to_contain_text("Simulated student 3")

    page.get_by_role("link", name="Hint rules").click()
    page.get_by_test_id("template-easier").press("Enter")
    page.get_by_text("Steps and students").press("Enter")
    page.get_by_label("Early birds").press("Space")
    page.get_by_test_id("save-rule").press("Enter")
    expect(page.get_by_test_id("rule").last).to_contain_text("Only for: Early birds")
