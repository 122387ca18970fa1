"""One lesson from entry to the erasure receipt."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.story.accessibility import check_accessibility
from tests.story.consent_answers import answer_questions

pytestmark = pytest.mark.timeout(300)


def enter(page: Page, address: str, role: str, name: str, session: str = "") -> str:
    """Enter the demonstration as its page does; return the session id."""
    page.goto(f"{address}/demo/")
    answer: dict[str, str] = page.evaluate(
        """async (fields) => {
            const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
            const body = new URLSearchParams(fields);
            const headers = {"X-CSRFToken": token};
            return (await fetch("/demo/enter", {method: "POST", body, headers})).json();
        }""",
        {"role": role, "name": name} | ({"session": session} if session else {}),
    )
    return answer["session_id"]


def say_yes(page: Page) -> None:
    """Welcome, camera question, consent, preview, lesson."""
    page.get_by_test_id("begin").click()
    page.get_by_test_id("choose-camera").click()
    answer_questions(page, "capture", "server_processing", "own_view")
    expect(page.get_by_test_id("coach")).to_contain_text("good")
    page.get_by_test_id("preview-start").click()


def my_report(page: Page, session: str) -> dict[str, Any]:
    report: dict[str, Any] = page.evaluate(
        "async (url) => (await fetch(url)).json()", f"/api/v1/sessions/{session}/my-report"
    )
    return report


def test_student_consents_withdraws_and_data_is_erased(student: Page, address: str) -> None:
    student.goto(f"{address}/")
    student.get_by_test_id("enter-student").click()
    student.wait_for_url(re.compile("/sessions/"))
    session = student.url.rstrip("/").split("/")[-1]
    say_yes(student)
    expect(student.get_by_test_id("camera-status")).to_have_text("Camera on")
    expect(student.get_by_test_id("reading-quality")).to_contain_text("can see your face")
    student.get_by_test_id("next-step").click()
    expect(student.get_by_test_id("step-place")).to_contain_text("2")
    student.keyboard.press("p")
    expect(student.get_by_test_id("camera-status")).to_contain_text("paused")
    student.keyboard.press("p")
    expect(student.get_by_test_id("camera-status")).to_have_text("Camera on")

    windows = windows_of(student, session)
    assert sum(window["processed"] for window in windows) > 0
    for window in windows:
        assert window["received"] == window["accepted"] + sum(window["refused"].values())

    # The demonstration keeps faces out of hints, so there is nothing to calibrate.
    expect(student.get_by_test_id("camera-calibration")).to_be_hidden()

    student.get_by_test_id("withdraw").click()
    student.get_by_test_id("withdraw-confirm").click()
    expect(student.get_by_test_id("erased-receipt")).to_be_visible()
    assert my_report(student, session)["windows"] == []


def windows_of(page: Page, session: str) -> list[dict[str, Any]]:
    """Windows appear within seconds while they are open."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        windows: list[dict[str, Any]] = my_report(page, session)["windows"]
        if any(window["processed"] for window in windows):
            return windows
        time.sleep(0.5)
    return []


def test_lesson_without_consent(student: Page, address: str) -> None:
    session = enter(student, address, "student", "Nadia")
    student.goto(f"{address}/sessions/{session}/")
    student.get_by_test_id("begin").click()
    student.get_by_test_id("choose-without").click()
    expect(student.get_by_test_id("step-place")).to_be_visible()
    expect(student.get_by_test_id("camera-status")).to_have_text("Camera off")
    expect(student.get_by_test_id("camera-calibration")).to_be_hidden()
    assert my_report(student, session)["windows"] == []


def test_teacher_reads_report_and_ends_lesson(
    student: Page, teacher_page: Page, address: str
) -> None:
    session = enter(teacher_page, address, "teacher", "Tariq", session="new")
    enter(student, address, "student", "Sam", session=session)
    student.goto(f"{address}/sessions/{session}/")
    say_yes(student)
    expect(student.get_by_test_id("reading-quality")).to_contain_text("can see your face")

    teacher_page.goto(f"{address}/sessions/{session}/report/")
    expect(teacher_page.get_by_test_id("withheld-note")).to_contain_text("5")
    teacher_page.get_by_test_id("end-lesson").click()
    teacher_page.get_by_test_id("end-confirm").click()
    # The sign goes with the lesson's page, which says instead that it has ended.
    expect(student.get_by_test_id("camera-status").filter(has_text="Camera on")).to_have_count(0)
    state = teacher_page.get_by_test_id("report-state")
    expect(state).to_contain_text(re.compile("final", re.IGNORECASE), timeout=60_000)


def test_large_enough_class_is_shown(teacher_page: Page, address: str) -> None:
    """While the lesson is open its timeline, and when it is closed all of it."""
    page = teacher_page
    session = enter(page, address, "teacher", "Robin")
    page.goto(f"{address}/sessions/{session}/report/")
    expect(page.get_by_test_id("finding")).to_contain_text("when the lesson is closed")
    expect(page.get_by_test_id("withheld-note")).to_be_hidden()
    expect(page.get_by_test_id("report-help")).to_contain_text("when the lesson is closed")
    expect(page.locator("timeline-chart canvas")).to_be_visible()
    expect(page.get_by_text("Minutes since the lesson was started")).to_be_visible()
    expect(page.get_by_test_id("live-asked")).to_contain_text("step 3")
    expect(page.get_by_test_id("tour")).to_be_visible()
    check_accessibility(page)
    page.get_by_test_id("large-view").click()
    expect(page.locator(".live-step")).to_have_count(4)
    check_accessibility(page)
    page.go_back()
    expect(page.get_by_test_id("live")).to_be_visible()
    expect(page.get_by_test_id("tour")).to_be_hidden()

    page.get_by_test_id("end-lesson").click()
    page.get_by_test_id("end-confirm").click()
    state = page.get_by_test_id("report-state")
    expect(state).to_contain_text("Final", timeout=60_000)
    expect(page.get_by_test_id("finding")).to_contain_text("Step 3")
    expect(page.locator("table.steps .cell-bar")).to_have_count(4)
    expect(page.get_by_text("Minutes since each student opened the lesson")).to_be_visible()
    expect(page.locator(".withheld")).to_have_count(0)
    expect(page.get_by_test_id("after-hint")).to_contain_text("Step 3")
    expect(page.locator(".comparison tbody tr")).to_have_count(4)
    page.keyboard.press("t")
    expect(page.get_by_role("rowheader", name="0 to 2").first).to_be_visible()
    check_accessibility(page)
    assert enter(page, address, "teacher", "Robin") != session, "for the tests that follow"
