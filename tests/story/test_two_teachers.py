"""Two teachers edit one lesson at the same time."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.story.test_story import enter

pytestmark = pytest.mark.timeout(300)


def create_lesson(page: Page, address: str) -> int:
    """Create a lesson with three steps and a rule; return its id."""
    page.goto(f"{address}/lessons/")
    lesson: int = page.evaluate(
        """async () => {
            const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
            const send = async (method, path, body) => {
                const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
                const sent = {method, headers, body: body && JSON.stringify(body)};
                return (await fetch(`/api/v1${path}`, sent)).json();
            };
            const [course] = await send("GET", "/courses/");
            const title = "Two teachers";
            const {id} = await send("POST", `/courses/${course.id}/lessons/`, {title});
            for (const title of ["Two", "Three"])
                await send("POST", `/lessons/${id}/steps/`, {title});
            const rules = await send("GET", `/lessons/${id}/rules/`);
            const {spec} = rules.templates[0];
            await send("POST", `/lessons/${id}/rules/`, {title: "Ours", template: "", spec});
            return id;
        }"""
    )
    return lesson


def open_both(pages: tuple[Page, Page], address: str, path: str) -> None:
    for page in pages:
        page.goto(f"{address}/{path}")


def choose(page: Page, part: str, version: str) -> None:
    row = page.get_by_test_id("merge").locator(f"[data-part={part}]")
    row.locator(f"[value={version}]").check()


def test_conflicts_are_merged_part_by_part(student: Page, teacher_page: Page, address: str) -> None:
    first, second = pages = (student, teacher_page)
    enter(first, address, "teacher", "Ms Example")
    enter(second, address, "teacher", "Mr Sample")
    lesson = create_lesson(first, address)

    # Title, summary and length: both changed the title, each changed one other part.
    open_both(pages, address, f"lessons/{lesson}/edit/")
    first.fill("[name=title]", "First title")
    first.fill("[name=summary]", "First summary")
    first.get_by_test_id("save-head").click()
    expect(first.get_by_test_id("head-status")).to_have_text("Saved.")
    second.fill("[name=title]", "Second title")
    second.fill("[name=minutes]", "35")
    second.get_by_test_id("save-head").click()
    merge = second.get_by_test_id("merge")
    for text in ("First title", "Second title", "First summary", "35", "20"):
        expect(merge).to_contain_text(text)
    choose(second, "title", "theirs")
    second.get_by_test_id("save-merge").click()
    expect(second.get_by_test_id("head-status")).to_have_text("Saved.")
    expect(second.locator("h1")).to_have_text("First title")
    second.reload()
    for name, value in (("title", "First title"), ("summary", "First summary"), ("minutes", "35")):
        expect(second.locator(f"[name={name}]")).to_have_value(value)

    # A step: different parts are both kept.
    open_both(pages, address, f"lessons/{lesson}/edit/")
    for page in pages:
        page.get_by_test_id("edit").first.click()
    first.locator("step-editor [name=body]").fill("The first text.")
    first.get_by_test_id("save-step").click()
    expect(first.get_by_test_id("step-status")).to_have_text("Saved.")
    second.locator("step-editor [name=title]").fill("Second step title")
    second.get_by_test_id("save-step").click()
    expect(second.get_by_test_id("merge")).to_contain_text("The first text.")
    second.get_by_test_id("save-merge").click()
    expect(second.get_by_test_id("step-status")).to_have_text("Saved.")
    expect(second.locator("step-editor [name=body]")).to_have_value("The first text.")
    expect(second.locator("[data-step] strong").first).to_have_text("Second step title")

    # The order: the list is up to date again, and the next press works.
    open_both(pages, address, f"lessons/{lesson}/edit/")
    expect(second.locator("[data-step]")).to_have_count(3)
    first.get_by_test_id("down").nth(1).click()
    expect(first.get_by_test_id("author-status")).to_contain_text("now step 3")
    second.get_by_test_id("up").nth(1).click()
    expect(second.get_by_test_id("author-status")).to_contain_text("up to date again")
    second.get_by_test_id("up").nth(1).click()
    expect(second.get_by_test_id("author-status")).to_contain_text("now step 1")

    # A rule.
    open_both(pages, address, f"lessons/{lesson}/rules/")
    for page in pages:
        page.get_by_test_id("change-rule").first.click()
    first.fill("rule-form [name=text]", "Look at the picture.")
    first.get_by_test_id("save-rule").click()
    expect(first.get_by_test_id("rules-status")).to_contain_text("Rule saved.")
    second.fill("rule-form [name=text]", "Read it again.")
    details = second.locator("rule-form details")
    details.evaluate_all("(parts) => parts.forEach((part) => (part.open = true))")
    second.fill("rule-form [name=quiet_minutes]", "0-5")
    second.get_by_test_id("save-rule").click()
    expect(second.get_by_test_id("merge")).to_contain_text("Look at the picture.")
    choose(second, "text", "theirs")
    second.get_by_test_id("save-merge").click()
    expect(second.get_by_test_id("rules-status")).to_contain_text("Rule saved.")
    second.get_by_test_id("change-rule").first.click()
    expect(second.locator("rule-form [name=text]")).to_have_value("Look at the picture.")
    expect(second.locator("rule-form [name=quiet_minutes]")).to_have_value("0-5")

    # A group.
    open_both(pages, address, f"lessons/{lesson}/groups/")
    first.get_by_test_id("make-group").click()
    first.fill(".group-form [name=title]", "Readers")
    first.get_by_test_id("save-group").click()
    expect(first.get_by_test_id("groups-status")).to_contain_text("Group saved.")
    open_both(pages, address, f"lessons/{lesson}/groups/")
    for page, title in zip(pages, ("Readers one", "Readers two"), strict=True):
        page.get_by_role("button", name=re.compile("Change: Readers")).click()
        page.fill(".group-form [name=title]", title)
    first.get_by_test_id("save-group").click()
    expect(first.get_by_test_id("groups-status")).to_contain_text("Group saved.")
    second.get_by_test_id("save-group").click()
    expect(second.get_by_test_id("merge")).to_contain_text("Readers one")
    second.get_by_test_id("save-merge").click()
    saved = second.get_by_test_id("group").filter(has_text="Readers")
    expect(saved.locator("h2")).to_have_text("Readers two")
