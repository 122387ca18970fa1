"""Simulated learner: opens a capture socket, sends frames, records the server's messages."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from fer_lms.streaming.wire.messages import HEADER, MAGIC, SUBPROTOCOL, TICKET_PREFIX, VERSION
from tests.bench.load.demo_client import DemoClient

DRAIN_TIMEOUT_S = 15
"""After the last frame; no frame is in flight for longer."""
WELCOME_TIMEOUT_S = 30
FLAGS_VISIBLE_AND_FOCUSED = 3


@dataclass
class LearnerLog:
    """Messages that one learner sent and received."""

    sent_at: dict[int, float] = field(default_factory=dict)
    """Unix time of each frame by `seq`."""
    reading_ms: list[float] = field(default_factory=list)
    """From the sending of a frame to the arrival of its reading."""
    qualities: Counter[str] = field(default_factory=Counter)
    ack: dict[str, Any] = field(default_factory=dict)
    """The newest one."""
    clock_offset_s: float = 0.0
    """Server's clock minus this one, network delay not subtracted."""
    error: str = ""
    """Why the socket closed, unless this learner closed it."""

    @property
    def is_complete(self) -> bool:
        """Every frame was received by the server and none is in flight."""
        return self.ack.get("received") == len(self.sent_at) and self.ack.get("in_flight") == 0

    def record(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "reading":
                self.reading_ms.append((time.time() - self.sent_at[message["seq"]]) * 1000)
                self.qualities[message["quality"]] += 1
            case "ack":
                self.ack = message
            case "welcome":
                self.clock_offset_s = message["server_ms"] / 1000 - time.time()
            case "error":
                self.error = f"{message['reason']}: {message['detail']}"


class LearnerClient:
    """Joins, streams and leaves once. Errors are recorded in `log.error`, not raised."""

    def __init__(self, demo: DemoClient, frames: Sequence[bytes], fps: float) -> None:
        self.demo = demo
        self.frames = frames
        self.log = LearnerLog()
        self._next_frame = cycle(frames)
        self._max_fps = self._fps = fps
        self._next_seq = 1
        self._socket: ClientConnection | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._welcomed = asyncio.Event()
        self._log_changed = asyncio.Event()

    async def join(self) -> None:
        """Open the socket with a new ticket and wait for `welcome`. Raises DemoError."""
        ticket = await asyncio.to_thread(self.demo.create_ticket)
        protocols: Any = [SUBPROTOCOL, TICKET_PREFIX + ticket["ticket"]]
        try:
            self._socket = await connect(
                ticket["url"],
                subprotocols=protocols,
                max_queue=None,
                open_timeout=WELCOME_TIMEOUT_S,
            )
            self._receiving = asyncio.create_task(self._receive(self._socket))
            await asyncio.wait_for(self._welcomed.wait(), WELCOME_TIMEOUT_S)
        except (WebSocketException, OSError, TimeoutError) as error:
            self._record_error(error)

    async def stream(self, delay_s: float, seconds: float) -> None:
        """Send frames for so many seconds, the first one after `delay_s`."""
        await asyncio.sleep(delay_s)
        send_at = started = time.monotonic()
        while send_at < started + seconds and self._socket is not None and not self.log.error:
            await asyncio.sleep(max(0.0, send_at - time.monotonic()))
            await self._send_frame(self._socket)
            send_at += 1 / self._fps

    async def leave(self) -> None:
        """Wait until no frame is in flight, then close the socket."""
        await self._wait_until_complete()
        if self._receiving is not None:
            self._receiving.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def _send_frame(self, socket: ClientConnection) -> None:
        seq, self._next_seq = self._next_seq, self._next_seq + 1
        captured_ms = time.monotonic_ns() // 1_000_000
        header = HEADER.pack(MAGIC, VERSION, FLAGS_VISIBLE_AND_FOCUSED, seq, captured_ms)
        self.log.sent_at[seq] = time.time()
        try:
            await socket.send(header + next(self._next_frame))
        except ConnectionClosed as error:
            self._record_error(error)

    async def _receive(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self._handle_message(json.loads(text))
        except ConnectionClosed as error:
            self._record_error(error)
        self.log.error = self.log.error or "the server closed the socket"
        self._log_changed.set()

    def _handle_message(self, message: dict[str, Any]) -> None:
        self.log.record(message)
        match message["type"]:
            case "welcome":
                self._next_seq = message["next_seq"]
                self._welcomed.set()
            case "rate":
                self._fps = min(self._max_fps, message["target_fps"])
            case "ack":
                self._log_changed.set()

    async def _wait_until_complete(self) -> None:
        deadline = time.monotonic() + DRAIN_TIMEOUT_S
        while not self.log.is_complete and not self.log.error:
            self._log_changed.clear()
            try:
                await asyncio.wait_for(self._log_changed.wait(), deadline - time.monotonic())
            except TimeoutError:
                return

    def _record_error(self, error: Exception) -> None:
        self.log.error = self.log.error or str(error) or type(error).__name__
