"""Real servers for tests: the two Redis roles and the web process."""

import asyncio
import contextlib
import json
import struct
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import uvicorn
import websockets
from django.conf import settings
from websockets.asyncio.client import ClientConnection

from fer_lms.lessons.models import Participant
from fer_lms.stack import Stack
from fer_lms.streaming.web import gateway
from fer_lms.streaming.web.gateway import Gateway
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from fer_lms.web_server import build_config

IssueTicket = Callable[..., Awaitable[str]]


@contextlib.contextmanager
def redis_roles_running() -> Iterator[None]:
    """Start embedded Valkeys for the roles without a URL."""
    given = {}
    if not settings.EMBEDDED_FRAMES:
        given["FRAMES_REDIS_URL"] = settings.FRAMES_REDIS_URL
    if not settings.EMBEDDED_BROKER:
        given["BROKER_REDIS_URL"] = settings.BROKER_REDIS_URL
    with Stack(
        port=0,
        environment=given,
        run_dir=settings.RUN_DIR,
        log_dir=settings.VAR_DIR / "logs",
        frame_processes=1,
    ) as stack:
        stack.start_valkeys()
        yield


def empty_redis_roles() -> None:
    get_frames_redis().flushall()
    get_broker_redis().flushall()


@contextlib.contextmanager
def web_running() -> Iterator[str]:
    """Run the ASGI application with uvicorn in a thread; yield `127.0.0.1:port`."""
    config = build_config(host="127.0.0.1", port=0)
    config.timeout_graceful_shutdown = 2
    with running_in_a_thread(uvicorn.Server(config)) as port:
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def running_in_a_thread(server: uvicorn.Server) -> Iterator[int]:
    """Run a server in a thread; yield its port."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def find_gateway_of(participant: Participant) -> Gateway:
    """Return the gateway that serves this learner; an earlier server may still be stopping."""
    [serving] = [
        running
        for running in list(gateway._gateways.values())
        if any(item.participant_id == participant.pk for item in running.connections.values())
    ]
    return serving


class CaptureClient:
    """A client of `fer.capture.v1`, independent of the product's code."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.received: list[dict[str, Any]] = []

    async def next(self, kind: str, seconds: float = 5) -> dict[str, Any]:
        """Return the next message of a kind; all messages are appended to `received`."""
        deadline = time.monotonic() + seconds
        while True:
            left = max(0.01, deadline - time.monotonic())
            text = await asyncio.wait_for(self.socket.recv(), left)
            message: dict[str, Any] = json.loads(text)
            self.received.append(message)
            if message["type"] == kind:
                return message

    async def ack_where(self, **wanted: object) -> dict[str, Any]:
        """Return the first acknowledgement with these values."""
        while True:
            ack = await self.next("ack")
            if all(ack[name] == value for name, value in wanted.items()):
                return ack

    async def frame(self, seq: int, jpeg: bytes, *, captured_ms: int | None = None) -> None:
        captured = time.monotonic_ns() // 1_000_000 if captured_ms is None else captured_ms
        await self.socket.send(struct.pack(">HBBIQ", 0x4652, 1, 3, seq, captured) + jpeg)

    async def send(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def closed(self, seconds: float = 5) -> tuple[int, str]:
        """Wait for the close; return its code and the reason of the error before it."""
        reason = ""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                message = json.loads(await asyncio.wait_for(self.socket.recv(), seconds))
                self.received.append(message)
                reason = message.get("reason", reason)
        return self.socket.close_code or 0, reason


@contextlib.asynccontextmanager
async def capture_socket(
    address: str, ticket: str, *, origin: str | None = None
) -> AsyncIterator[CaptureClient]:
    """Open a socket with a ticket."""
    async with websockets.connect(
        f"ws://{address}/ws/capture/",
        subprotocols=["fer.capture.v1", f"ticket.{ticket}"],  # type: ignore[list-item]
        origin=origin,  # type: ignore[arg-type]
    ) as socket:
        yield CaptureClient(socket)
