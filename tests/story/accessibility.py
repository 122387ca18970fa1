"""axe on a page of the tests."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"


def check_accessibility(page: Page) -> None:
    """Assert that axe finds no violation at 1200 px and 320 px (400 % zoom)."""
    for width, height in ((1200, 900), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(AXE.read_text())
        found = page.evaluate("async () => (await axe.run()).violations.map((v) => v.id)")
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1200, "height": 900})
