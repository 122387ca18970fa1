"""A lesson with a closing time: set by the teacher, seen by students, closed for newcomers."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.story.accessibility import check_accessibility
from tests.story.test_story import enter

pytestmark = pytest.mark.timeout(300)


def in_field(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M")


def test_lesson_closes_at_the_set_time(student: Page, teacher_page: Page, address: str) -> None:
    page = teacher_page
    session = enter(page, address, "teacher", "Olga", session="new")
    page.goto(f"{address}/sessions/{session}/report/")
    state = page.get_by_test_id("report-state")
    expect(state).to_have_text("Open until you close it.")

    now = datetime.fromisoformat(page.evaluate("new Date().toISOString()")).astimezone()
    closes_at = page.get_by_label("Closes at (optional)")
    closes_at.fill(in_field(now - timedelta(days=1)))
    closes_at.press("Enter")
    expect(page.get_by_test_id("closing-status")).to_contain_text("This time has passed")
    closes_at.fill(in_field(now + timedelta(days=2)))
    page.get_by_test_id("save-closing-time").press("Enter")
    expect(page.get_by_test_id("closing-status")).to_contain_text("closes by itself")
    expect(state).to_contain_text(re.compile(r"Open until \w+day, "))
    check_accessibility(page)

    enter(student, address, "student", "Ola", session=session)
    student.goto(f"{address}/sessions/{session}/")
    expect(student.get_by_test_id("open-until")).to_contain_text("Open until")
    student.get_by_test_id("begin").click()
    student.get_by_test_id("choose-without").click()
    expect(student.get_by_test_id("open-until")).to_contain_text("Open until")

    page.goto(f"{address}/lessons/")
    row = page.locator("li", has=page.get_by_text("open until"))
    expect(row).to_have_count(1)
    check_accessibility(page)
    row.get_by_test_id("close-session").press("Enter")
    page.get_by_test_id("end-confirm").press("Enter")
    expect(row).to_have_count(0)

    over = student.get_by_test_id("lesson-over")
    expect(over).to_contain_text("This lesson is closed", timeout=60_000)
    expect(over).to_contain_text("What you did is saved")
    check_accessibility(student)


def test_closed_lesson_starts_no_session_of_one(
    student: Page, teacher_page: Page, address: str
) -> None:
    session = enter(teacher_page, address, "teacher", "Olga", session="new")
    teacher_page.goto(f"{address}/sessions/{session}/report/")
    teacher_page.get_by_test_id("end-lesson").press("Enter")
    teacher_page.get_by_test_id("end-confirm").press("Enter")
    expect(teacher_page.get_by_test_id("report-state")).to_contain_text("Closed since")

    # The refusal below is expected, and Chromium writes it to the console.
    student.goto(f"{address}/demo/?session={session}")
    student.get_by_label("Name").first.fill("Newcomer")
    student.get_by_test_id("enter-student").press("Enter")
    expect(student.get_by_role("alert").first).to_contain_text("This lesson is closed")

    teacher_page.goto(f"{address}/lessons/")
    card = teacher_page.locator(".lesson-card", has_text="Adding fractions")
    card.get_by_text("Let a new session close by itself").press("Enter")
    now = datetime.fromisoformat(teacher_page.evaluate("new Date().toISOString()")).astimezone()
    card.get_by_label("Closes at").fill(in_field(now + timedelta(days=1)))
    card.get_by_test_id("start-session").press("Enter")
    teacher_page.wait_for_url(re.compile("/report"))
    expect(teacher_page.get_by_test_id("report-state")).to_contain_text("Open until")
    fresh = teacher_page.url.split("/")[-3]
    assert enter(student, address, "student", "Newcomer", session=fresh) == fresh
