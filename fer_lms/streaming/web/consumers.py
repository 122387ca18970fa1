"""The WebSocket consumer of `fer.capture.v1`; the protocol itself is in Connection.

Messages are sent directly only until the connection has its outbox.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.conf import settings
from redis.exceptions import RedisError

from fer_lms import notifications
from fer_lms.streaming.web import metrics
from fer_lms.streaming.web.connection import Connection
from fer_lms.streaming.web.gateway import Gateway, get_gateway
from fer_lms.streaming.web.outbox import Outbox
from fer_lms.streaming.web.tickets import Ticket, build_ticket_key, parse_ticket
from fer_lms.streaming.wire import messages
from fer_lms.streaming.wire.slots import (
    OWNER_TTL_S,
    Progress,
    build_owner_key,
    build_progress_key,
    unpack_progress,
)

log = structlog.get_logger(__name__)


class CaptureConsumer(AsyncConsumer):
    """Accepts one socket, creates its Connection, and passes messages to it."""

    gateway: Gateway
    connection: Connection | None = None
    _opening_task: "asyncio.Task[None] | None" = None
    _consumer_task: "asyncio.Task[Any] | None" = None
    _is_aborted = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Channels ends a consumer whose handler raises, without dispatching a disconnect. The
        # connection is therefore removed here, however the consumer ends.
        self._consumer_task = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except RedisError:
            if hasattr(self, "channel_name"):
                raise
            # The channel layer subscribes before the handshake, and its connection was lost.
            self.base_send = send
            await self._refuse_as_busy()
        except asyncio.CancelledError:
            if not self._is_aborted:
                raise
        except OSError as error:
            log.info("client_disconnected", error=type(error).__name__)
        finally:
            await self._clean_up()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch closes old database connections in a thread before each message.
        # At 300 frames a second that costs more than the frames, and no handler here uses one.
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        offered = self.scope.get("subprotocols", [])
        if not is_origin_allowed(self.scope["headers"]) or messages.SUBPROTOCOL not in offered:
            await self._reject()
            return
        self.gateway = get_gateway()
        try:
            ticket = await self._redeem_ticket(offered)
        except (RedisError, OSError):
            await self._refuse_as_busy()
            return
        if ticket is None:
            await self._reject()
            return
        await self._accept(ticket)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self.connection is None or self.connection.is_closed:
            return
        if (data := message.get("bytes")) is not None:
            await self.connection.receive_frame(data)
        elif (text := message.get("text")) is not None:
            await self.connection.receive_text(text)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def participant_changed(self, message: dict[str, Any]) -> None:
        if self.connection is not None and not self.connection.is_closed:
            try:
                await self.gateway.refresh_permits()
            except Exception as error:  # the gateway reads them again by itself
                log.warning("permits_not_read", error=type(error).__name__)

    session_changed = participant_changed

    async def hint_due(self, message: dict[str, Any]) -> None:
        if self.connection is not None:
            self.gateway.hints.notify()

    async def participant_replaced(self, message: dict[str, Any]) -> None:
        """Close this socket if another process accepted a newer one of the participant."""
        connection = self.connection
        if connection is None or message["kind"] != connection.kind:
            return
        if message["by"] != connection.id.hex():
            connection.close_replaced()

    async def _redeem_ticket(self, offered: Iterable[str]) -> Ticket | None:
        """Consume the ticket; None if it is missing, used or expired."""
        for protocol in offered:
            if protocol.startswith(messages.TICKET_PREFIX):
                secret = protocol.removeprefix(messages.TICKET_PREFIX)
                stored: Any = await self.gateway.frames.getdel(build_ticket_key(secret))
                return parse_ticket(stored) if stored else None
        return None

    async def _refuse_as_busy(self) -> None:
        """Accept and close: scripts can read the code of a close, not the status of a handshake."""
        await self.send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
        await self._send_text(messages.encode_message("error", reason="busy", detail="Try again."))
        await self._close(messages.CLOSE_BUSY)

    async def _accept(self, ticket: Ticket) -> None:
        await self.send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
        outbox = Outbox(self._send_text, self._close)
        self.connection = connection = Connection(ticket, self.gateway, outbox, self._abort)
        metrics.SOCKETS.labels(kind=connection.kind).inc()
        # In a separate task, so that frames received before the welcome are refused, not queued.
        self._opening_task = asyncio.create_task(self._open(connection))

    async def _open(self, connection: Connection) -> None:
        try:
            progress = await self._take_over(connection)
            await self.gateway.refresh_permits()
        except Exception as error:  # Redis or the database is absent: the client reconnects
            log.warning("socket_not_opened", error=type(error).__name__)
            connection.close_busy()
            return
        if not connection.is_closed:
            connection.welcome(progress)
            self.gateway.hints.notify()

    async def _take_over(self, connection: Connection) -> Progress:
        """Replace the participant's other sockets of this kind; return where they stopped."""
        participant_id = connection.participant_id
        for other in self.gateway.list_connections(participant_id, connection.kind):
            other.close_replaced()
        self.gateway.connections[connection.id] = connection
        owner_key = build_owner_key(participant_id, connection.mode)
        await self.gateway.frames.set(owner_key, connection.id, ex=OWNER_TTL_S)
        await self._join_groups(connection)
        stored: Any = await self.gateway.frames.get(build_progress_key(participant_id))
        return unpack_progress(stored)

    async def _join_groups(self, connection: Connection) -> None:
        participant_group, session_group = _list_groups(connection)
        layer = self.channel_layer
        await layer.group_send(
            participant_group,
            {
                "type": "participant.replaced",
                "kind": connection.kind,
                "by": connection.id.hex(),
            },
        )
        await layer.group_add(participant_group, self.channel_name)
        await layer.group_add(session_group, self.channel_name)

    def _abort(self) -> None:
        """End this socket without a message to the browser."""
        if self.connection is None or self._consumer_task is None or self._is_aborted:
            return
        self._is_aborted = self.connection.is_closed = True
        self.gateway.remove(self.connection)
        self._consumer_task.cancel()

    async def _clean_up(self) -> None:
        if self._opening_task is not None:
            self._opening_task.cancel()
        connection, self.connection = self.connection, None
        if connection is None:
            return
        connection.is_closed = True
        self.gateway.remove(connection)
        connection.outbox.stop()
        metrics.SOCKETS.labels(kind=connection.kind).dec()
        try:
            for group in _list_groups(connection):
                await self.channel_layer.group_discard(group, self.channel_name)
        except (RedisError, OSError):
            pass  # a Redis that is unreachable or was restarted has no groups

    async def _reject(self) -> None:
        """Close before acceptance, which is an HTTP 403."""
        await self.send({"type": "websocket.close"})

    async def _send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self.send({"type": "websocket.close", "code": code})


def is_origin_allowed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether the Origin is this host or a trusted one; only browsers send an Origin."""
    values = {name: value.decode("latin-1") for name, value in headers}
    origin, host = values.get(b"origin"), values.get(b"host", "")
    if origin is None:
        return True
    return origin in (f"http://{host}", f"https://{host}", *settings.CSRF_TRUSTED_ORIGINS)


def _list_groups(connection: Connection) -> tuple[str, str]:
    return (
        notifications.build_participant_group(connection.participant_id),
        notifications.build_session_group(connection.session_id),
    )
