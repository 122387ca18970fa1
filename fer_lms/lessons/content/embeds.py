"""Pages and films of others inside a step: from which hosts, and under which address. Pure."""

import re
from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

SANDBOX = "allow-scripts allow-same-origin allow-forms"
"""No pop-ups, no leaving the frame, no downloads. `allow-same-origin` is the origin of the page
that is shown, never ours: our own hosts are refused."""

_FILM = re.compile(r"[A-Za-z0-9_-]{6,20}")


class EmbedError(ValueError):
    """`reason`: not_https, no_host, host_not_allowed."""

    def __init__(self, reason: str, host: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.host = host


def resolve_embed_url(url: str, *, allowed_hosts: Collection[str]) -> str:
    """The address to show; what people copy from the address bar of a film site becomes the one
    that the site has for embedding."""
    address = _for_embedding(url.strip())
    parts = urlsplit(address)
    if parts.scheme != "https":
        raise EmbedError("not_https")
    if not parts.hostname or parts.username or parts.password or parts.port not in (None, 443):
        raise EmbedError("no_host")
    if parts.hostname not in allowed_hosts:
        raise EmbedError("host_not_allowed", parts.hostname)
    return address


def _for_embedding(url: str) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise EmbedError("no_host") from error
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.strip("/")
    film = ""
    if host in ("youtube.com", "m.youtube.com") and path == "watch":
        film = parse_qs(parts.query).get("v", [""])[0]
    elif host == "youtu.be":
        film = path
    elif host == "youtube.com" and path.startswith(("embed/", "shorts/")):
        film = path.split("/")[1]
    if _FILM.fullmatch(film):
        return f"https://www.youtube-nocookie.com/embed/{film}"
    if host == "vimeo.com" and path.isdigit():
        return f"https://player.vimeo.com/video/{path}?dnt=1"
    return url
