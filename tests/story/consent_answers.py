"""Answers to the consent questions, one screen each."""

from playwright.sync_api import Page, expect


def answer_questions(page: Page, *grants: str) -> None:
    """Answer yes to these permissions and no to all others, and save the answers."""
    questions = page.locator("[data-testid^=question-]")
    answers = page.get_by_test_id("consent-agree")
    expect(questions.or_(answers)).to_be_visible()
    while questions.count():
        name = questions.get_attribute("data-testid") or ""
        is_granted = name.removeprefix("question-") in grants
        page.get_by_test_id("consent-yes" if is_granted else "consent-no").click()
    answers.click()
