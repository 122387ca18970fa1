"""axe on the page that is open, and its width."""

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

AXE = Path(__file__).parents[3] / "frontend/node_modules/axe-core/axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN: Final = """async (tags) => {
  // Colours that are still changing are those of neither scheme.
  const changes = document.getAnimations().filter((change) => change instanceof CSSTransition);
  const ended = Promise.allSettled(changes.map((change) => change.finished));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
  const found = await axe.run({runOnly: tags, resultTypes: ["violations"]});
  return found.violations.map((violation) => {
    const places = violation.nodes.map((node) => node.target.join(" "));
    const more = places.length > 4 ? ` and ${places.length - 4} more` : "";
    return `${violation.id}: ${places.slice(0, 4).join(", ")}${more}`;
  });
}"""
WIDE: Final = (1200, 900)
ZOOMED: Final = (320, 256)
"""A window of 1280 x 1024 pixels at 400 % (WCAG 2.2, 1.4.10)."""
SCHEMES: Final[dict[str, dict[str, Any]]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}


def load_axe(page: Page) -> None:
    """Load axe into the page, unless it is there."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text())


def find_violations(page: Page, scheme: str) -> list[str]:
    """Return what axe finds in the colours of a scheme."""
    page.emulate_media(**SCHEMES[scheme])
    load_axe(page)
    return [f"{scheme}: {text}" for text in page.evaluate(RUN, list(TAGS))]


def find_violations_zoomed(page: Page) -> list[str]:
    """Return what axe finds at 320 CSS pixels, and whether the page scrolls sideways there."""
    set_size(page, ZOOMED)
    found = [f"at 320 px: {text}" for text in find_violations(page, "light")]
    width = page.evaluate("document.documentElement.scrollWidth")
    set_size(page, WIDE)
    return [*found, *([f"scrolls sideways: {width} px of 320"] if width > ZOOMED[0] else [])]


def set_size(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
