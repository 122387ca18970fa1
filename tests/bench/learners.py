"""Simulated learners: each a real socket that sends real faces and remembers what it was told."""

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

DRAIN_SECONDS = 15
"""How long after the last frame a learner waits for its fate; nothing is in flight for longer."""
WELCOME_SECONDS = 30
VISIBLE_AND_FOCUSED = 3


@dataclass
class Told:
    """What one learner sent, and what the server said about it."""

    sent_at: dict[int, float] = field(default_factory=dict)
    """seq -> Unix time"""
    reading_ms: list[float] = field(default_factory=list)
    """from a frame's sending to the arrival of its reading"""
    qualities: Counter[str] = field(default_factory=Counter)
    ack: dict[str, Any] = field(default_factory=dict)
    """the newest one"""
    clock_ahead: float = 0.0
    """seconds by which the server's clock is ahead of ours, the way to us not taken off"""
    trouble: str = ""
    """why the socket closed, where it was not this learner who closed it"""

    @property
    def settled(self) -> bool:
        """The server knows of every frame, and has said what became of each."""
        return self.ack.get("received") == len(self.sent_at) and self.ack.get("in_flight") == 0

    def hear(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "reading":
                self.reading_ms.append((time.time() - self.sent_at[message["seq"]]) * 1000)
                self.qualities[message["quality"]] += 1
            case "ack":
                self.ack = message
            case "welcome":
                self.clock_ahead = message["server_ms"] / 1000 - time.time()
            case "error":
                self.trouble = f"{message['reason']}: {message['detail']}"


class Learner:
    """Joins, streams, leaves. What went wrong stands in `told.trouble`; nothing is raised."""

    def __init__(self, frames: Sequence[bytes], fps: float) -> None:
        self.told = Told()
        self._frames = cycle(frames)
        self._wanted_fps = self._fps = fps
        self._next_seq = 1
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._welcomed = asyncio.Event()
        self._heard = asyncio.Event()

    async def join(self, ticket: dict[str, Any]) -> None:
        protocols: Any = [SUBPROTOCOL, TICKET_PREFIX + ticket["ticket"]]
        try:
            self._socket = await connect(
                ticket["url"], subprotocols=protocols, max_queue=None, open_timeout=WELCOME_SECONDS
            )
            self._listening = asyncio.create_task(self._listen(self._socket))
            await asyncio.wait_for(self._welcomed.wait(), WELCOME_SECONDS)
        except (WebSocketException, OSError, TimeoutError) as error:
            self._complain(error)

    async def stream(self, wait: float, seconds: float) -> None:
        """Send for so many seconds, the first frame after `wait`."""
        await asyncio.sleep(wait)
        due = started = time.monotonic()
        while due < started + seconds and self._socket is not None and not self.told.trouble:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._send_frame(self._socket)
            due += 1 / self._fps

    async def leave(self) -> None:
        """Wait for every frame's fate, then close the socket."""
        await self._wait_settled()
        if self._listening is not None:
            self._listening.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def _send_frame(self, socket: ClientConnection) -> None:
        seq, self._next_seq = self._next_seq, self._next_seq + 1
        captured_ms = time.monotonic_ns() // 1_000_000
        header = HEADER.pack(MAGIC, VERSION, VISIBLE_AND_FOCUSED, seq, captured_ms)
        self.told.sent_at[seq] = time.time()
        try:
            await socket.send(header + next(self._frames))
        except ConnectionClosed as error:
            self._complain(error)

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self._hear(json.loads(text))
        except ConnectionClosed as error:
            self._complain(error)
        if not self.told.trouble:
            self.told.trouble = "the server closed the socket"
        self._heard.set()

    def _hear(self, message: dict[str, Any]) -> None:
        self.told.hear(message)
        match message["type"]:
            case "welcome":
                self._next_seq = message["next_seq"]
                self._welcomed.set()
            case "rate":
                self._fps = min(self._wanted_fps, message["target_fps"])
            case "ack":
                self._heard.set()

    async def _wait_settled(self) -> None:
        """Until the last `ack` leaves nothing open; after DRAIN_SECONDS what is open shows."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while not self.told.settled and not self.told.trouble:
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), deadline - time.monotonic())
            except TimeoutError:
                return

    def _complain(self, error: Exception) -> None:
        self.told.trouble = self.told.trouble or str(error) or type(error).__name__
