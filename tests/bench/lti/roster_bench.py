"""Time to synchronise the members of a large course from a fake LMS, in a temporary database."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fer_lms.lessons.models import Course, Enrolment
from fer_lms.lti.models import Deployment, LtiContext, Platform
from fer_lms.lti.protocol.roles import MEMBERSHIP
from fer_lms.lti.protocol.tool_keys import ensure_keys
from fer_lms.lti.services.rosters import sync_roster
from tests.bench.lti.fake_lms import PLATFORM_PATHS, FakeLms, JsonHandler
from tests.bench.temporary_database import temporary_database

MEMBERS_LEAVING = 100
TEACHERS = 3


def measure_roster(members: int) -> dict[str, Any]:
    """Return the keys of `bench_roster --json`.

    Synchronises three times: all members are new, nothing changed, some members left.
    """
    with temporary_database(in_file=True), MembersLms(members) as lms:
        context = _create_context(lms.url)
        ensure_keys()  # once for an installation, not once for a roster
        first_seconds = _sync(context)
        pages = lms.pages
        again_seconds = _sync(context)
        lms.members -= MEMBERS_LEAVING
        left_seconds = _sync(context)
        active = Enrolment.objects.filter(course=context.course, active=True).count()
        assert active == lms.members
    return {
        "members": members,
        "pages": pages,
        "first_seconds": first_seconds,
        "again_seconds": again_seconds,
        "left": MEMBERS_LEAVING,
        "left_seconds": left_seconds,
    }


def _create_context(url: str) -> LtiContext:
    platform = Platform.objects.create(
        name="bench",
        issuer=url,
        client_id="bench",
        local=True,
        active=True,
        **{name: url + path for name, path in PLATFORM_PATHS.items()},
    )
    return LtiContext.objects.create(
        deployment=Deployment.objects.create(platform=platform, deployment_id="1"),
        context_id="1",
        course=Course.objects.create(title="A large course"),
        memberships_url=f"{url}/members",
    )


def _sync(context: LtiContext) -> float:
    """Return the seconds it took."""
    started = time.perf_counter()
    sync_roster(context=context)
    return round(time.perf_counter() - started, 2)


class MembersLms(FakeLms):
    """Serves an access token and members by page."""

    def __init__(self, members: int) -> None:
        super().__init__(_MembersHandler)
        self.members = members
        self.pages = 0


class _MembersHandler(JsonHandler):
    server: MembersLms

    def do_POST(self) -> None:  # noqa: N802 - called by http.server
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_json({"access_token": "bench", "token_type": "bearer"})

    def do_GET(self) -> None:  # noqa: N802 - called by http.server
        query = parse_qs(urlsplit(self.path).query)
        start, limit = int(query.get("from", ["0"])[0]), int(query["limit"][0])
        end = min(start + limit, self.server.members)
        self.server.pages += 1
        rows = [_build_member(number) for number in range(start, end)]
        next_page = f"{self.server.url}/members?limit={limit}&from={end}"
        headers = {"Link": f'<{next_page}>; rel="next"'} if end < self.server.members else {}
        self.send_json({"id": self.server.url, "members": rows}, **headers)


def _build_member(number: int) -> dict[str, object]:
    return {
        "status": "Active",
        "user_id": f"member-{number}",
        "roles": [f"{MEMBERSHIP}#{'Instructor' if number < TEACHERS else 'Learner'}"],
        "given_name": f"Given {number}",
        "family_name": f"Family {number}",
        "email": f"member-{number}@school.example",
    }
