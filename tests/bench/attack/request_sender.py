"""Send requests to a web process and record failures, CPU time and statuses."""

import http.client
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import psutil

from fer_lms.stack import Stack, StackError
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
MAX_REQUEST_CPU_S = 1.0
MAX_GROWTH_MB = 50
TIMEOUT_S = 20


@dataclass
class Result:
    requests: int = 0
    offences: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    close_codes: dict[int, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    """Deaths, hangs, statuses 500, and requests above the CPU limit."""
    max_request_cpu_s: float = 0.0
    growth_mb: float = 0.0

    @property
    def is_passed(self) -> bool:
        return not self.failures and self.growth_mb <= MAX_GROWTH_MB


class Attack:
    """Sends requests one after the other and measures the web process between them."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self.stack = stack
        self.random = random.Random(seed)
        self.result = Result()
        self.web = psutil.Process(stack.processes["web"].pid)
        self.people: dict[str, DemoClient] = {}

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

    def get_cpu_s(self) -> float:
        processes = [self.web, *self.web.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in processes)

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
        used = self.get_cpu_s() - before
        self.result.requests += 1
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1
        self.result.max_request_cpu_s = max(self.result.max_request_cpu_s, round(used, 3))
        if status >= 500 and status != 503:
            self.result.failures.append(f"status {status}: {name}")
        if used > MAX_REQUEST_CPU_S:
            self.result.failures.append(f"{used:.2f} s of CPU: {name}")
        self.check_alive(name)

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

    def check_alive(self, name: str) -> None:
        try:
            self.stack.check_running()
        except StackError as error:
            self.result.failures.append(f"death: {name}")
            raise RuntimeError(name) from error
