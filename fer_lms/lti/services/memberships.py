"""Membership containers of a course (LTI Names and Role Provisioning Services 2.0)."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

from fer_lms.lti.models import Platform, parse_origin
from fer_lms.lti.protocol.claims import ID_PATTERN
from fer_lms.lti.services.access_tokens import request_access_token
from fer_lms.outbound import Limits, OutboundError, Response, ResponseRefused, fetch
from fer_lms.outbound_network import Unreachable

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PAGE_SIZE = 200
"""The `limit` requested; platforms may ignore it."""
LIMITS = Limits(connect_timeout_s=3, read_timeout_s=10, total_timeout_s=20, max_bytes=8 * 2**20)
MAX_PAGES = 1000
MAX_MEMBERS = 50_000
MAX_DURATION_S = 300.0
MAX_ATTEMPTS = 3
MAX_RETRY_DELAY_S = 30.0
RETRYABLE_STATUSES = {429, 500, 502, 503, 504}
NEXT_LINK = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel\s*=\s*"?next"?', re.IGNORECASE)
MAX_NAME_LENGTH = 150

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Member:
    """An active member of a platform's course."""

    sub: str
    roles: tuple[str, ...]
    given_name: str = ""
    family_name: str = ""


def fetch_members(platform: Platform, url: str, *, sleep: Sleep = time.sleep) -> dict[str, Member]:
    """Fetch all active members of a course by the platform's user id.

    Args:
        platform: The platform whose membership service is called.
        url: The context's `context_memberships_url`.
        sleep: Waits between attempts; replaced in tests.

    Raises:
        OutboundError: A page could not be fetched, or the list is empty. An empty list would
            end all enrolments, so it is treated as an error of the platform.
    """
    members: dict[str, Member] = {}
    deadline = time.monotonic() + MAX_DURATION_S
    for page in _fetch_pages(platform, _add_limit(url), deadline, sleep):
        members |= {member.sub: member for member in page}
        if len(members) > MAX_MEMBERS:
            raise ResponseRefused("too_many_members")
    if not members:
        raise ResponseRefused("empty_roster")
    return members


def _fetch_pages(
    platform: Platform, url: str, deadline: float, sleep: Sleep
) -> Iterator[list[Member]]:
    token = request_access_token(platform)
    visited: set[str] = set()
    while url:
        if url in visited or len(visited) >= MAX_PAGES:
            raise ResponseRefused("pages_without_end")
        if time.monotonic() > deadline:
            raise Unreachable("time_out")
        visited.add(url)
        response = _fetch_page(platform, url, token, sleep)
        yield parse_members(response.json())
        url = _parse_next_url(response, url)


def _fetch_page(platform: Platform, url: str, token: str, sleep: Sleep) -> Response:
    headers = {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {token}"}
    attempt = 1
    while True:
        try:
            return fetch(url, local=platform.local, headers=headers, limits=LIMITS)
        except OutboundError as error:
            if attempt == MAX_ATTEMPTS or not _is_retryable(error):
                raise
            retry_after = error.retry_after if isinstance(error, ResponseRefused) else None
            sleep(min(max(2.0**attempt, retry_after or 0.0), MAX_RETRY_DELAY_S))
        attempt += 1


def _is_retryable(error: OutboundError) -> bool:
    if isinstance(error, ResponseRefused):
        return error.status in RETRYABLE_STATUSES
    return isinstance(error, Unreachable)


def parse_members(page: Any) -> list[Member]:
    """Return a membership container's active members; raise ResponseRefused if it is malformed."""
    rows = page.get("members") if isinstance(page, dict) else None
    if not isinstance(rows, list):
        raise ResponseRefused("no_members")
    members = []
    for row in rows:
        if not isinstance(row, dict):
            raise ResponseRefused("member_is_no_object")
        if row.get("status", "Active") == "Active":
            members.append(_parse_member(row))
    return members


def _parse_member(row: dict[str, Any]) -> Member:
    sub, roles = row.get("user_id"), row.get("roles", [])
    if not isinstance(sub, str) or not ID_PATTERN.fullmatch(sub):
        raise ResponseRefused("member_without_id")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ResponseRefused("member_without_roles")
    given_name, family_name = _parse_name(row, "given_name"), _parse_name(row, "family_name")
    return Member(sub, tuple(roles), given_name, family_name)


def _parse_name(row: dict[str, Any], field: str) -> str:
    value = row.get(field)
    return value[:MAX_NAME_LENGTH] if isinstance(value, str) and value.isprintable() else ""


def _add_limit(url: str) -> str:
    """Add the `limit` parameter, unless the platform's URL has one."""
    parts = urlsplit(url)
    if "limit" in parse_qs(parts.query):
        return url
    query = f"{parts.query}&limit={PAGE_SIZE}" if parts.query else f"limit={PAGE_SIZE}"
    return urlunsplit(parts._replace(query=query, fragment=""))


def _parse_next_url(response: Response, url: str) -> str:
    """Return the `rel=next` link (RFC 8288); only of the same origin, as it receives the token."""
    match = NEXT_LINK.search(response.headers.get("link", ""))
    if match is None:
        return ""
    next_url = urljoin(url, str(match.group(1)))
    if not parse_origin(next_url) or parse_origin(next_url) != parse_origin(url):
        raise ResponseRefused("foreign_next_page")
    return next_url
