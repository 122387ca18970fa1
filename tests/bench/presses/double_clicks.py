"""Double-click every button that writes on the pages of students and teachers; count doubles.

    python -m tests.bench.presses.double_clicks --presses 200

Starts a demonstration of its own. Each scene is a page in one state. Its buttons are pressed
once, to learn which of them write and what they store, and those that write are then double-clicked
in the same scene made anew: a double stores more than one press. A button that no scene presses has
to be listed in `scenes.READING`, which is verified by pressing it once, or in `scenes.EXCLUDED`
with a reason. Prints one JSON object; exit code 1 for a double, for a button that is not listed or
writes although it is listed as reading, and for a scene that does not open or lacks a button.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from playwright.sync_api import Browser, Error, Locator, Page

from fer_lms.stack import Stack
from inference.command_line import parse_positive_count
from tests.bench.presses.scenes import EXCLUDED, READING, SCENES, Scene
from tests.bench.presses.settling import Traffic, settle
from tests.bench.presses.stored_rows import Totals, read_totals, subtract
from tests.bench.presses.world import World, start_demonstration

PRESSED = frozenset(name for scene in SCENES for name in scene.presses)


class SceneError(Exception):
    """A scene without one of its buttons, or with one that does not write."""


@dataclass
class Press:
    """One press: what it stored, and how many requests wrote."""

    stored: Totals
    requests: int


@dataclass
class Result:
    presses: int = 0
    doubles: list[str] = field(default_factory=list)
    singles: dict[str, Press] = field(default_factory=dict)
    buttons: Counter[str] = field(default_factory=Counter)
    reading: set[str] = field(default_factory=set)
    unlisted: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    """Scenes that did not open, and their buttons that could not be pressed."""

    @property
    def is_passed(self) -> bool:
        return not (self.doubles or self.unlisted or self.failed)


def list_buttons(page: Page) -> list[str]:
    """List what can be pressed in the page or its dialog, by test id or by text."""
    names: list[str] = page.evaluate(
        """() => [...(document.querySelector("dialog:modal") ?? document)
          .querySelectorAll("button, input:is([type=checkbox], [type=radio])[data-testid]")]
          .filter(b => !b.disabled && b.checkVisibility())
          .map(b => b.dataset.testid || b.textContent.trim())"""
    )
    return list(dict.fromkeys(names))


def find_button(page: Page, name: str) -> Locator:
    by_id = page.locator(f'[data-testid="{name}"]:visible:enabled')
    return (by_id if by_id.count() else page.locator("button:visible:enabled", has_text=name)).first


def press(stack: Stack, page: Page, traffic: Traffic, name: str, *, twice: bool = False) -> Press:
    settle(page, traffic)  # for what opening the scene sends
    before = read_totals(stack)
    traffic.writes.clear()
    button = find_button(page, name)
    (button.dblclick if twice else button.click)(no_wait_after=True)
    settle(page, traffic)
    return Press(subtract(read_totals(stack), before), len(traffic.writes))


def find_more(double: Press, single: Press) -> Totals:
    """Return what a double click stored beyond a single one."""
    return {
        name: value - single.stored.get(name, 0)
        for name, value in double.stored.items()
        if value > max(0, single.stored.get(name, 0))
    }


@contextmanager
def open_scene(browser: Browser, scene: Scene, world: World) -> Iterator[tuple[Page, Traffic]]:
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    traffic = Traffic(page)
    try:
        scene.open(page, world)
        yield page, traffic
    finally:
        page.context.close()


def check_unpressed(
    stack: Stack, browser: Browser, scene: Scene, world: World, result: Result
) -> None:
    """Press each button once that is listed as reading, in the first scene that has it."""
    with open_scene(browser, scene, world) as (page, _):
        names = list_buttons(page)
    for name in names:
        if name in PRESSED or name in EXCLUDED or name in result.reading:
            continue
        if name not in READING:
            result.unlisted.add(f"{scene.name}: {name}")
            continue
        with open_scene(browser, scene, world) as (page, traffic):
            single = press(stack, page, traffic, name)
        result.reading.add(name)
        if single.stored or single.requests:
            result.unlisted.add(f"{scene.name}: {name} writes {single.stored}")


def press_once(stack: Stack, browser: Browser, scene: Scene, world: World, name: str) -> Press:
    with open_scene(browser, scene, world) as (page, traffic):
        if name not in (names := list_buttons(page)):
            raise SceneError(f"{scene.name}: no button {name} in {names}")
        single = press(stack, page, traffic, name)
    if not single.stored and not single.requests:
        raise SceneError(f"{scene.name}: {name} writes nothing")
    return single


def run_scene(stack: Stack, browser: Browser, scene: Scene, world: World, result: Result) -> None:
    for name in scene.presses:
        label = f"{scene.name}: {name}"
        with name_failure(result, label):
            if label not in result.singles:
                result.singles[label] = press_once(stack, browser, scene, world, name)
            single = result.singles[label]
            with open_scene(browser, scene, world) as (page, traffic):
                double = press(stack, page, traffic, name, twice=True)
            result.presses += 1
            result.buttons[label] += 1
            if more := find_more(double, single):
                result.doubles.append(f"{label}: {more}")


@contextmanager
def name_failure(result: Result, label: str) -> Iterator[None]:
    """Name what could not be pressed, and go on."""
    try:
        yield
    except (Error, SceneError) as error:
        result.failed.append(f"{label}: {error}")
        sys.stderr.write(f"\n{result.failed[-1]}\n")


def measure(
    stack: Stack,
    browser: Browser,
    scenes: Iterator[Scene],
    presses: int,
    *,
    minutes: int = 24 * 60,
    is_complete: bool = True,
) -> Result:
    """Press until `presses` double clicks of buttons that write are made, or no scene is left.

    Args:
        is_complete: Whether every other button of the scenes has to be listed.
    """
    world, result, seen = World(stack), Result(), set[str]()
    end_s = time.monotonic() + 60 * minutes
    for scene in scenes:
        if is_complete and scene.name not in seen:
            seen.add(scene.name)
            with name_failure(result, scene.name):
                check_unpressed(stack, browser, scene, world, result)
        run_scene(stack, browser, scene, world, result)
        sys.stderr.write(f"\r{result.presses} of {presses}, after {scene.name}")
        if result.presses >= presses or time.monotonic() > end_s:
            break
    return result


def summarise(result: Result) -> dict[str, Any]:
    return {
        "presses": result.presses,
        "buttons": len(result.buttons),
        "doubles": result.doubles,
        "reading": sorted(result.reading),
        "excluded": EXCLUDED,
        "unlisted": sorted(result.unlisted),
        "failed": result.failed,
        "pressed": dict(sorted(result.buttons.items())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=parse_positive_count, default=200)
    parser.add_argument("--scene", choices=[scene.name for scene in SCENES], action="append")
    parser.add_argument("--minutes", type=parse_positive_count, default=24 * 60)
    options = parser.parse_args()
    scenes = [scene for scene in SCENES if scene.name in (options.scene or [scene.name])]
    with start_demonstration() as (stack, browser):
        result = measure(stack, browser, cycle(scenes), options.presses, minutes=options.minutes)
    sys.stdout.write(json.dumps(summarise(result), indent=2) + "\n")
    sys.exit(0 if result.is_passed else 1)


if __name__ == "__main__":
    main()
