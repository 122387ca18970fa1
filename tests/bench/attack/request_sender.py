"""Send requests to a web process and record failures, CPU time and statuses."""

import http.client
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

from fer_lms.stack import Stack, StackError
from tests.bench.load.demo_client import DemoClient
from tests.bench.temporary_stack import build_web_address

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
        own = (
            dict(self.people[role]._build_headers("application/json"))
            if role in self.people
            else {}
        )
        own |= headers
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
