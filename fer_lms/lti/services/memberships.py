"""Membership containers of a course (LTI Names and Role Provisioning Services 2.0)."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

from fer_lms.display_text import clean_name
from fer_lms.lti.models import Platform, parse_origin
from fer_lms.lti.protocol.claims import ID_PATTERN, MAX_NAME_LENGTH
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
LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]*))?)*)')
RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)
"""A link and its relations in a Link header (RFC 8288, section 3); also in single quotes, since a
relation that is not recognised would end the list early and remove people."""

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Member:
    """An active member of a platform's course."""

    sub: str
    roles: tuple[str, ...]
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""


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
        for member in page:
            members[member.sub] = _merge(members.get(member.sub), member)
        if len(members) > MAX_MEMBERS:
            raise ResponseRefused("too_many_members")
    if not members:
        raise ResponseRefused("empty_roster")
    return members


def _merge(earlier: Member | None, member: Member) -> Member:
    """Join the roles of a person who is listed once for each section or role."""
    return replace(member, roles=(earlier.roles if earlier else ()) + member.roles)


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
    if rows is None and isinstance(page, dict) and "members" in page:
        rows = []  # an empty page
    if not isinstance(rows, list):
        raise ResponseRefused("no_members")
    members = []
    for row in rows:
        if not isinstance(row, dict):
            raise ResponseRefused("member_is_no_object")
        if _is_active(row.get("status")):
            members.append(_parse_member(row))
    return members


def _is_active(status: object) -> bool:
    """Return whether a member is active: also without a status, or as a URI of the vocabulary."""
    if status is None or status == "":
        return True
    return isinstance(status, str) and status.rpartition("#")[2].casefold() == "active"


def _parse_member(row: dict[str, Any]) -> Member:
    names = [
        clean_name(row.get(field), MAX_NAME_LENGTH)
        for field in ("given_name", "family_name", "name")
    ]
    return Member(_parse_sub(row), _parse_roles(row), *names)


def _parse_sub(row: dict[str, Any]) -> str:
    """Parse a user id, also one that the platform's database made a number."""
    sub = row.get("user_id")
    if isinstance(sub, int) and not isinstance(sub, bool):
        sub = str(sub)
    if not isinstance(sub, str) or not ID_PATTERN.fullmatch(sub):
        raise ResponseRefused("member_without_id")
    return sub


def _parse_roles(row: dict[str, Any]) -> tuple[str, ...]:
    """Parse the roles: a list, absent for none, or one text with commas."""
    roles = row.get("roles")
    if roles is None:
        return ()
    if isinstance(roles, str):
        roles = roles.split(",")
    if not isinstance(roles, list):
        raise ResponseRefused("member_without_roles")
    named = [role for role in roles if role is not None]
    if not all(isinstance(role, str) for role in named):
        raise ResponseRefused("member_without_roles")
    return tuple(role.strip() for role in named if role.strip())


def _add_limit(url: str) -> str:
    """Add the `limit` parameter, unless the platform's URL has one."""
    parts = urlsplit(url)
    if "limit" in parse_qs(parts.query):
        return url
    query = f"{parts.query}&limit={PAGE_SIZE}" if parts.query else f"limit={PAGE_SIZE}"
    return urlunsplit(parts._replace(query=query, fragment=""))


def _parse_next_url(response: Response, url: str) -> str:
    """Return the `rel=next` link; only of the same origin, as it receives the token.

    A platform behind a proxy may name its own address with `http:`: it is requested with `https:`.
    """
    target = _find_next_link(response.headers.get("link", ""))
    if target is None:
        return ""
    parts, current = urlsplit(urljoin(url, target)), urlsplit(url)
    if parts.scheme == "http" and current.scheme == "https" and parts.netloc == current.netloc:
        parts = parts._replace(scheme="https")
    next_url = urlunsplit(parts)
    if not parse_origin(next_url) or parse_origin(next_url) != parse_origin(url):
        raise ResponseRefused("foreign_next_page")
    return next_url


def _find_next_link(header: str) -> str | None:
    for match in LINK.finditer(header):
        relation = RELATION.search(match.group(2))
        if relation is None:
            continue
        names = (relation.group(1) or relation.group(2) or "").lower().replace("'", " ").split()
        if "next" in names:
            return match.group(1).strip()
    return None
