"""Requests to servers that somebody else named: key sets, rosters, registrations, statements.

Whoever names an address must not reach into the institution's own network with it, hold a process
up or fill its memory. So: https, addresses of the public internet only (the address that was
checked is the one connected to, so a name cannot change its mind in between), no redirect, a limit
on bytes, and one deadline over everything from the name's look-up to the last byte.

`local=True`, for a platform that an administrator registered as local, also permits plain http and
addresses of this machine and its private network; never link-local ones, where clouds keep secrets.

    OutboundError             .reason: a short word for logs, never for people
     |- AddressRefused        not asked at all
     |- Unreachable           asked, no whole answer in time; may be tried again
     `- AnswerRefused         answered, but not with what was asked for; .status, .retry_after
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ssl import SSLContext, create_default_context
from typing import Any
from urllib.parse import urlsplit

import httpcore

from fer_lms.outbound_network import AddressRefused as AddressRefused
from fer_lms.outbound_network import CheckedNetwork, Unreachable
from fer_lms.outbound_network import OutboundError as OutboundError

LONGEST_URL = 2048
JSON_TYPES = ("application/json", "+json")


class AnswerRefused(OutboundError):
    def __init__(self, reason: str, *, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    connect_seconds: float = 3.0
    read_seconds: float = 4.0
    total_seconds: float = 8.0
    most_bytes: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body, which must say that it is JSON and be it."""
        if not self.media_type.endswith(JSON_TYPES):
            raise AnswerRefused("not_json_type", status=self.status)
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise AnswerRefused("not_json", status=self.status) from error


def fetch(
    url: str,
    *,
    local: bool = False,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: Limits | None = None,
) -> Answer:
    """One request, one answer of status 2xx; everything else is an OutboundError."""
    limits = limits or Limits()
    target = checked_url(url, local=local)
    network = CheckedNetwork(local=local, deadline=time.monotonic() + limits.total_seconds)
    sent = {"Accept": "application/json", "Accept-Encoding": "identity"} | dict(headers or {})
    timeouts = {
        "connect": limits.connect_seconds,
        "read": limits.read_seconds,
        "write": limits.read_seconds,
        "pool": limits.connect_seconds,
    }
    try:
        with (
            httpcore.ConnectionPool(ssl_context=tls(), network_backend=network) as pool,
            pool.stream(
                method,
                target,
                headers=[(b"Host", _authority(target)), *_encoded(sent)],
                content=body or None,
                extensions={"timeout": timeouts},
            ) as response,
        ):
            return _accepted(response, limits.most_bytes)
    except httpcore.TimeoutException as error:
        raise Unreachable("time_out") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Unreachable("no_connection") from error


def fetch_json(url: str, *, local: bool = False, limits: Limits | None = None) -> Any:
    """The JSON that an address gives."""
    return fetch(url, local=local, limits=limits).json()


def checked_url(url: str, *, local: bool = False) -> httpcore.URL:
    """The address in parts, if it may be asked at all; looks nothing up."""
    if len(url) > LONGEST_URL or not url.isascii() or any(c <= " " or c in "\x7f\\" for c in url):
        raise AddressRefused("malformed_url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("malformed_url") from error
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise AddressRefused("not_https")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise AddressRefused("malformed_url")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore.URL(scheme=parts.scheme, host=parts.hostname, port=port, target=target)


@cache
def tls() -> SSLContext:
    """The system's certificate authorities, or those that SSL_CERT_FILE names."""
    return create_default_context()


def _accepted(response: httpcore.Response, most_bytes: int) -> Answer:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }
    if 300 <= response.status < 400:
        raise AnswerRefused("redirect", status=response.status)
    if not 200 <= response.status < 300:
        raise AnswerRefused(
            "status", status=response.status, retry_after=_seconds(headers.get("retry-after"))
        )
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise AnswerRefused("encoded", status=response.status)
    return Answer(response.status, headers, _limited_body(response, headers, most_bytes))


def _limited_body(
    response: httpcore.Response, headers: Mapping[str, str], most_bytes: int
) -> bytes:
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise AnswerRefused("too_large", status=response.status)
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > most_bytes:
            raise AnswerRefused("too_large", status=response.status)
    return bytes(body)


def _seconds(retry_after: str | None) -> float | None:
    """Seconds only; a date is treated as no wish."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else None


def _authority(url: httpcore.URL) -> bytes:
    host = b"[%b]" % url.host if b":" in url.host else url.host
    return host if url.port is None else b"%b:%d" % (host, url.port)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
