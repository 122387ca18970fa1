"""A course's list of members, as the platform gives it: page by page, whole or not at all."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

from fer_lms.lti.models import Platform, origin_of
from fer_lms.lti.protocol.claims import ID
from fer_lms.lti.protocol.outbound import (
    Answer,
    AnswerRefused,
    Limits,
    OutboundError,
    Unreachable,
    fetch,
)
from fer_lms.lti.services.service_tokens import access_token

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PAGE = 200
"""Members asked for at a time; a platform may give fewer, or all at once."""
LIMITS = Limits(connect_seconds=3, read_seconds=10, total_seconds=20, most_bytes=8 * 2**20)
MOST_PAGES = 1000
MOST_MEMBERS = 50_000
MOST_SECONDS = 300.0
TRIES = 3
LONGEST_PAUSE = 30.0
LATER = {429, 500, 502, 503, 504}
NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel\s*=\s*"?next"?', re.IGNORECASE)

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Member:
    sub: str
    roles: tuple[str, ...]
    given_name: str = ""
    family_name: str = ""


def roster_of(platform: Platform, url: str, *, sleep: Sleep = time.sleep) -> dict[str, Member]:
    """Everybody who is in the course now, by the platform's id. Raises OutboundError: then
    nothing is known, not even of the pages that were read."""
    members: dict[str, Member] = {}
    deadline = time.monotonic() + MOST_SECONDS
    for page in _pages(platform, _with_limit(url), deadline, sleep):
        for member in page:
            members[member.sub] = member
        if len(members) > MOST_MEMBERS:
            raise AnswerRefused("too_many_members")
    if not members:
        # A course that only administrators have opened may have no members yet. But a platform
        # that lists nobody by mistake would empty a course, so such a list takes no rights.
        raise AnswerRefused("empty_roster")
    return members


def _pages(platform: Platform, url: str, deadline: float, sleep: Sleep) -> Iterator[list[Member]]:
    token = access_token(platform)
    seen: set[str] = set()
    while url:
        if url in seen or len(seen) >= MOST_PAGES:
            raise AnswerRefused("pages_without_end")
        if time.monotonic() > deadline:
            raise Unreachable("time_out")
        seen.add(url)
        answer = _asked(platform, url, token, sleep)
        yield members_of(answer.json())
        url = _next_url(answer, url)


def _asked(platform: Platform, url: str, token: str, sleep: Sleep) -> Answer:
    """One page; tried again after a pause where the platform may just be busy."""
    headers = {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {token}"}
    for attempt in range(1, TRIES + 1):
        try:
            return fetch(url, local=platform.local, headers=headers, limits=LIMITS)
        except OutboundError as error:
            if attempt == TRIES or not _may_pass(error):
                raise
            wished = error.retry_after if isinstance(error, AnswerRefused) else None
            sleep(min(max(2.0**attempt, wished or 0.0), LONGEST_PAUSE))
    raise AssertionError("unreachable: the last try returns or raises")


def _may_pass(error: OutboundError) -> bool:
    if isinstance(error, AnswerRefused):
        return error.status in LATER
    return isinstance(error, Unreachable)


def members_of(page: Any) -> list[Member]:
    """Who on this page is in the course. Raises AnswerRefused for what is no page of members."""
    listed = page.get("members") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise AnswerRefused("no_members")
    found = []
    for row in listed:
        if not isinstance(row, dict):
            raise AnswerRefused("member_is_no_object")
        if row.get("status", "Active") == "Active":
            found.append(_member(row))
    return found


def _member(row: dict[str, Any]) -> Member:
    sub, roles = row.get("user_id"), row.get("roles", [])
    if not isinstance(sub, str) or not ID.fullmatch(sub):
        raise AnswerRefused("member_without_id")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise AnswerRefused("member_without_roles")
    return Member(sub, tuple(roles), _name(row, "given_name"), _name(row, "family_name"))


def _name(row: dict[str, Any], field: str) -> str:
    value = row.get(field)
    return value[:150] if isinstance(value, str) and value.isprintable() else ""


def _with_limit(url: str) -> str:
    """Ask for pages, unless the platform's address says already how."""
    parts = urlsplit(url)
    if "limit" in parse_qs(parts.query):
        return url
    query = f"{parts.query}&limit={PAGE}" if parts.query else f"limit={PAGE}"
    return urlunsplit(parts._replace(query=query, fragment=""))


def _next_url(answer: Answer, url: str) -> str:
    """The next page's address; only where the first one was, since our token goes along."""
    found = NEXT.search(answer.headers.get("link", ""))
    if found is None:
        return ""
    following = urljoin(url, str(found.group(1)))
    if not origin_of(following) or origin_of(following) != origin_of(url):
        raise AnswerRefused("foreign_next_page")
    return following
