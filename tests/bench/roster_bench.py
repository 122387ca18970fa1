"""How long a course of thousands takes to synchronise: a made-up LMS over real HTTP on this
machine, an empty database that is deleted afterwards, and the code that serves people."""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.db import connection

from fer_lms.lessons.models import Course, Enrolment
from fer_lms.lti.models import Deployment, LtiContext, Platform
from fer_lms.lti.protocol.tool_keys import ensure_keys
from fer_lms.lti.services.rosters import sync_roster

LEFT = 100
"""Members who are gone at the second look."""


@dataclass(frozen=True, slots=True)
class RosterFigures:
    members: int
    pages: int
    first_seconds: float
    again_seconds: float
    left: int
    left_seconds: float


def bench_roster(members: int) -> RosterFigures:
    """The first look, a second one that changes nothing, and a third at which some have left."""
    with empty_database(), MadeUpLms(members) as lms:
        context = _context(lms.url)
        ensure_keys()  # made once for an installation, not once for a roster
        first = _seconds(context)
        pages = lms.pages
        again = _seconds(context)
        lms.members -= LEFT
        left_seconds = _seconds(context)
        active = Enrolment.objects.filter(course=context.course, active=True).count()
        assert active == lms.members
    return RosterFigures(members, pages, first, again, LEFT, left_seconds)


@contextmanager
def empty_database() -> Iterator[None]:
    """A new database beside the one in the settings, which is not touched."""
    before = connection.settings_dict["NAME"]
    with tempfile.TemporaryDirectory(prefix="fer-lms-bench-") as place:
        if connection.vendor == "sqlite":
            # A file, as in production; the usual test database would be in memory.
            connection.settings_dict["TEST"]["NAME"] = str(Path(place) / "bench.sqlite3")
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(str(before), verbosity=0)


def _context(url: str) -> LtiContext:
    platform = Platform.objects.create(
        name="made up",
        issuer=url,
        client_id="bench",
        auth_login_url=f"{url}/auth",
        auth_token_url=f"{url}/token",
        key_set_url=f"{url}/keys",
        local=True,
        active=True,
    )
    return LtiContext.objects.create(
        deployment=Deployment.objects.create(platform=platform, deployment_id="1"),
        context_id="1",
        course=Course.objects.create(title="A large course"),
        memberships_url=f"{url}/members",
    )


def _seconds(context: LtiContext) -> float:
    started = time.perf_counter()
    sync_roster(context=context)
    return round(time.perf_counter() - started, 2)


class MadeUpLms(ThreadingHTTPServer):
    """Gives a token to everybody and members by the page."""

    daemon_threads = True

    def __init__(self, members: int) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.members = members
        self.pages = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "MadeUpLms":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()


class _Conversation(BaseHTTPRequestHandler):
    server: MadeUpLms

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer({"access_token": "bench", "token_type": "bearer"})

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        start, limit = int(query.get("from", ["0"])[0]), int(query["limit"][0])
        end = min(start + limit, self.server.members)
        self.server.pages += 1
        rows = [_member(number) for number in range(start, end)]
        following = f"{self.server.url}/members?limit={limit}&from={end}"
        link = f'<{following}>; rel="next"' if end < self.server.members else ""
        self._answer({"id": self.server.url, "members": rows}, link)

    def _answer(self, value: object, link: str = "") -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


def _member(number: int) -> dict[str, object]:
    membership = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
    return {
        "status": "Active",
        "user_id": f"member-{number}",
        "roles": [membership + ("Instructor" if number < 3 else "Learner")],
        "given_name": f"Given {number}",
        "family_name": f"Family {number}",
        "email": f"member-{number}@school.example",
    }
