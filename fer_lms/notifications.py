"""Notifications over the channel layer that something changed, never with the data itself.

Delivery is at most once: receivers also poll.
"""

import uuid

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def build_participant_group(participant_id: uuid.UUID) -> str:
    return f"participant.{participant_id.hex}"


def build_session_group(session_id: uuid.UUID) -> str:
    return f"session.{session_id.hex}"


def notify_participant_changed(participant_id: uuid.UUID) -> None:
    _notify(build_participant_group(participant_id), "participant.changed")


def notify_hint_due(participant_id: uuid.UUID) -> None:
    _notify(build_participant_group(participant_id), "hint.due")


def notify_session_changed(session_id: uuid.UUID) -> None:
    _notify(build_session_group(session_id), "session.changed")


def _notify(group: str, kind: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, {"type": kind})
    except (RedisError, OSError) as error:
        log.warning("notification_lost", kind=kind, error=type(error).__name__)
