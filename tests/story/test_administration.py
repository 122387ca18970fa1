"""Every page of the administration, once, in Chromium: axe finds nothing.

`make check-accessibility` looks at every page of every role in each language and scheme; here
language and scheme change from page to page.
"""

import itertools

import pytest
from playwright.sync_api import Browser

from fer_lms.stack import Stack
from tests.bench.accessibility.__main__ import enter
from tests.bench.accessibility.axe import SCHEMES, find_violations, find_violations_zoomed
from tests.bench.accessibility.pages import list_admin_paths
from tests.bench.accessibility.world import make_administrator_of

pytestmark = pytest.mark.timeout(600)
LANGUAGES = ("en", "de", "id", "ar")
NARROW = {"admin/", "admin/status/", "admin/people/user/1/change/"}
"""Pages that are also looked at in a window of 320 pixels."""


def test_every_page_is_accessible(browser: Browser, address: str, stack: Stack) -> None:
    key = make_administrator_of(stack)
    pages = {
        language: enter(browser, key, language, loads_axe=True).new_page() for language in LANGUAGES
    }
    turns = zip(itertools.cycle(LANGUAGES), itertools.cycle(SCHEMES), strict=False)
    found = {}
    for path, (language, scheme) in zip(list_admin_paths(), turns, strict=False):
        page = pages[language]
        page.emulate_media(**SCHEMES[scheme])  # before the page: no colour changes slowly
        page.goto(f"{address}/{path}", wait_until="domcontentloaded")
        assert page.evaluate("document.documentElement.lang") == language
        violations = find_violations(page, scheme)
        if path in NARROW:
            violations += find_violations_zoomed(page)
        if violations:
            found[path] = violations
    assert found == {}
