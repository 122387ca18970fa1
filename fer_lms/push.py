"""A poke over the channel layer: "something changed, look again". Never the data itself.

Delivery is at most once. Whatever must not be missed is polled as well.
"""

import uuid

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def participant_group(participant_id: uuid.UUID) -> str:
    return f"participant.{participant_id.hex}"


def session_group(session_id: uuid.UUID) -> str:
    return f"session.{session_id.hex}"


def participant_changed(participant_id: uuid.UUID) -> None:
    _poke(participant_group(participant_id), "participant.changed")


def hint_due(participant_id: uuid.UUID) -> None:
    _poke(participant_group(participant_id), "hint.due")


def session_changed(session_id: uuid.UUID) -> None:
    _poke(session_group(session_id), "session.changed")


def _poke(group: str, kind: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, {"type": kind})
    except (RedisError, OSError) as error:
        # The receivers poll too; a lost poke makes them later, not wrong.
        log.warning("poke_lost", kind=kind, error=type(error).__name__)
