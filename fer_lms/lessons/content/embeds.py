"""Embedded third-party pages and videos: pure functions for allowed hosts and addresses."""

import re
from collections.abc import Collection
from urllib.parse import SplitResult, parse_qs, urlsplit

EMBED_SANDBOX = "allow-scripts allow-same-origin allow-forms"
"""No pop-ups, top-level navigation or downloads. `allow-same-origin` refers to the embedded page;
the application's own hosts cannot be embedded."""

MAX_START_S = 24 * 3600
_START = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?", re.ASCII)
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{6,20}")


class EmbedError(ValueError):
    """The address cannot be embedded. `reason`: not_https, invalid_address or host_not_allowed."""

    def __init__(self, reason: str, host: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.host = host


def resolve_embed_url(url: str, *, allowed_hosts: Collection[str]) -> str:
    """Return the address to embed.

    Watch pages of known video sites are replaced by their embed pages.

    Raises:
        EmbedError: The address is invalid or its host is not allowed.
    """
    address = _to_embed_page(url.strip())
    parts = urlsplit(address)
    if parts.scheme != "https":
        raise EmbedError("not_https")
    if not parts.hostname or parts.username or parts.password or parts.port not in (None, 443):
        raise EmbedError("invalid_address")
    if parts.hostname not in allowed_hosts:
        raise EmbedError("host_not_allowed", parts.hostname)
    return address


def _to_embed_page(url: str) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it validates it
    except ValueError as error:
        raise EmbedError("invalid_address") from error
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.strip("/")
    video_id = ""
    if host in ("youtube.com", "m.youtube.com") and path == "watch":
        video_id = parse_qs(parts.query).get("v", [""])[0]
    elif host == "youtu.be":
        video_id = path
    elif host == "youtube.com" and path.startswith(("embed/", "shorts/")):
        video_id = path.split("/")[1]
    start = _parse_start(parts)
    if _VIDEO_ID.fullmatch(video_id):
        address = f"https://www.youtube-nocookie.com/embed/{video_id}"
        return f"{address}?start={start}" if start else address
    if host == "vimeo.com" and path.isdigit():
        address = f"https://player.vimeo.com/video/{path}?dnt=1"
        return f"{address}#t={start}s" if start else address
    return url


def _parse_start(parts: SplitResult) -> int:
    """Return the second at which a film starts: t=90, t=1m30s, start=90, #t=90s."""
    fields = parse_qs(parts.query) | parse_qs(parts.fragment)
    written = (fields.get("t") or fields.get("start") or fields.get("time_continue") or [""])[0]
    found = _START.fullmatch(written)
    if not written or found is None:
        return 0
    hours, minutes, seconds = (int(number or 0) for number in found.groups())
    return min(hours * 3600 + minutes * 60 + seconds, MAX_START_S)
