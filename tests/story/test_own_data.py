"""A student reads and erases their own data."""

from playwright.sync_api import Page, expect

from tests.story.test_story import enter


def test_student_reads_and_erases_own_data(student: Page, address: str) -> None:
    session = enter(student, address, "student", "Una")
    student.goto(f"{address}/sessions/{session}/me/")
    student.get_by_test_id("my-data").click()
    expect(student.get_by_role("heading", level=1)).to_have_text("My data")
    expect(student.get_by_text("Una")).to_be_visible()
    with student.expect_download() as saved:
        student.get_by_test_id("save-page").click()
    assert "Una" in saved.value.path().read_text()

    student.get_by_test_id("erase-me").click()
    expect(student.get_by_test_id("erase-sure")).to_be_visible()  # not without the tick
    student.get_by_test_id("erase-sure").check()
    student.get_by_test_id("erase-me").click()
    expect(student.get_by_test_id("erasure-receipt")).to_be_visible()
    student.goto(f"{address}/my-data/")
    expect(student.get_by_text("Una")).to_be_hidden()
