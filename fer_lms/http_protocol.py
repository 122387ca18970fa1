"""uvicorn's HTTP protocol with limits on what is received before a request reaches the application.

httptools collects request lines, headers, chunk extensions and trailers of any size, and uvicorn
waits for the end of a request for any time.
"""

import http
from asyncio import TimerHandle
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024
"""Request line and headers; also what comes between two pieces of a body, and trailers."""
CHUNK_BYTES: Final = 16 * 1024
"""Bytes that are parsed before they are counted."""
MAX_SILENCE_S: Final = 20.0
"""Time in which a head must be complete, and the next bytes of a body must arrive."""
MIN_BODY_BYTES_PER_S: Final = 1024
"""Average of a body beyond that time: what arrives in drops is stored for as long as it takes."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Refuses a large head with 431, and ends connections that begin a request and stop."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._uncounted_bytes = 0
        """Since the last head or piece of a body was complete."""
        self._receipt_timer: TimerHandle | None = None
        self._body_must_end_at = 0.0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._restart_receipt_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_receipt_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK_BYTES):
            if self._has_ended():
                return
            chunk = data[start : start + CHUNK_BYTES]
            self._uncounted_bytes += len(chunk)
            super().data_received(chunk)
            if self._uncounted_bytes > MAX_HEAD_BYTES:
                self._refuse_head()
        if self._receipt_timer is None and not (self._has_ended() or self._is_responding()):
            self._restart_receipt_timer()  # line ends before a head, which begin no message

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._restart_receipt_timer()

    def on_headers_complete(self) -> None:
        self._uncounted_bytes = 0
        self._restart_receipt_timer()
        self._body_must_end_at = self.loop.time() + MAX_SILENCE_S
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._uncounted_bytes = 0
        self._body_must_end_at += len(body) / MIN_BODY_BYTES_PER_S
        left_s = self._body_must_end_at - self.loop.time()
        self._restart_receipt_timer(min(MAX_SILENCE_S, max(0.0, left_s)))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._uncounted_bytes = 0
        self._stop_receipt_timer()
        super().on_message_complete()

    def _has_ended(self) -> bool:
        """Return whether the connection is closed, or that of a WebSocket, which has own limits."""
        return self.transport.is_closing() or self.transport.get_protocol() is not self

    def _is_responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse_head(self) -> None:
        if not self._is_responding():
            status = http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            lines = (f"HTTP/1.1 {status.value} {status.phrase}", "connection: close")
            self.transport.write("\r\n".join((*lines, "content-length: 0", "", "")).encode())
        self.transport.close()

    def _restart_receipt_timer(self, delay_s: float | None = None) -> None:
        self._stop_receipt_timer()
        delay_s = MAX_SILENCE_S if delay_s is None else delay_s
        self._receipt_timer = self.loop.call_later(delay_s, self._end_if_silent)

    def _stop_receipt_timer(self) -> None:
        if self._receipt_timer is not None:
            self._receipt_timer.cancel()
            self._receipt_timer = None

    def _end_if_silent(self) -> None:
        self._receipt_timer = None
        is_awaited = not self._is_responding() or self.cycle.more_body
        if self.flow.read_paused or not is_awaited:
            self._body_must_end_at = max(self._body_must_end_at, self.loop.time() + MAX_SILENCE_S)
            self._restart_receipt_timer()
        else:
            self.transport.close()
