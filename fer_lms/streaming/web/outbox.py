"""What one socket is still to be told: a short queue and one writer of its own.

Everything that serves many sockets only puts a message here, which neither waits nor fails. A
page that does not read holds up its own writer; a page that is gone ends it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

MOST_WAITING = 64
"""Messages behind a full network buffer: nobody who reads at all is so far behind."""
PATIENCE_SECONDS = 10.0
"""So long one message may wait for the network."""

Send = Callable[[str], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


class Outbox:
    """Made in the event loop of its socket, which `end` leaves without a writer."""

    def __init__(self, send: Send, close: Close) -> None:
        self._send = send
        self._close = close
        self._waiting: deque[str | int] = deque()
        self._something = asyncio.Event()
        self._writing_since: float | None = None
        self._overflown = False
        self._writer = asyncio.create_task(self._write())

    def put(self, message: str | int) -> None:
        """A text to send, or the code to close with after all that is waiting."""
        if len(self._waiting) >= MOST_WAITING:
            self._overflown = True
            return
        self._waiting.append(message)
        self._something.set()

    @property
    def given_up(self) -> bool:
        """Nothing gets through to this page any more: its connection is to be dropped."""
        since = self._writing_since
        return self._overflown or (
            since is not None and time.monotonic() - since > PATIENCE_SECONDS
        )

    def end(self) -> None:
        """What is still waiting is not sent."""
        self._writer.cancel()

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            # A write that fails leaves this set: the page is gone, and `given_up` says so in the
            # end should the server not have said it by a disconnect.
            self._writing_since = time.monotonic()
            try:
                await self._write_waiting()
            except Exception as error:  # whatever a server raises for a page that is gone
                log.info("page_gone", error=type(error).__name__)
                return
            self._writing_since = None

    async def _write_waiting(self) -> None:
        while self._waiting:
            message = self._waiting.popleft()
            if isinstance(message, int):
                await self._close(message)
            else:
                await self._send(message)
            self._writing_since = time.monotonic()
