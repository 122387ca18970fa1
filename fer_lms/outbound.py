"""Requests to URLs that others provide: key sets, rosters, registrations, statements.

Such a URL must not reach the institution's own network (SSRF), block a process or fill its memory.
Therefore: https only, public addresses only (the connection uses the address that was checked, so
that DNS rebinding has no effect), no redirects, a limit on bytes, and one deadline from the name
resolution to the last byte.

`local=True`, for a platform that an administrator registered as local, also allows plain http and
addresses of this machine and its private network; never link-local ones, which cloud
providers use for credentials.

    OutboundError             .reason: a short identifier for logs
     |- AddressRefused        no request was sent
     |- Unreachable           no complete response in time; may be retried
     `- ResponseRefused       a response other than the expected one; .status, .retry_after
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

MAX_URL_CHARACTERS = 2048


class ResponseRefused(OutboundError):
    """A response was received, but not the expected one."""

    def __init__(self, reason: str, *, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs and maximal size of one response."""

    connect_timeout_s: float = 3.0
    read_timeout_s: float = 4.0
    total_timeout_s: float = 8.0
    max_bytes: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Parse the body, whatever its media type. Raises ResponseRefused.

        Moodle sends access tokens as `text/html`, and file servers send key sets as `text/plain`
        or `application/octet-stream`.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ResponseRefused("not_json", status=self.status) from error


def fetch(
    url: str,
    *,
    local: bool = False,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: Limits | None = None,
) -> Response:
    """Send one request and return a response of status 2xx.

    Raises:
        OutboundError: Anything else happened.
    """
    limits = limits or Limits()
    target = parse_url(url, local=local)
    network = CheckedNetwork(local=local, deadline=time.monotonic() + limits.total_timeout_s)
    all_headers = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    timeouts = {
        "connect": limits.connect_timeout_s,
        "read": limits.read_timeout_s,
        "write": limits.read_timeout_s,
        "pool": limits.connect_timeout_s,
    }
    try:
        with (
            httpcore.ConnectionPool(ssl_context=get_tls_context(), network_backend=network) as pool,
            pool.stream(
                method,
                target,
                headers=[(b"Host", _build_host(target)), *_encode_headers(all_headers)],
                content=body or None,
                extensions={"timeout": timeouts},
            ) as response,
        ):
            return _read_response(response, limits.max_bytes)
    except httpcore.TimeoutException as error:
        raise Unreachable("time_out") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Unreachable("no_connection") from error


def fetch_json(url: str, *, local: bool = False, limits: Limits | None = None) -> Any:
    """Return the parsed JSON of a response. Raises OutboundError."""
    return fetch(url, local=local, limits=limits).json()


def parse_url(url: str, *, local: bool = False) -> httpcore.URL:
    """Parse a URL without resolving it. Raises AddressRefused if its form is not allowed."""
    has_forbidden_character = any(char <= " " or char in "\x7f\\" for char in url)
    if len(url) > MAX_URL_CHARACTERS or not url.isascii() or has_forbidden_character:
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
def get_tls_context() -> SSLContext:
    """Trust the certificate authorities of the system, or those of SSL_CERT_FILE."""
    return create_default_context()


def _read_response(response: httpcore.Response, max_bytes: int) -> Response:
    headers = _join_headers(response)
    if 300 <= response.status < 400:
        raise ResponseRefused("redirect", status=response.status)
    if not 200 <= response.status < 300:
        retry_after = _parse_retry_after(headers.get("retry-after"))
        raise ResponseRefused("status", status=response.status, retry_after=retry_after)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ResponseRefused("encoded", status=response.status)
    return Response(response.status, headers, _read_body(response, headers, max_bytes))


def _join_headers(response: httpcore.Response) -> dict[str, str]:
    """Return the headers by lower-case name, repeated ones as a list (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _read_body(response: httpcore.Response, headers: Mapping[str, str], max_bytes: int) -> bytes:
    content_length = headers.get("content-length", "")
    if content_length.isdecimal() and int(content_length) > max_bytes:
        raise ResponseRefused("too_large", status=response.status)
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > max_bytes:
            raise ResponseRefused("too_large", status=response.status)
    return bytes(body)


def _parse_retry_after(retry_after: str | None) -> float | None:
    """Parse seconds; a date is ignored."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else None


def _build_host(url: httpcore.URL) -> bytes:
    host = b"[%b]" % url.host if b":" in url.host else url.host
    return host if url.port is None else b"%b:%d" % (host, url.port)


def _encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
