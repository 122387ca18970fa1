"""The outgoing messages of one socket: a bounded queue and a writer task.

Code that serves many sockets calls only `put`, which neither waits nor fails. A browser that does
not read delays only the writer of its socket.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

MAX_QUEUED_MESSAGES = 64
"""Beyond a full network buffer: a browser that reads at all is never this far behind."""
MAX_WRITE_S = 10.0

Send = Callable[[str], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


class Outbox:
    """Must be created in the event loop of its socket, and stopped with it."""

    def __init__(self, send: Send, close: Close) -> None:
        self._send = send
        self._close = close
        self._queue: deque[str | int] = deque()
        self._has_messages = asyncio.Event()
        self._writing_since: float | None = None
        self._is_full = False
        self._writer = asyncio.create_task(self._write())

    def put(self, message: str | int) -> None:
        """Queue a text, or the code to close the socket with after the queued texts."""
        if len(self._queue) >= MAX_QUEUED_MESSAGES:
            self._is_full = True
            return
        self._queue.append(message)
        self._has_messages.set()

    @property
    def is_stalled(self) -> bool:
        """True where messages are no longer delivered, so that the socket has to be aborted."""
        since = self._writing_since
        return self._is_full or (since is not None and time.monotonic() - since > MAX_WRITE_S)

    def stop(self) -> None:
        """Stop the writer; queued messages are not sent."""
        self._writer.cancel()

    async def _write(self) -> None:
        while True:
            await self._has_messages.wait()
            self._has_messages.clear()
            # Stays set after a failed write, so that `is_stalled` becomes true even if the
            # server reports no disconnect.
            self._writing_since = time.monotonic()
            try:
                await self._write_queue()
            except Exception as error:  # depends on the ASGI server
                log.info("client_disconnected", error=type(error).__name__)
                return
            self._writing_since = None

    async def _write_queue(self) -> None:
        while self._queue:
            message = self._queue.popleft()
            if isinstance(message, int):
                await self._close(message)
            else:
                await self._send(message)
            self._writing_since = time.monotonic()
