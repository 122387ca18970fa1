"""Double-click every button that writes on the pages of students and teachers; count doubles.

    python -m tests.bench.presses.double_clicks --presses 200

Starts a demonstration of its own. Each scene is a page in one state. Its buttons are pressed
once, to learn which of them write and what they store, and those that write are then double-clicked
in the same scene made anew: a double stores more than one press. Prints one JSON object, with the
buttons that no scene presses as `unpressed`; exit code 1 for a double, or for a button that a scene
names and no longer has.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Request, sync_playwright

from fer_lms.stack import Stack
from inference.command_line import parse_positive_count
from tests.bench.presses.scenes import SCENES, Scene, World
from tests.bench.presses.stored_rows import Totals, read_totals, subtract
from tests.bench.temporary_stack import build_web_address, temporary_stack, wait_for_web

SETTLE_MS = 2_000
"""More than twice as long as the page collects events before it sends them."""
READING = ("GET", "HEAD", "OPTIONS")
TRAFFIC = ("/capture-ticket", "/markdown", "/rules/preview")
"""POST requests that store nothing of the person."""


@dataclass
class Press:
    """One press: what it stored, and how many requests wrote."""

    stored: Totals
    requests: int


@dataclass
class Result:
    presses: int = 0
    doubles: list[str] = field(default_factory=list)
    buttons: Counter[str] = field(default_factory=Counter)
    reading: list[str] = field(default_factory=list)
    unpressed: set[str] = field(default_factory=set)


def list_buttons(page: Page) -> list[str]:
    """List what can be pressed in the page, by test id or by text."""
    names: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main button, main input[type=submit]")]
          .filter(b => !b.disabled && b.checkVisibility())
          .map(b => b.dataset.testid || b.textContent.trim())"""
    )
    return list(dict.fromkeys(names))


def find_button(page: Page, name: str) -> Locator:
    by_id = page.locator(f'main [data-testid="{name}"]:visible')
    return (by_id if by_id.count() else page.locator("main button:visible", has_text=name)).first


def press(stack: Stack, page: Page, name: str, *, twice: bool) -> Press:
    sent: list[str] = []

    def note(request: Request) -> None:
        path = request.url.partition("?")[0]
        if request.method not in READING and not path.endswith(TRAFFIC):
            sent.append(path)

    page.wait_for_timeout(SETTLE_MS)  # for what opening the scene sends
    before = read_totals(stack)
    page.on("request", note)
    button = find_button(page, name)
    (button.dblclick if twice else button.click)(no_wait_after=True)
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_load_state("networkidle")
    page.remove_listener("request", note)
    return Press(subtract(read_totals(stack), before), len(sent))


def find_more(double: Press, single: Press) -> Totals:
    """Return what a double click stored beyond a single one."""
    return {
        name: value - single.stored.get(name, 0)
        for name, value in double.stored.items()
        if value > max(0, single.stored.get(name, 0))
    }


def open_scene(browser: Browser, scene: Scene, world: World) -> Page:
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    scene.open(page, world)
    return page


def run_scene(stack: Stack, browser: Browser, scene: Scene, world: World, result: Result) -> None:
    page = open_scene(browser, scene, world)
    names = list_buttons(page)
    missing = set(scene.presses) - set(names)
    if missing:
        raise SystemExit(f"{scene.name}: no button {', '.join(sorted(missing))} in {names}")
    page.context.close()
    result.unpressed |= {f"{scene.name}: {name}" for name in names if name not in scene.presses}
    for name in scene.presses:
        page = open_scene(browser, scene, world)
        single = press(stack, page, name, twice=False)
        page.context.close()
        if not single.stored and not single.requests:
            result.reading.append(f"{scene.name}: {name}")
            continue
        page = open_scene(browser, scene, world)
        double = press(stack, page, name, twice=True)
        page.context.close()
        result.presses += 1
        result.buttons[f"{scene.name}: {name}"] += 1
        if more := find_more(double, single):
            result.doubles.append(f"{scene.name}: {name}: {more}")


def measure(stack: Stack, browser: Browser, scenes: Iterator[Scene], presses: int) -> Result:
    """Press until `presses` double clicks of buttons that write are made, or no scene is left."""
    world, result = World(build_web_address(stack)), Result()
    for scene in scenes:
        run_scene(stack, browser, scene, world, result)
        sys.stderr.write(f"\r{result.presses} of {presses}")
        if result.presses >= presses:
            break
    return result


def summarise(result: Result) -> dict[str, Any]:
    return {
        "presses": result.presses,
        "buttons": len(result.buttons),
        "doubles": result.doubles,
        "reading": sorted(set(result.reading)),
        "unpressed": sorted(result.unpressed),
        "pressed": dict(sorted(result.buttons.items())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=parse_positive_count, default=200)
    options = parser.parse_args()
    with temporary_stack(frame_processes=1) as stack, sync_playwright() as playwright:
        stack.run_command("setup_demo")
        stack.start_web()
        wait_for_web(stack)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        result = measure(stack, browser, cycle(SCENES), options.presses)
        browser.close()
    sys.stdout.write(json.dumps(summarise(result), indent=2) + "\n")
    sys.exit(1 if result.doubles else 0)


if __name__ == "__main__":
    main()
