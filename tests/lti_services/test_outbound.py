"""Requests to servers named by others are bounded and reach public addresses only."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fer_lms.outbound import (
    Limits,
    OutboundError,
    ResponseRefused,
    fetch,
    fetch_json,
    get_tls_context,
    parse_url,
)
from fer_lms.outbound_network import is_allowed_address
from tests.lti_services.hostile import HostileServer, free_port, hostile_server

SHORT = Limits(connect_timeout_s=1, read_timeout_s=1, total_timeout_s=2, max_bytes=65536)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


def refusal(url: str, *, local: bool = True) -> str:
    with pytest.raises(OutboundError) as caught:
        fetch_json(url, local=local, limits=SHORT)
    return caught.value.reason


def test_valid_response(server: HostileServer) -> None:
    assert fetch_json(f"{server.url}/good", local=True) == {"keys": []}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/silent", "time_out"),
        ("/drip-head", "time_out"),
        ("/drip-body", "time_out"),
        ("/huge", "too_large"),
        ("/announced-huge", "too_large"),
        ("/huge-head", "no_connection"),
        ("/redirect", "redirect"),
        ("/error", "status"),
        ("/page", "not_json"),
        ("/gzip", "encoded"),
        ("/nonsense", "not_json"),
        ("/deep", "not_json"),
        ("/cut", "no_connection"),
        ("/no-http", "no_connection"),
    ],
)
def test_hostile_responses_are_refused(server: HostileServer, path: str, reason: str) -> None:
    assert refusal(f"{server.url}{path}") == reason


@pytest.mark.parametrize("path", ["/html", "/plain", "/bytes", "/no-type", "/mark"])
def test_json_of_any_media_type_is_parsed(server: HostileServer, path: str) -> None:
    assert fetch_json(f"{server.url}{path}", local=True) == {"keys": []}


def test_repeated_headers_are_joined(server: HostileServer) -> None:
    response = fetch(f"{server.url}/two-links", local=True)
    assert response.headers["link"] == '</a>; rel="differences", </b>; rel="next"'


def test_redirect_is_not_followed(server: HostileServer) -> None:
    before = len(server.requested_paths)
    refusal(f"{server.url}/redirect")
    assert server.requested_paths[before:] == ["/redirect"]


def test_retry_after_is_returned(server: HostileServer) -> None:
    with pytest.raises(OutboundError) as caught:
        fetch(f"{server.url}/error", local=True)
    assert isinstance(caught.value, ResponseRefused)
    assert (caught.value.status, caught.value.retry_after) == (503, 7.0)


def test_loopback_needs_local(server: HostileServer) -> None:
    port = server.server_address[1]
    before = len(server.requested_paths)
    assert refusal(f"http://127.0.0.1:{port}/good", local=False) == "not_https"
    for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]", "2130706433"):
        assert refusal(f"https://{host}:{port}/good", local=False) == "forbidden_address"
    assert server.requested_paths[before:] == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://lms.example/keys",
        "file:///etc/passwd",
        "https://",
        "https:///keys",
        "https://user:secret@lms.example/",
        "https://lms.example:port/",
        "https://lms.example/\r\nHost: other",
        "https://lms.example\\@other/",
        "https://lms.exämple/",
        "https://lms.example/" + "a" * 3000,
        "//lms.example/keys",
        "",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    assert refusal(url) in {"not_https", "malformed_url"}


@pytest.mark.parametrize(
    ("address", "public", "local"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.0.10", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::169.254.169.254", False, False),
        ("2002:a9fe:a9fe::", False, False),
        ("fec0::1", False, False),
        ("64:ff9b:1::a00:1", False, False),
        ("::a00:1", False, False),
        ("5f00::1", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("240.0.0.1", False, False),
        ("255.255.255.255", False, False),
        ("100.64.0.1", False, False),
    ],
)
def test_address_permissions(address: str, public: bool, local: bool) -> None:
    parsed = ipaddress.ip_address(address)
    assert is_allowed_address(parsed, local=False) is public
    assert is_allowed_address(parsed, local=True) is local


def answers(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> list[str]:
    """Fake name resolution: each look-up returns the next list of addresses."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **named: Any) -> list[Any]:
        if host[0].isdecimal():
            return list(real(host, port, *args, **named))
        looked_up.append(host)
        found = rounds[min(len(looked_up), len(rounds)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr("fer_lms.outbound_network.socket.getaddrinfo", look_up)
    return looked_up


def test_any_forbidden_address_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["93.184.216.34", "10.0.0.7"])
    assert refusal("https://lms.example/keys", local=False) == "forbidden_address"


def test_checked_address_is_connected_to(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding has no effect."""
    looked_up = answers(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    url = f"http://lms.example:{server.server_address[1]}/good"
    assert fetch_json(url, local=True, limits=SHORT) == {"keys": []}
    assert looked_up == ["lms.example"]


def test_slow_name_server_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(
        "fer_lms.outbound_network.socket.getaddrinfo", lambda *_, **__: answered.wait(60) and []
    )
    assert refusal("https://lms.example/keys") == "time_out"
    answered.set()


def test_unknown_name_and_closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(f"http://127.0.0.1:{free_port()}/") == "no_connection"
    answers(monkeypatch, [])
    assert refusal("https://lms.example/keys") == "unknown_name"


def test_certificates_are_verified(server: HostileServer) -> None:
    """A plain http server is refused under https; the TLS context checks host names."""
    assert refusal(server.url.replace("http:", "https:") + "/good") == "no_connection"
    assert get_tls_context().verify_mode is ssl.CERT_REQUIRED
    assert get_tls_context().check_hostname


def test_url_keeps_port_and_query() -> None:
    url = parse_url("https://lms.example:8443/keys?site=1#part")
    assert (url.host, url.port, url.target) == (b"lms.example", 8443, b"/keys?site=1")
