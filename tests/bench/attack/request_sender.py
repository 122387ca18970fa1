"""Send requests to a web process and record failures, CPU time and statuses."""

import http.client
import json
import random
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

import psutil

from fer_lms.stack import Stack, StackError
from tests.bench.attack.result import Result
from tests.bench.load.demo_client import DemoClient
from tests.bench.temporary_stack import build_web_address

CREATE_SESSION = """
from pathlib import Path
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from fer_lms.people.models import User
user = User.objects.create_superuser("attacker", demo=True)
store = SessionStore()
store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store.save()
Path({path!r}).write_text(store.session_key)
"""
LIST_ROUTES = """
from pathlib import Path
from django.urls import get_resolver
def iterate(patterns, prefix):
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if hasattr(pattern, "url_patterns"):
            yield from iterate(pattern.url_patterns, route)
        elif not set("()[]+*") & set(route):
            yield route
routes = [r for r in iterate(get_resolver().url_patterns, "") if not r.startswith("api/")]
Path({path!r}).write_text(chr(10).join(routes))
"""
TIMEOUT_S = 20
PROGRESS_INTERVAL_S = 15.0
MAX_CHILDREN_AGE_S = 1.0
MARK = "qxhostileqx"
"""In hostile values: a log with it contains text from outside."""
Progress = Callable[[str], None]


class Attack:
    """Sends requests one after the other and measures the web process between them."""

    def __init__(self, stack: Stack, seed: int, progress: Progress = lambda line: None) -> None:
        self.stack = stack
        self.random = random.Random(seed)
        self.result = Result()
        self.progress = progress
        self.web = psutil.Process(stack.processes["web"].pid)
        self.people: dict[str, DemoClient] = {}
        self._children: list[psutil.Process] = []
        self._children_listed_at = self._progress_at = time.monotonic()
        self._read_log_lines = 0

    def enter(self) -> None:
        for role in ("student", "teacher"):
            person = DemoClient(build_web_address(self.stack))
            session = self.people["student"].session_id if self.people else ""
            person.enter(role=role, name=f"Attacker {role}", session=session)
            self.people[role] = person
        self.people["student"].grant_consent()
        self.people["administrator"] = self._make_administrator()
        self.pages = self._list_pages()

    def _list_pages(self) -> list[str]:
        """Return the address of every page outside of REST, with ids of what exists."""
        path = self.stack.run_dir / "routes"
        self.stack.run_command("shell", "-c", LIST_ROUTES.format(path=str(path)))
        session = self.people["student"].session_id
        pages = [
            re.sub(r"<(\w+:)?session_id>", session, route) for route in path.read_text().split()
        ]
        return sorted({f"/{re.sub(r'<[^>]*>', '1', page)}" for page in pages})

    def _make_administrator(self) -> DemoClient:
        path = self.stack.run_dir / "administrator"
        self.stack.run_command("shell", "-c", CREATE_SESSION.format(path=str(path)))
        person = DemoClient(build_web_address(self.stack))
        person.fetch_entry_page()
        person._cookies["sessionid"] = path.read_text()
        return person

    def fetch(self, role: str, path: str) -> bytes:
        """Return the content of a page, after redirections; empty where there is none."""
        for _ in range(5):
            connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=TIMEOUT_S)
            try:
                connection.request("GET", path, headers=self._build_headers(role))
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException):
                return b""
            finally:
                connection.close()
            if not 300 <= response.status < 400:
                return content if response.status == 200 else b""
            path = urlsplit(urljoin(path, response.headers.get("Location", "/"))).path
        return b""

    def _build_headers(self, role: str) -> dict[str, str]:
        if role not in self.people:
            return {}
        return dict(self.people[role]._build_headers("application/json"))

    def get_memory_mb(self) -> float:
        return float(self.web.memory_info().rss) / 2**20

    def get_cpu_s(self) -> float:
        """Return the CPU time of the web process and its children, ended ones included."""
        used = sum(self.web.cpu_times()[:4])
        for child in self._list_children():
            try:
                used += sum(child.cpu_times()[:2])
            except psutil.NoSuchProcess:
                self._children_listed_at = 0.0
        return used

    def _list_children(self) -> list[psutil.Process]:
        """List the children; a look through all processes costs more than a request."""
        now = time.monotonic()
        if now - self._children_listed_at > MAX_CHILDREN_AGE_S:
            self._children = self.web.children(recursive=True)
            self._children_listed_at = now
        return self._children

    def send(
        self,
        role: str,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send one request and record its status and CPU time; any failure is recorded."""
        before = self.get_cpu_s()
        name = f"{role} {method} {path[:60]} ({len(body)} bytes)"
        try:
            status = self._request(role, method, path, body, headers or {})
        except (OSError, http.client.HTTPException) as error:
            status = 0
            if isinstance(error, TimeoutError):
                self.result.failures.append(f"hang: {name}")
        self.result.add_request(name, status, self.get_cpu_s() - before)
        if self.stack.processes["web"].poll() is not None:
            self.check_alive(name)
        self.report()

    def _request(
        self, role: str, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=TIMEOUT_S)
        own = self._build_headers(role) | dict(headers)
        try:
            connection.request(method, path, body or None, own)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def report(self) -> None:
        """Write the counts so far from time to time."""
        if time.monotonic() - self._progress_at > PROGRESS_INTERVAL_S:
            self._progress_at = time.monotonic()
            self.progress(self.result.describe())

    def check_alive(self, name: str) -> None:
        try:
            self.stack.check_running()
        except StackError as error:
            self.result.failures.append(f"death: {name}")
            raise RuntimeError(name) from error

    def check_log(self, name: str) -> None:
        """Record errors in the log of the web process, and text from outside."""
        text = (self.stack.log_dir / "web.log").read_text(errors="replace")
        lines = text.splitlines()[self._read_log_lines :]
        self._read_log_lines += len(lines)
        errors = [line for line in lines if _is_error(line)]
        self.result.failures += [f"log of {name}: {line[:600]}" for line in errors[:10]]
        if any(MARK in line for line in lines):
            self.result.failures.append(f"log of {name}: text from outside")


def _is_error(line: str) -> bool:
    """Return whether a line is an error other than "503 at ..."; every line must be JSON."""
    try:
        entry = json.loads(line)
        return entry["level"] in ("error", "critical") and not entry["event"].startswith("503 ")
    except (ValueError, KeyError, TypeError):
        return True
