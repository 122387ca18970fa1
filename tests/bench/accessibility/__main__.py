"""`make check-accessibility`: axe on every page, as every role, in every language.

Example:
    python -m tests.bench.accessibility --languages en,ar --only lessons/

Every page is opened once in each language and looked at in light, dark and forced colours, and at
320 CSS pixels, which is a window of 1280 pixels at 400 %: there it must not scroll sideways. Scenes
(tests/bench/presses/scenes.py) are pages in the states in which their buttons write. Exit code: 0
where axe found nothing, 1 otherwise, 2 for wrong arguments.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import django
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from fer_lms.stack import Stack
from tests.bench.accessibility.axe import AXE, SCHEMES, find_violations, find_violations_zoomed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
)
COOKIE = "sessionid"
ENGLISH_ONLY = {"lesson deletion": "its button is found by its English text"}
"""Scenes that cannot be opened in another language, and why."""

Open = Callable[[Page], None]


@dataclass
class Totals:
    """Counts of what was looked at, and the violations by page."""

    pages: int = 0
    looks: int = 0
    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, violations: list[str], looks: int) -> None:
        self.pages += 1
        self.looks += looks
        if violations:
            self.found[name] = violations


@dataclass(frozen=True)
class View:
    """A page in a state, as a role sees it."""

    role: str
    name: str
    open: Open
    enters: bool = False
    """It enters the demonstration itself, which ends the session that it came with."""


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    django.setup()
    from tests.bench.accessibility.world import make_world_of
    from tests.bench.temporary_stack import temporary_demo

    totals, started = Totals(), time.monotonic()
    with temporary_demo(frame_processes=1) as stack, open_browser() as browser:
        world = make_world_of(stack)
        views = [view for view in list_views(stack, world) if options.only in view.name]
        with contextlib.suppress(KeyboardInterrupt):  # what was looked at until then is reported
            for language in options.languages.split(","):
                look_at_all(browser, world["keys"], views, language, totals, options)
    report(totals, time.monotonic() - started, options)
    return 1 if totals.found or not totals.pages else 0


def look_at_all(
    browser: Browser,
    keys: dict[str, str],
    views: list[View],
    language: str,
    totals: Totals,
    options: argparse.Namespace,
) -> None:
    for number, view in enumerate(views, start=1):
        if language != "en" and view.name in ENGLISH_ONLY:
            continue
        name = f"{language} {view.role} {view.name}"
        violations, looks = look(browser, keys, view, language)
        totals.add(name, violations, looks)
        say(f"{number}/{len(views)} {name}: {len(violations)}", options)
        for violation in violations:
            say(f"    {violation}", options)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.accessibility",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--languages", default="en,de,id,ar", help="default: %(default)s")
    parser.add_argument("--only", default="", help="part of the name of the pages to look at")
    parser.add_argument("--json", action="store_true", help="print the totals as JSON")
    return parser.parse_args(arguments)


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def list_views(stack: Stack, world: dict[str, Any]) -> list[View]:
    """List pages by address, and scenes."""
    from tests.bench.accessibility.pages import (
        ADMINISTRATOR,
        ANYBODY,
        PAGES,
        STUDENT,
        TEACHER,
        list_admin_paths,
    )
    from tests.bench.accessibility.world import get_path
    from tests.bench.presses.scenes import SCENES
    from tests.bench.presses.world import World
    from tests.bench.temporary_stack import build_web_address

    address = build_web_address(stack)
    views = [
        View(role, route or "home", open_address(f"{address}/{get_path(route, world['values'])}"))
        for route, role in PAGES.items()
    ]
    views += [
        View(ANYBODY, "admin/login/", open_address(f"{address}/admin/login/")),
        View(ANYBODY, "page not found", open_address(f"{address}/nothing/")),
    ]
    views += [
        View(ADMINISTRATOR, path, open_address(f"{address}/{path}")) for path in list_admin_paths()
    ]
    scenes = World(stack)
    last_of_student = [scene.name for scene in SCENES].index("my data")
    views += [
        View(
            STUDENT if number <= last_of_student else TEACHER,
            scene.name,
            lambda page, scene=scene: scene.open(page, scenes),  # type: ignore[misc]
            enters=True,
        )
        for number, scene in enumerate(SCENES)
    ]
    return views


def open_address(address: str) -> Open:
    def open_page(page: Page) -> None:
        if address.endswith(".html"):  # a page to download
            language = page.evaluate("navigator.language")
            answer = page.request.get(address, headers={"Accept-Language": language})
            page.set_content(answer.text())
            return
        page.goto(address, wait_until="load")
        if page.url.split("#")[0] != address and urlsplit(address).path != "/":
            raise BrowserError(f"{address} led to {page.url}")
        page.wait_for_selector(".loading", state="detached")

    return open_page


def look(
    browser: Browser, keys: dict[str, str], view: View, language: str
) -> tuple[list[str], int]:
    """Return what is wrong with a view, and how often axe looked."""
    context = enter(browser, "" if view.enters else keys[view.role], language)
    page = context.new_page()
    try:
        view.open(page)
        found = [text for scheme in SCHEMES for text in find_violations(page, scheme)]
        stated = page.evaluate("document.documentElement.lang")
        if stated != language:
            found.append(f"the page is in {stated!r}")
        return [*found, *find_violations_zoomed(page)], len(SCHEMES) + 1
    except BrowserError as error:
        return [f"cannot be opened: {str(error).splitlines()[0]}"], 0
    finally:
        context.close()


def enter(browser: Browser, key: str, language: str, *, loads_axe: bool = False) -> BrowserContext:
    """Open a browser of a person, by the key of their session; with axe in every page."""
    context = browser.new_context(locale=language, viewport={"width": 1200, "height": 900})
    context.set_default_timeout(20_000)
    if loads_axe:
        context.add_init_script(path=AXE)
    if key:
        context.add_cookies([{"name": COOKIE, "value": key, "domain": "127.0.0.1", "path": "/"}])
    return context


def report(totals: Totals, seconds: float, options: argparse.Namespace) -> None:
    summary = {
        "pages": totals.pages,
        "looks": totals.looks,
        "violations": sum(len(found) for found in totals.found.values()),
        "pages_with_violations": len(totals.found),
        "seconds": round(seconds),
        "found": totals.found,
    }
    if options.json:
        sys.stdout.write(json.dumps(summary, indent=1) + "\n")
        return
    sys.stdout.write(
        "{pages} pages, {looks} looks of axe: {violations} violations on {pages_with_violations} "
        "pages, in {seconds} s\n".format(**summary)
    )


def say(line: str, options: argparse.Namespace) -> None:
    """Print progress, beside the JSON."""
    stream = sys.stderr if options.json else sys.stdout
    stream.write(line + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
