"""Cut a learner's page off in the middle of a write, again and again, and count lost answers.

    python -m tests.bench.presses.power_cut --url http://127.0.0.1:8000 --trials 200

Needs a running demonstration. Each trial answers a question in a real Chromium and, at a random
moment, kills the tab, the network, the reply of the server, or the sign-in; then the learner comes
back. Every answer has to be counted once. Prints one JSON object.
"""

import argparse
import json
import random
import sys
import uuid
from collections import Counter
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

from inference.command_line import parse_positive_count

CUTS = ("tab", "network", "reply", "session", "double click")
ENTER = """async ([role, name, session]) => {
  const form = new FormData();
  form.append("role", role); form.append("name", name); form.append("session", session);
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const headers = {"X-CSRFToken": token};
  return (await fetch("/demo/enter", {method: "POST", body: form, headers})).json();
}"""


def enter(page: Page, url: str, session: str = "") -> dict[str, str]:
    page.goto(f"{url}/demo/")
    entered: dict[str, str] = page.evaluate(ENTER, ["student", "Power Cut", session])
    return entered


def open_question(page: Page, url: str, session: str) -> None:
    page.goto(f"{url}/sessions/{session}/")
    page.get_by_test_id("begin").click()
    page.wait_for_selector("camera-question, lesson-step")
    if page.locator("camera-question").count():
        page.locator("camera-question button").nth(1).click()
    page.wait_for_selector("lesson-step")
    for _ in range(4):
        if page.locator("step-question input[type=text]").count():
            return
        page.get_by_test_id("next-step").click()


def count_waiting(page: Page) -> int:
    count: int = page.evaluate(
        "Object.keys(localStorage).filter(n => n.includes('.press.')).length"
    )
    return count


def press(page: Page, text: str, *, twice: bool) -> None:
    page.locator("step-question input[type=text]").fill(text)
    button = page.get_by_test_id("answer")
    (button.dblclick if twice else button.click)()


def read_attempts(page: Page, url: str, session: str, step: int, key: str) -> int:
    """Return the number of answers stored, by one more answer, which is counted too."""
    graded: dict[str, Any] = page.evaluate(
        """async ([path, step_id, key]) => {
          const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
          const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
          const body = JSON.stringify({step_id, answer: "77", key});
          return (await fetch(path, {method: "POST", body, headers})).json();
        }""",
        [f"/api/v1/sessions/{session}/answers", step, key],
    )
    return int(graded["attempts"])


def cut(context: BrowserContext, page: Page, kind: str, text: str, wait_ms: int) -> None:
    if kind == "session":
        context.clear_cookies(name="sessionid")
    if kind == "network":
        context.set_offline(True)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    if kind == "reply":
        page.route("**/answers", lose, times=1)
    press(page, text, twice=kind == "double click")
    page.wait_for_timeout(wait_ms)
    if kind == "tab":
        page.close(run_before_unload=False)
    context.set_offline(False)


def run(url: str, trials: int, seed: int) -> dict[str, Any]:
    source, done = random.Random(seed), Counter[str]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context()
        context.set_default_timeout(60_000)
        page = context.new_page()
        session = enter(page, url)["session_id"]
        open_question(page, url, session)
        path = f"/api/v1/sessions/{session}/"
        steps = page.evaluate("async p => (await (await fetch(p)).json()).lesson.steps", path)
        step = next(s["id"] for s in steps if (s["question"] or {}).get("kind") == "number")
        before = read_attempts(page, url, session, step, str(uuid.uuid4()))
        for trial in range(trials):
            kind = CUTS[trial % len(CUTS)]
            cut(context, page, kind, str(trial + 100), source.choice([0, 1, 5, 20, 80, 300]))
            if kind == "tab":
                page = context.new_page()
                open_question(page, url, session)
            if kind == "session":
                other = context.new_page()
                enter(other, url, session)
                other.close()
                if page.get_by_test_id("signed-in-again").count():
                    page.get_by_test_id("signed-in-again").click()
            for _ in range(300):
                if count_waiting(page) == 0:
                    break
                page.wait_for_timeout(100)
            done[kind] += 1
            sys.stderr.write(f"\r{trial + 1} of {trials}")
        after = read_attempts(page, url, session, step, str(uuid.uuid4()))
        browser.close()
    counted = after - before - 1
    return {
        "trials": trials,
        "cuts": dict(done),
        "counted": counted,
        "lost": max(0, trials - counted),
        "doubled": max(0, counted - trials),
        "seed": seed,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--trials", type=parse_positive_count, default=200)
    parser.add_argument("--seed", type=parse_positive_count, default=1)
    options = parser.parse_args()
    result = run(options.url, options.trials, options.seed)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    sys.exit(1 if result["lost"] or result["doubled"] else 0)
