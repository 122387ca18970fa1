"""Hostile requests and sockets against a temporary installation on loopback, and their cost.

`scripts/attack-server` runs all of it and prints the result as JSON; a test runs the short form.
"""

import argparse
import asyncio
import http.client
import io
import json
import random
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
import websockets

from fer_lms.stack import Stack, StackError
from tests.bench.load.demo_client import DemoClient, DemoError
from tests.bench.temporary_stack import build_web_address, temporary_stack, wait_for_web

MAX_REQUEST_CPU_S = 1.0
MAX_GROWTH_MB = 50
TIMEOUT_S = 20
OFFENCE_S = 3.0


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
        self._check_alive(name)

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

    def _check_alive(self, name: str) -> None:
        try:
            self.stack.check_running()
        except StackError as error:
            self.result.failures.append(f"death: {name}")
            raise RuntimeError(name) from error


# --- Requests ----------------------------------------------------------------------------------

JSON_BODIES: list[bytes] = [
    b"",
    b"[" * 2000,
    b'{"a":' * 2000,
    b"[" * 200_000,
    b'{"thresholds": [' + b"{}," * 300_000 + b"{}]}",
    b'{"events": [' + b'{"kind":"x"},' * 4_000 + b"{}]}",
    b'{"steps": [' + b"1," * 9_000 + b"1]}",
    b'{"thresholds": [{"evidence": "confusion", "shift": 1e999}]}',
    b'{"thresholds": [{"evidence": "confusion", "shift": "nan"}]}',
    b'{"events": [{"kind": "self_report", "value": "\\ud800"}]}',
    b'{"events": [{"kind": "\\u0000"}]}',
    b'{"step_id": 99999999999999999999999}',
    b'{"step_id": "9999999999999999999999999"}',
    b'{"step_id": -1, "answer": "' + b"9" * 100_000 + b'"}',
    b'{"markdown": "' + b"<" * 20_000 + b'"}',
    b'{"markdown": "' + b"<a " * 6_000 + b'"}',
    b'{"markdown": "' + b"|" * 9_000 + b"\\n|" + b"-|" * 4_000 + b"\\n" + b"|\\n" * 1_000 + b'"}',
    b'{"markdown": "' + b"- " * 9_000 + b'"}',
    b'{"markdown": "' + b"[" * 20_000 + b'"}',
    b'{"markdown": "' + b"*a_ " * 5_000 + b'"}',
    b"\xff\xfe\x00",
    b'"' + b"a" * 900_000 + b'"',
    b"x" * 1_200_000,
    b"null",
    b"[]",
    b"1",
    b'"text"',
]


def list_json_routes(student: DemoClient) -> list[tuple[str, str]]:
    session = f"/api/v1/sessions/{student.session_id}"
    return [
        ("PUT", "/api/v1/me/thresholds"),
        ("PATCH", "/api/v1/me/profile"),
        ("POST", f"{session}/events"),
        ("POST", f"{session}/answers"),
        ("POST", f"{session}/hints"),
        ("POST", f"{session}/consent"),
        ("PATCH", f"{session}/consent"),
        ("POST", f"{session}/capture-ticket"),
        ("POST", "/api/v1/markdown"),
        ("POST", "/api/v1/lessons/1/steps/"),
        ("PUT", "/api/v1/lessons/1/steps/"),
        ("PUT", "/api/v1/steps/1/"),
        ("POST", "/api/v1/lessons/1/rules/"),
        ("POST", "/api/v1/lessons/1/rules/preview"),
        ("POST", "/api/v1/lessons/1/groups/"),
        ("POST", "/api/v1/platform/export"),
    ]


def send_json(attack: Attack, count: int) -> None:
    """Every body once to a route that takes it, then random pairs."""
    routes = list_json_routes(attack.people["student"])
    pairs = [(route, body) for route in routes for body in JSON_BODIES]
    attack.random.shuffle(pairs)
    for (method, path), body in pairs[:count]:
        attack.send(attack.random.choice(["student", "teacher", "anonymous"]), method, path, body)


PATHS = [
    "/%00",
    "/?a=%00",
    "/lti/window/%00",
    "/guardian/%00/",
    "/api/none",
    "/api/v1/lessons/99999999999999999999999/",
    "/api/v1/steps/99999999999999999999999/picture",
    "/" + "a" * 8_000,
    "/retention/",
    "/api/schema/?lang=%FF",
    "/jsi18n/?language=%00",
    "/admin/login/?next=//evil.example",
    "/static/%00",
    "/static/../settings.py",
    "/lti/login?iss=" + "a" * 5_000,
    "/readyz",
    "/metrics",
]
HEADERS: list[dict[str, str]] = [
    {"Cookie": "sessionid=a\0b"},
    {"Cookie": 'sessionid="\\000"'},
    {"Content-Type": "application/json; charset=idna"},
    {"Content-Type": "application/x-www-form-urlencoded; charset=base64"},
    {"Content-Type": "multipart/form-data; boundary=" + "x" * 300},
    {"Content-Type": "multipart/form-data"},
    {"Host": "elsewhere.example"},
    {"Accept": "image/*;q=" + "9" * 1000},
    {"Accept-Language": "a-" * 3000},
    {"If-Modified-Since": "x" * 3000},
    {"Range": "bytes=0-" + ",0-" * 1000},
    {"Authorization": "Bearer " + "\xff" * 2000},
    {"X-CSRFToken": "\xff" * 64},
]


def send_odd_requests(attack: Attack) -> None:
    for path in PATHS:
        for role in ("anonymous", "student"):
            attack.send(role, "GET", path)
    for headers in HEADERS:
        attack.send("student", "POST", "/api/v1/me/profile", b"a=b", headers)
        attack.send("anonymous", "GET", "/", b"", headers)


def list_uploads(rng: random.Random) -> Iterator[bytes]:
    """Lesson files: bombs, and a valid one with some bytes changed."""
    document = json.dumps(
        {"format": "fer-lms.lesson", "version": 1, "title": "x", "steps": [{"title": "y"}]}
    ).encode()
    zeros = {f"pictures/{n}.png": b"\0" * 2**23 for n in range(20)}
    yield pack({"lesson.json": document, **zeros})
    yield pack({"lesson.json": b'{"steps":[' + b"[]," * 1_000_000 + b"[]]}"})
    yield pack({"lesson.json": document, **{f"pictures/{n}": b"" for n in range(3_000)}})
    yield pack({"lesson.json": document}, zipfile.ZIP_LZMA)
    yield b"[" * 1_000_000
    valid = pack({"lesson.json": document, "pictures/a.png": b"\x89PNG\r\n\x1a\n" + bytes(100)})
    while True:
        changed = bytearray(valid)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield bytes(changed)


def pack(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def send_uploads(attack: Attack, count: int) -> None:
    uploads = list_uploads(attack.random)
    for _ in range(count):
        body = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n'
            + next(uploads)
            + b"\r\n--b--\r\n"
        )
        content_type = "multipart/form-data; boundary=b"
        path = "/api/v1/courses/1/lessons/import"
        attack.send("teacher", "POST", path, body, {"Content-Type": content_type})


# --- Sockets -----------------------------------------------------------------------------------

FRAME = struct.pack(">HBBIQ", 0x4652, 1, 3, 1, 5)
Message = Callable[[int], str | bytes]
OFFENCES: dict[str, Message] = {
    "empty binary": lambda n: b"",
    "no header": lambda n: b"x" * 16,
    "header only": lambda n: FRAME,
    "wrong JPEG": lambda n: struct.pack(">HBBIQ", 0x4652, 1, 3, n + 1, n) + b"\xff\xd8" * 500,
    "largest seq": lambda n: struct.pack(">HBBIQ", 0x4652, 1, 3, 2**32 - 1, 2**63) + b"\xff\xd8",
    "too large": lambda n: FRAME + bytes(200_000),
    "above a mebibyte": lambda n: bytes(2**20 + 1),
    "not JSON": lambda n: "x" * 4000,
    "nested": lambda n: "[" * 4000,
    "surrogate": lambda n: '{"type":"ping","t":"\\ud800"}',
    "unknown type": lambda n: '{"type":"dance"}',
    "ping": lambda n: '{"type":"ping","t":1}',
    "ping with an object": lambda n: '{"type":"ping","t":{}}',
    "visibility": lambda n: '{"type":"visibility","visible":false}',
    "client_drops": lambda n: '{"type":"client_drops","busy":1e99,"hidden":-1}',
    "hint_response": lambda n: '{"type":"hint_response","hint_id":1,"answer":"\\u0000"}',
    "scores": lambda n: '{"type":"scores","seq":1e400}',
    "long text": lambda n: '{"type":"ping","t":"' + "a" * 100_000 + '"}',
}


async def commit_offence(attack: Attack, name: str, ticket: str) -> int:
    """Send one kind of message until the socket closes or the time is over; return the code."""
    uri = f"ws://127.0.0.1:{attack.stack.port}/ws/capture/"
    protocols: Any = ["fer.capture.v1", f"ticket.{ticket}"]
    async with websockets.connect(uri, subprotocols=protocols, close_timeout=2) as socket:
        ended = time.monotonic() + OFFENCE_S
        number = 0
        try:
            while time.monotonic() < ended:
                await socket.send(OFFENCES[name](number))
                number += 1
                await asyncio.sleep(0)
        except (websockets.ConnectionClosed, OSError):
            pass
    return socket.close_code or 0


def commit_offences(attack: Attack, count: int) -> None:
    names = list(OFFENCES)
    for number in range(count):
        name = names[number % len(names)]
        try:
            ticket = attack.people["student"].create_ticket()["ticket"]
        except DemoError as error:
            attack.result.failures.append(f"no ticket after {name}: {error}")
            continue
        started = time.monotonic()
        try:
            code = asyncio.run(
                asyncio.wait_for(commit_offence(attack, name, ticket), OFFENCE_S + TIMEOUT_S)
            )
        except (TimeoutError, websockets.WebSocketException, OSError) as error:
            attack.result.failures.append(f"socket {name}: {type(error).__name__}")
            continue
        attack.result.offences += 1
        attack.result.close_codes[code] = attack.result.close_codes.get(code, 0) + 1
        if time.monotonic() - started > OFFENCE_S + TIMEOUT_S / 2:
            attack.result.failures.append(f"hang: socket {name}")
        attack._check_alive(f"socket {name}")


# --- The whole ---------------------------------------------------------------------------------


def run_attack(
    stack: Stack, *, requests: int, uploads: int, offences: int, seed: int = 1
) -> Result:
    """Attack a running web process with these numbers of requests and sockets."""
    attack = Attack(stack, seed)
    attack.enter()
    send_odd_requests(attack)  # caches fill and modules load before the memory is measured
    before = attack.web.memory_info().rss
    send_json(attack, requests)
    send_uploads(attack, uploads)
    commit_offences(attack, offences)
    attack.result.growth_mb = round((attack.web.memory_info().rss - before) / 2**20, 1)
    return attack.result


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


def run_schemathesis(attack: Attack, program: str, max_examples: int) -> None:
    """Run schemathesis over the OpenAPI file as each role; a status 5xx or a time-out fails."""
    cookies = {role: person._cookies for role, person in attack.people.items()}
    path = attack.stack.run_dir / "administrator"
    attack.stack.run_command("shell", "-c", CREATE_SESSION.format(path=str(path)))
    cookies["administrator"] = cookies["teacher"] | {"sessionid": path.read_text()}
    anonymous: dict[str, str] = {}
    for role, jar in ({"anonymous": anonymous} | cookies).items():
        header = "; ".join(f"{name}={value}" for name, value in jar.items())
        done = subprocess.run(
            [
                *(program, "run", f"{build_web_address(attack.stack)}/api/schema/"),
                *("--header", f"Cookie: {header or 'none=none'}"),
                *("--header", f"X-CSRFToken: {jar.get('csrftoken', 'none')}"),
                *("--checks", "not_a_server_error", "--phases", "examples,fuzzing"),
                *("--max-examples", str(max_examples), "--request-timeout", str(TIMEOUT_S)),
                *("--seed", "1", "--continue-on-failure", "--no-color"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"schemathesis as {role}: exit code {done.returncode}", file=sys.stderr)  # noqa: T201
        if done.returncode != 0:
            attack.result.failures.append(f"schemathesis as {role}: {done.stdout[-3000:]}")
        attack._check_alive(f"schemathesis as {role}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schemathesis", help="path of the program; left out without it")
    parser.add_argument("--max-examples", type=int, default=20, help="of each operation and role")
    options = parser.parse_args()
    with temporary_stack(frame_processes=1) as stack:
        stack.run_command("setup_demo")
        stack.start_web()
        wait_for_web(stack)
        result = run_attack(stack, requests=432, uploads=100, offences=100)
        if options.schemathesis:
            attack = Attack(stack, seed=1)
            attack.enter()
            run_schemathesis(attack, options.schemathesis, options.max_examples)
            result.failures += attack.result.failures
    print(json.dumps(asdict(result), indent=2))  # noqa: T201
    return 0 if result.is_passed else 1


if __name__ == "__main__":
    sys.exit(main())
