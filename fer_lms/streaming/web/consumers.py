"""The socket of `fer.capture.v1`: message type to method, everything else is in Connection.

Only what a page is told before it has an outbox is sent from here.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.conf import settings
from redis.exceptions import RedisError

from fer_lms import push
from fer_lms.streaming.web import metrics
from fer_lms.streaming.web.connection import Connection
from fer_lms.streaming.web.gateway import gateway
from fer_lms.streaming.web.outbox import Outbox
from fer_lms.streaming.web.tickets import Ticket, parse_ticket, ticket_key
from fer_lms.streaming.wire import messages
from fer_lms.streaming.wire.slots import (
    OWNER_SECONDS,
    Progress,
    owner_key,
    progress_key,
    unpack_progress,
)

log = structlog.get_logger(__name__)


class CaptureConsumer(AsyncConsumer):
    connection: Connection | None = None
    opening: "asyncio.Task[None] | None" = None
    running: "asyncio.Task[Any] | None" = None
    dropped = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Channels ends a consumer whose handler raises, and no disconnect is dispatched any more:
        # a connection left behind would be served for ever, so it leaves here, however it ends.
        self.running = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self.dropped:
                raise
        except OSError as error:  # the page was gone in the middle of a word
            log.info("page_gone", error=type(error).__name__)
        finally:
            await self._clean_up()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch closes old database connections in a thread before each message:
        # at 300 frames a second that costs more than the frames, and no handler here uses one.
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        offered = self.scope.get("subprotocols", [])
        if not origin_allowed(self.scope["headers"]) or messages.SUBPROTOCOL not in offered:
            await self._refuse()
            return
        try:
            ticket = await self._redeem(offered)
        except (RedisError, OSError):
            await self.send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
            await self._send_text(messages.encode("error", reason="busy", detail="Try again."))
            await self._close(messages.CLOSE_BUSY)
            return
        if ticket is None:
            await self._refuse()
            return
        await self._accept(ticket)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self.connection is None or self.connection.closed:
            return
        if (data := message.get("bytes")) is not None:
            self.connection.binary(data)
        elif (text := message.get("text")) is not None:
            await self.connection.text(text)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def participant_changed(self, message: dict[str, Any]) -> None:
        if self.connection is not None and not self.connection.closed:
            try:
                await self.connection.gateway.refresh()
            except Exception as error:  # whatever it was: the gateway goes on asking by itself
                log.warning("permits_not_read", error=type(error).__name__)

    session_changed = participant_changed

    async def hint_due(self, message: dict[str, Any]) -> None:
        if self.connection is not None:
            self.connection.gateway.hints.poke()

    async def participant_replaced(self, message: dict[str, Any]) -> None:
        """Another process took a newer socket of this participant."""
        connection = self.connection
        if connection is None or message["kind"] != connection.kind:
            return
        if message["by"] != connection.id.hex():
            connection.replaced()

    async def _redeem(self, offered: Iterable[str]) -> Ticket | None:
        """Use the ticket up; None where it is missing, used or expired."""
        for protocol in offered:
            if protocol.startswith(messages.TICKET_PREFIX):
                secret = protocol.removeprefix(messages.TICKET_PREFIX)
                stored: Any = await gateway().frames.getdel(ticket_key(secret))
                return parse_ticket(stored) if stored else None
        return None

    async def _accept(self, ticket: Ticket) -> None:
        await self.send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
        outbox = Outbox(self._send_text, self._close)
        self.connection = connection = Connection(ticket, gateway(), outbox, self._drop)
        metrics.SOCKETS.labels(kind=connection.kind).inc()
        # Opened beside the dispatch: a frame that comes before the welcome is refused, not kept.
        self.opening = asyncio.create_task(self._open(connection))

    async def _open(self, connection: Connection) -> None:
        try:
            progress = await self._take_over(connection)
            await connection.gateway.refresh()
        except Exception as error:  # a socket that cannot be opened says so, whatever it was
            log.warning("socket_not_opened", error=type(error).__name__)
            connection.fail_busy()
            return
        if not connection.closed:
            connection.welcome(progress)
            connection.gateway.hints.poke()

    async def _take_over(self, connection: Connection) -> Progress:
        """Become this participant's one socket of the kind; returns where the last one stopped."""
        for other in connection.gateway.others_of(connection.participant_id, connection.kind):
            other.replaced()
        connection.gateway.connections[connection.id] = connection
        redis = connection.gateway.frames
        await redis.set(
            owner_key(connection.participant_id, connection.mode), connection.id, ex=OWNER_SECONDS
        )
        await self._join_groups(connection)
        stored: Any = await redis.get(progress_key(connection.participant_id))
        return unpack_progress(stored)

    async def _join_groups(self, connection: Connection) -> None:
        group = push.participant_group(connection.participant_id)
        layer = self.channel_layer
        await layer.group_send(
            group,
            {
                "type": "participant.replaced",
                "kind": connection.kind,
                "by": connection.id.hex(),
            },
        )
        await layer.group_add(group, self.channel_name)
        await layer.group_add(push.session_group(connection.session_id), self.channel_name)

    def _drop(self) -> None:
        """End this socket from outside: its page cannot be told any more."""
        if self.connection is None or self.running is None or self.dropped:
            return
        self.dropped = self.connection.closed = True
        self.connection.gateway.leave(self.connection)
        self.running.cancel()

    async def _clean_up(self) -> None:
        if self.opening is not None:
            self.opening.cancel()
        connection, self.connection = self.connection, None
        if connection is None:
            return
        connection.closed = True
        connection.gateway.leave(connection)
        connection.outbox.end()
        metrics.SOCKETS.labels(kind=connection.kind).dec()
        await self._leave_groups(connection)

    async def _leave_groups(self, connection: Connection) -> None:
        try:
            layer = self.channel_layer
            await layer.group_discard(
                push.participant_group(connection.participant_id), self.channel_name
            )
            await layer.group_discard(push.session_group(connection.session_id), self.channel_name)
        except (RedisError, OSError):
            pass  # a gone Redis has forgotten the groups already

    async def _refuse(self) -> None:
        """Before acceptance a close is an HTTP 403."""
        await self.send({"type": "websocket.close"})

    async def _send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self.send({"type": "websocket.close", "code": code})


def origin_allowed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Ours, or one the administrator trusts. Without an Origin it is no browser: tickets decide."""
    found = {name: value.decode("latin-1") for name, value in headers}
    origin = found.get(b"origin")
    if origin is None:
        return True
    own = found.get(b"host", "")
    return origin in {f"http://{own}", f"https://{own}"} or origin in settings.CSRF_TRUSTED_ORIGINS
