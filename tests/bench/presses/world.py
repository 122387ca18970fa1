"""The demonstration that the scenes use: who enters, and what they find there."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from fer_lms.stack import Stack
from tests.bench.presses.stored_rows import change_hint
from tests.bench.temporary_stack import build_web_address, temporary_stack, wait_for_web

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
ENTER = """async ([role, name, session]) => {
  const form = new FormData();
  form.append("role", role); form.append("name", name); form.append("session", session);
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const headers = {"X-CSRFToken": token};
  return (await fetch("/demo/enter", {method: "POST", body: form, headers})).json();
}"""
CALL = """async ([method, path, body]) => {
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
  const reply = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
  return reply.status === 204 ? null : reply.json();
}"""
QUESTION = {"kind": "number", "prompt": "2 + 2?", "number": 4}
PREPARED_AT_ONCE = 12
STEPS: list[dict[str, Any]] = [
    {
        "title": "Ask",
        "body": "Add.",
        "easy_body": "Count.",
        "question": QUESTION,
        "hints": [{"level": "nudge", "text": "Draw."}, {"level": "worked_example", "text": "4."}],
    },
    {"title": "Read", "body": "Read."},
    {"title": "End", "body": "Rest."},
]
IMPORT = """async ([path, lesson]) => {
  const form = new FormData();
  form.append("file", new File([JSON.stringify(lesson)], "lesson.json"));
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const headers = {"X-CSRFToken": token};
  return (await fetch(path, {method: "POST", body: form, headers})).json();
}"""
_numbers = itertools.count(1)


@dataclass
class World:
    """The demonstration in which scenes are opened; every scene uses people and lessons anew."""

    stack: Stack
    shared_session: str = ""
    prepared: dict[str, list[str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return build_web_address(self.stack)

    def enter(self, page: Page, role: str, session: str = "") -> str:
        """Enter as a new student, or as the teacher; return the session."""
        name = f"Press {next(_numbers)}" if role == "student" else "Press Teacher"
        return self.enter_as(page, name, session, role)

    def enter_as(self, page: Page, name: str, session: str, role: str = "student") -> str:
        page.goto(f"{self.url}/demo/", wait_until="domcontentloaded")
        return str(page.evaluate(ENTER, [role, name, session])["session_id"])

    def call(self, page: Page, method: str, path: str, body: Any = None) -> Any:
        return page.evaluate(CALL, [method, path, body])

    def create_lesson(self, page: Page) -> int:
        """Enter as a teacher and write a lesson; return its id."""
        self.enter(page, "teacher")
        (course, *_) = self.call(page, "GET", "/api/v1/courses/")
        lesson = {
            "format": "fer-lms.lesson",
            "version": 1,
            "title": f"Lesson {next(_numbers)}",
            "steps": STEPS,
        }
        path = f"/api/v1/courses/{course['id']}/lessons/import"
        return int(page.evaluate(IMPORT, [path, lesson])["id"])

    def start_session(self, page: Page) -> str:
        lesson = self.create_lesson(page)
        path = f"/api/v1/lessons/{lesson}/sessions/"
        return str(self.call(page, "POST", path, {})["id"])

    def enter_shared(self, page: Page, name: str = "") -> str:
        """Enter the session of all scenes of students, whose first step asks a question."""
        if not self.shared_session:
            self.shared_session = self.start_session(page)
        name = name or f"Press {next(_numbers)}"
        return self.enter_as(page, name, self.shared_session)

    def take(self, kind: str) -> str:
        """Return the start of a scene that tests/bench/presses/prepared_rows.py writes."""
        if not self.prepared.get(kind):
            path = Path(self.stack.environment["FER_VAR_DIR"]) / "prepared.json"
            arguments = (str(path), kind, PREPARED_AT_ONCE, self.shared_session)
            module = "tests.bench.presses.prepared_rows"
            program = f"from {module} import write_pages; write_pages{arguments!r}"
            self.stack.run_command("shell", "--no-imports", "-c", program)
            self.prepared[kind] = json.loads(path.read_text())
        return self.prepared[kind].pop()

    def open_pass(self, page: Page, kind: str) -> None:
        """Open a page of a launched session, whose address only our own pages may open."""
        page.goto(f"{self.url}/demo/", wait_until="domcontentloaded")
        path = self.take(kind)
        page.evaluate("path => location.assign(path)", path)
        page.wait_for_url(lambda url: "/lti/" in url and path not in url)
        page.wait_for_load_state("load")

    def offer_hint(self, page: Page, session: str, kind: str) -> int:
        """Give the student a hint of this kind, which the lesson then shows; return its ID."""
        path = f"/api/v1/sessions/{session}"
        (step, *_) = self.call(page, "GET", f"{path}/")["lesson"]["steps"]
        hint = self.call(page, "POST", f"{path}/hints", {"step_id": step["id"]})
        change_hint(self.stack, hint["hint_id"], kind)
        return int(hint["hint_id"])


Open = Callable[[Page, World], None]
"""Opens a page in the state of one scene."""


@contextmanager
def start_demonstration() -> Iterator[tuple[Stack, Browser]]:
    """Start a demonstration with its web process alone, and a Chromium."""
    with temporary_stack(frame_processes=1) as stack, sync_playwright() as playwright:
        stack.run_command("setup_demo")
        stack.start_web()
        wait_for_web(stack)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
        )
        yield stack, browser
        browser.close()
