"""Limits on what a connection sends before its request reaches the application, over a socket."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from fer_lms import http_protocol
from fer_lms.http_protocol import MAX_HEAD_BYTES
from fer_lms.web_server import build_config
from tests.servers import running_in_a_thread

GET = b"GET / HTTP/1.1\r\nHost: test\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
MUCH = 500 * MAX_HEAD_BYTES
BODY = b"a" * 300_000


async def read_body(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the number of bytes in the body, as Django reads it."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    await asyncio.sleep(0.3 if scope["path"] == "/slow" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d bytes" % length})


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], socket.socket]]:
    monkeypatch.setattr(http_protocol, "MAX_SILENCE_S", 0.2)
    monkeypatch.setattr(http_protocol, "MIN_BODY_BYTES_PER_S", 5_000)
    config = build_config(host="127.0.0.1", port=0)
    config.app, config.interface = read_body, "asgi3"
    with running_in_a_thread(uvicorn.Server(config)) as port:
        yield lambda: socket.create_connection(("127.0.0.1", port), timeout=10)


def receive_all(connection: socket.socket) -> bytes:
    """Return everything until the server closes; a reset after unread bytes is a close."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    return received


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (GET, b"Name: value\r\n"),
        (GET + b"Name: ", b"v" * 1000),
        (GET, b"n" * 1000),
        (b"GET /", b"p" * 1000),
        (CHUNKED + b"5;", b"e" * 1000),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"Name: value\r\n"),
    ],
    ids=["headers", "value", "name", "address", "chunk extension", "trailers"],
)
def test_endless_head_is_refused(
    connect: Callable[[], socket.socket], start: bytes, piece: bytes
) -> None:
    with connect() as connection:
        sent = 0
        with contextlib.suppress(ConnectionError):
            connection.sendall(start)
            while sent < MUCH:
                connection.sendall(piece * 20)
                sent += len(piece) * 20
        answer = receive_all(connection)
    assert not answer or answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert sent < MUCH


def test_refusal_names_its_reason(connect: Callable[[], socket.socket]) -> None:
    with connect() as connection:
        connection.sendall(GET + b"Name: " + b"v" * MAX_HEAD_BYTES)
        assert receive_all(connection).startswith(b"HTTP/1.1 431 Request Header Fields Too Large")


@pytest.mark.parametrize(
    "start", [b"", GET, CHUNKED, CHUNKED + b"5\r\nab", b"\r\n"], ids=lambda start: repr(start[-9:])
)
def test_silent_connection_is_ended(connect: Callable[[], socket.socket], start: bytes) -> None:
    with connect() as connection:
        connection.sendall(start)
        begun = time.monotonic()
        assert receive_all(connection) == b""
        assert time.monotonic() - begun < 5


UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"Content-Length: 4\r\n\r\nabcd", 400),
        (b"Content-Length: 4\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 400),
        (b"Name: value\r\n" * 200 + b"\r\n", 431),
        (b"Cookie: " + b"c" * 20_000 + b"\r\n\r\n", 431),
        (b"Sec-WebSocket-Protocol: ,\r\n\r\n", 400),
    ],
    ids=["body", "no body", "chunks", "many headers", "long header", "protocols"],
)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_unusable_handshake_is_answered(
    connect: Callable[[], socket.socket], method: bytes, lines: bytes, status: int
) -> None:
    """The parser of WebSockets refuses more than that of HTTP."""
    with connect() as connection:
        connection.sendall(GET.replace(b"GET", method) + UPGRADE + lines)
        answer = receive_all(connection)
    assert int(answer.split()[1]) in (status, 405)


def test_head_sent_in_drops_is_ended(connect: Callable[[], socket.socket]) -> None:
    with connect() as connection:
        connection.sendall(GET)
        sent = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                sent += connection.send(b"A: b\r\n")
                time.sleep(0.05)
    assert sent < 600


def test_requests_within_the_limits_are_answered(connect: Callable[[], socket.socket]) -> None:
    """Large bodies, tiny chunks, answers that take long, and several requests of a connection."""
    last = b"Connection: close\r\n\r\n"
    length = b"Content-Length: %d\r\n" % len(BODY)
    chunks = b"1\r\na\r\n" * 90_000 + b"0\r\nTrailer: x\r\n\r\n"
    requests = {
        GET.replace(b"GET", b"POST") + length + last + BODY: b"300000 bytes",
        CHUNKED + chunks + GET + last: b"90000 bytes",
        GET + b"Cookie: " + b"c" * (MAX_HEAD_BYTES - 200) + b"\r\n" + last: b"0 bytes",
        GET.replace(b"/ ", b"/slow ") + last: b"0 bytes",
        (GET + b"\r\n") * 20 + GET + last: b"0 bytes",
    }
    for request, expected in requests.items():
        with connect() as connection:
            connection.sendall(request)
            assert expected in receive_all(connection), request[:50]


def test_body_may_arrive_slowly(connect: Callable[[], socket.socket]) -> None:
    with connect() as connection:
        connection.sendall(
            GET.replace(b"GET", b"POST") + b"Content-Length: 8000\r\nConnection: close\r\n\r\n"
        )
        for _ in range(8):
            connection.sendall(b"a" * 1000)
            time.sleep(0.08)
        assert b"8000 bytes" in receive_all(connection)


@pytest.mark.parametrize("head", [CHUNKED, GET.replace(b"GET", b"POST")], ids=["chunks", "length"])
def test_body_sent_in_drops_is_ended(connect: Callable[[], socket.socket], head: bytes) -> None:
    """No pause is long, but the body would never end."""
    drop = b"1\r\na\r\n" if head == CHUNKED else b"a"
    with connect() as connection:
        connection.sendall(head if head == CHUNKED else head + b"Content-Length: 1000\r\n\r\n")
        sent = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                connection.sendall(drop)
                sent += 1
                time.sleep(0.05)
        assert receive_all(connection) == b""
    assert sent < 100
