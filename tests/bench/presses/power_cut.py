"""Cut a learner's page off in the middle of every write, again and again, and count what is lost.

    python -m tests.bench.presses.power_cut --trials 200 --minutes 60

Starts a demonstration of its own. Each trial makes one write in a real Chromium and, at a random
moment, kills the tab, the network, the reply of the server, the server, or the sign-in; then the
learner comes back. Every write has to be stored once: its idempotency key, which the page notes
before it sends anything, is looked up in the database. For consent the page has to show what is
stored. Stops after `--minutes` too. Prints one JSON object; exit code 1 for a write that was lost
or stored twice, and for a trial that failed.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

from fer_lms.stack import Stack
from inference.command_line import parse_positive_count
from tests.bench.presses.settling import count_waiting, wait_until_sent
from tests.bench.presses.stored_rows import open_database
from tests.bench.presses.student_scenes import answer_consent
from tests.bench.presses.world import World, start_demonstration
from tests.bench.temporary_stack import build_web_address

CUTS = ("tab", "network", "reply", "server", "session")
WAITS_MS = (0, 1, 5, 20, 80, 300)
MAX_RETURN_POLLS = 600
MAX_FAILED = 20
NOTE_KEYS = """() => {
  const keep = Storage.prototype.setItem;
  Storage.prototype.setItem = function (name, value) {
    const found = name.match(/\\.(press|event)\\.([0-9a-f]{24})$/);
    if (found) keep.call(this, `bench.${found[2]}`, `${window.benchWrite || ""} ${value}`);
    keep.call(this, name, value);
  };
}"""


@dataclass
class Trials:
    stack: Stack
    browser: Browser
    source: random.Random
    done: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Trials that the bench could not complete; they count neither as done nor as lost."""

    def __post_init__(self) -> None:
        self.world = World(self.stack)

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.failed]


# --- Writes -----------------------------------------------------------------------------------
def answer(page: Page) -> None:
    page.locator("step-question input[type=text]").fill("4")
    page.get_by_test_id("answer").click(no_wait_after=True)


def click(test_id: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_test_id(test_id).click(no_wait_after=True)


WRITES: dict[str, tuple[Callable[[Page], None], str]] = {
    "answer": (answer, '"kind":"answer"'),
    "self-report": (click("rating-hard"), '"kind":"self_report"'),
    "hint request": (click("ask-for-hint"), '"kind":"ask"'),
    "step change": (click("next-step"), '"kind":"step_opened"'),
    "word to the teacher": (click("hint-yes"), '"kind":"hint"'),
    "consent": (click("consent-agree"), ""),
    "withdrawal": (click("withdraw-confirm"), ""),
}
"""How each write is made, and what the note of it has in the browser."""


# --- Pages ------------------------------------------------------------------------------------
def enter_lesson(page: Page, world: World, session: str) -> None:
    page.goto(f"{world.url}/sessions/{session}/", wait_until="domcontentloaded")
    page.get_by_test_id("begin").click()
    page.wait_for_selector("camera-question, camera-preview, lesson-step")
    if page.locator("camera-preview").count():
        page.get_by_test_id("preview-without").click()
    elif page.locator("camera-question").count():
        page.get_by_test_id("choose-without").click()
    page.wait_for_selector("lesson-step")


def prepare(page: Page, world: World, session: str, write: str) -> None:
    if write in ("consent", "withdrawal"):
        page.goto(f"{world.url}/sessions/{session}/", wait_until="domcontentloaded")
        answer_consent(page)
        if write == "withdrawal":
            page.get_by_test_id("consent-agree").click()
            page.get_by_test_id("preview-without").click()
            page.wait_for_timeout(600)  # a second press right after the first is dropped
            page.get_by_test_id("withdraw").click()
            page.wait_for_selector("[data-testid=withdraw-confirm]")
        return
    if write == "word to the teacher":
        world.offer_hint(page, session, "tell_teacher")
    enter_lesson(page, world, session)
    if write == "word to the teacher":
        page.wait_for_selector("[data-testid=hint-yes]")
    wait_until_sent(page)


def cut(trials: Trials, context: BrowserContext, page: Page, kind: str, write: str) -> Page:
    """Make the write, break something meanwhile, and come back; return the page of the return."""
    wait_ms = trials.source.choice(WAITS_MS)

    def lose(route: Route) -> None:
        if route.request.method in ("GET", "HEAD"):
            route.fallback()
            return
        route.fetch()
        route.abort()

    if kind == "session":
        context.clear_cookies(name="sessionid")
    if kind == "reply":
        page.route("**/api/v1/sessions/**", lose, times=3)
    if kind == "network":
        context.set_offline(True)
    page.evaluate("name => { window.benchWrite = name; }", write)
    WRITES[write][0](page)
    page.wait_for_timeout(wait_ms)
    if kind == "server":
        kill_server(trials.stack)
    if kind == "tab":
        page.close(run_before_unload=False)
        page = context.new_page()
    context.set_offline(False)
    return page


def kill_server(stack: Stack) -> None:
    """Kill the web process and start it again, as its supervisor does."""
    stack.processes["web"].kill()
    stack.processes["web"].wait()
    stack.restart("web")
    for _ in range(MAX_RETURN_POLLS):
        with suppress(OSError), urlopen(f"{build_web_address(stack)}/healthz", timeout=5):
            return
        time.sleep(0.2)


def come_back(world: World, page: Page, session: str, name: str, kind: str, write: str) -> None:
    if kind == "session":
        other = page.context.new_page()
        world.enter_as(other, name, session)
        other.close()
        dialog = page.get_by_test_id("withdraw-close")
        if dialog.is_visible():
            dialog.click()
        again = page.get_by_test_id("signed-in-again")
        if again.count():
            again.click()
    is_sent_by_itself = write == "withdrawal" and kind in ("session", "network")
    if kind == "tab" or (write in ("consent", "withdrawal") and not is_sent_by_itself):
        page.goto(f"{world.url}/sessions/{session}/", wait_until="domcontentloaded")
        page.get_by_test_id("begin").click()
        page.wait_for_selector("camera-question, camera-preview, lesson-step")
        if kind == "tab" and write not in ("consent", "withdrawal"):
            if page.locator("camera-question").count():
                page.get_by_test_id("choose-without").click()
            page.wait_for_selector("lesson-step")
    wait_until_sent(page)


# --- Counting ---------------------------------------------------------------------------------
def count_stored(stack: Stack, key: str) -> int:
    with open_database(stack) as connection:
        queries = (
            "SELECT count(*) FROM lessons_interactionevent WHERE key = ?",
            "SELECT count(*) FROM people_requestkey WHERE key = ? AND status BETWEEN 200 AND 299",
        )
        return sum(connection.execute(query, [key]).fetchone()[0] for query in queries)


def check_keys(trials: Trials, page: Page, write: str, label: str) -> None:
    """Look every key up that the page noted for the write: stored once, and one for one press."""
    notes: dict[str, str] = page.evaluate(
        """() => Object.fromEntries(Object.entries(localStorage)
          .filter(([name]) => name.startsWith("bench.")))"""
    )
    wanted = WRITES[write][1]
    keys = [
        name.removeprefix("bench.")
        for name, note in notes.items()
        if note.startswith(f"{write} ") and wanted in note
    ]
    stored = [count_stored(trials.stack, key) for key in keys]
    if not keys or 0 in stored:
        trials.lost.append(f"{label}: {stored}, {count_waiting(page)} waiting, notes {notes}")
    elif len(keys) > 1 or max(stored) > 1:
        trials.doubled.append(f"{label}: {stored}")


def check_consent(trials: Trials, world: World, page: Page, session: str, label: str) -> None:
    """The page has to ask for the camera exactly where the server has no consent."""
    consent = world.call(page, "GET", f"/api/v1/sessions/{session}/consent")
    shows_camera = page.locator("camera-preview").count() == 1
    if shows_camera != consent["granted"]["capture"]:
        trials.lost.append(f"{label}: {consent['state']}, preview {shows_camera}")


def check_withdrawal(trials: Trials, world: World, page: Page, session: str, label: str) -> None:
    consent = world.call(page, "GET", f"/api/v1/sessions/{session}/consent")
    if consent["granted"]["capture"]:
        trials.lost.append(f"{label}: {consent['state']}")


def run_trial(trials: Trials, number: int, kind: str, write: str) -> None:
    context = trials.browser.new_context()
    context.set_default_timeout(20_000)
    context.add_init_script(f"({NOTE_KEYS})()")
    try:
        page = context.new_page()
        name = f"Cut {number}"
        session = trials.world.enter_shared(page, name)
        prepare(page, trials.world, session, write)
        page = cut(trials, context, page, kind, write)
        come_back(trials.world, page, session, name, kind, write)
        check(trials, page, session, write, f"{number}: {write}, {kind}")
    finally:
        context.close()
    trials.done[f"{write}, {kind}"] += 1


def check(trials: Trials, page: Page, session: str, write: str, label: str) -> None:
    if write == "consent":
        check_consent(trials, trials.world, page, session, label)
    elif write == "withdrawal":
        check_withdrawal(trials, trials.world, page, session, label)
    else:
        check_keys(trials, page, write, label)


def run(stack: Stack, browser: Browser, count: int, seed: int, minutes: int) -> dict[str, Any]:
    """Run `count` trials, which go through every write and every cut, or as many as time allows.

    A trial that does not come to its end is named, and another takes its place.
    """
    end_s = time.monotonic() + 60 * minutes
    trials = Trials(stack, browser, random.Random(seed))
    pairs = [(kind, write) for kind in CUTS for write in WRITES]
    trials.source.shuffle(pairs)
    for number in range(count + MAX_FAILED):
        kind, write = pairs[number % len(pairs)]
        named = len(trials.problems)
        try:
            run_trial(trials, number, kind, write)
        except Error as error:
            trials.failed.append(f"{number}: {write}, {kind}: {error}")
        sys.stderr.write(f"\r{trials.done.total()} of {count}")
        sys.stderr.writelines(
            f"\n{problem}\n" for problem in trials.problems[-1:] if len(trials.problems) > named
        )
        if trials.done.total() == count or time.monotonic() > end_s:
            break
    return {
        "trials": trials.done.total(),
        "lost": trials.lost,
        "doubled": trials.doubled,
        "failed": trials.failed,
        "cuts": dict(sorted(trials.done.items())),
        "seed": seed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=parse_positive_count, default=200)
    parser.add_argument("--seed", type=parse_positive_count, default=1)
    parser.add_argument("--minutes", type=parse_positive_count, default=24 * 60)
    options = parser.parse_args()
    with start_demonstration() as (stack, browser):
        result = run(stack, browser, options.trials, options.seed, options.minutes)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    sys.exit(1 if result["lost"] or result["doubled"] or result["failed"] else 0)


if __name__ == "__main__":
    main()
