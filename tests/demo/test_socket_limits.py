"""Sockets of the demonstration accept connections from this machine only."""

from typing import Any

import pytest

from fer_lms.demo.middleware import LocalOnlySocketMiddleware


async def accept(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})


@pytest.mark.parametrize(
    ("headers", "enters"),
    [
        ([(b"host", b"localhost:8000")], True),
        ([(b"host", b"127.0.0.1:8000")], True),
        ([(b"host", b"school.example")], False),
        ([(b"host", b"localhost.example")], False),
        ([], False),
        ([(b"host", b"localhost"), (b"x-forwarded-for", b"10.1.1.1")], False),
        ([(b"host", b"localhost"), (b"forwarded", b"for=10.1.1.1")], False),
    ],
)
async def test_socket_origin(headers: list[tuple[bytes, bytes]], enters: bool) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await LocalOnlySocketMiddleware(accept)({"type": "websocket", "headers": headers}, None, send)
    assert sent == [{"type": "websocket.accept" if enters else "websocket.close"}]
