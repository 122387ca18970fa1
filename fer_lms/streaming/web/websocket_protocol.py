"""uvicorn's WebSocket protocol with a limit on frames of every kind.

Pings, pongs and fragments never reach the application, so that only the protocol can count them.
Used as `uvicorn --ws fer_lms.streaming.web.websocket_protocol:LimitedWebSocketProtocol`.
"""

import contextlib
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame
from websockets.protocol import State

from fer_lms.streaming.web.clock import now_ms
from fer_lms.streaming.web.pacing import TokenBucket
from fer_lms.streaming.wire.messages import CLOSE_TOO_FAST

MAX_FRAMES_PER_S = 50
"""A page sends about six; browsers may divide a message into a few fragments."""
LINGER_S = 2.0
"""Time in which a client can receive the close."""
CHUNK_BYTES = 8 * 1024
"""Bytes that are parsed before frames are counted: a frame has two bytes or more."""
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class LimitedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Closes a socket with 4429 whose frames, of any kind, come too fast for too long."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_ended = False
        self._bucket = TokenBucket(
            rate=MAX_FRAMES_PER_S, burst=4 * MAX_FRAMES_PER_S, now_ms=now_ms()
        )

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK_BYTES):
            if self._is_ended or self.transport.is_closing():
                return
            super().data_received(data[start : start + CHUNK_BYTES])
            if self.conn.handshake_exc is not None:
                self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """Send the refusal of a handshake that the library could not parse.

        uvicorn would send nothing and leave the connection open for ever.
        """
        if not self.transport.is_closing():
            self.transport.write(b"".join(self.conn.data_to_send()) or BAD_REQUEST)
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """Pass on a message; close where a text is not UTF-8, which uvicorn logs as an error."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            if self.conn.state is State.OPEN:
                self.conn.send_close(CloseCode.INVALID_DATA)
                self.handle_parser_exception()
            else:  # not accepted yet, or closing
                self.transport.close()
        else:
            super().send_receive_event_to_app()

    def handle_events(self) -> None:
        now = now_ms()
        for event in self.conn.events:
            if isinstance(event, Frame):
                self._bucket.take(now)
        if self._bucket.is_exhausted:
            self._close_too_fast()
        else:
            super().handle_events()

    def _close_too_fast(self) -> None:
        """Send the close, read nothing more, and end the connection without a closing handshake.

        Ended at once, the client would receive a reset in place of the close.
        """
        with contextlib.suppress(InvalidState):  # closing already
            self.conn.send_close(CLOSE_TOO_FAST, "too_fast")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": CLOSE_TOO_FAST})
        self._is_ended = self.close_sent = True
        self.read_paused = False  # nothing resumes reading
        self.transport.pause_reading()
        if self.close_timer is None:
            self.close_timer = self.loop.call_later(LINGER_S, self.transport.close)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
