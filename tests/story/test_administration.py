"""Every page of the administration in Chromium: axe finds nothing, every field has a label."""

import pytest
from django.contrib.admin import site
from playwright.sync_api import Browser, Page

from fer_lms.stack import Stack
from tests.story.accessibility import AXE, check_accessibility

pytestmark = pytest.mark.timeout(600)
MAKE_ADMINISTRATOR = """
from fer_lms.people.models import User
User.objects.create_superuser("story-admin", password="correct horse battery")
"""
PAGES = (
    "",
    "ready/",
    "status/",
    "models/",
    "retention/",
    "people/user/1/change/",
    "password_change/",
)
NARROW = ("", "status/", "people/user/1/change/", "policy/deploymentpolicy/add/")
RULES = """async () => (await axe.run({
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
})).violations.map((v) => v.id + " " + v.nodes[0].target)"""


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/admin/login/")
    page.get_by_label("Username").fill("story-admin")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")


def list_paths() -> list[str]:
    labels = [model._meta.label_lower.replace(".", "/") for model in site._registry]
    forms = ["people/user", "auth/group", "lessons/course", "lessons/lesson", "lessons/enrolment"]
    forms += ["lessons/supporter", "policy/deploymentpolicy"]
    return [*PAGES, *(f"{label}/" for label in labels), *(f"{label}/add/" for label in forms)]


def test_every_page_is_accessible(browser: Browser, address: str, stack: Stack) -> None:
    stack.run_command("shell", "-c", MAKE_ADMINISTRATOR)
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    sign_in(page, address)
    found = {}
    for path in list_paths():
        page.goto(f"{address}/admin/{path}")
        page.evaluate(AXE.read_text())
        violations = page.evaluate(RULES)
        if violations:
            found[path] = violations
    assert found == {}
    for path in NARROW:
        page.goto(f"{address}/admin/{path}")
        check_accessibility(page)
