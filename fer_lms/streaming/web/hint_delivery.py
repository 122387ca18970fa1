"""Delivery of hints to open pages.

Hints are read from the database every two seconds, or earlier on a notification. A page that is
opened within ten minutes of an unanswered hint gets it too.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from channels.db import database_sync_to_async
from django.utils import timezone

from fer_lms.rules.actions import mark_shown
from fer_lms.rules.models import Hint
from fer_lms.rules.queries import list_hints_to_show
from fer_lms.streaming.web.connection import Connection

POLL_INTERVAL_S = 2.0

mark_shown_async = database_sync_to_async(mark_shown)


class HintDelivery:
    """Sends hints on all connections of one gateway."""

    def __init__(self, connections: Mapping[bytes, Connection]) -> None:
        self._connections = connections
        self._notified = asyncio.Event()

    def notify(self) -> None:
        self._notified.set()

    async def deliver_pending(self) -> None:
        """Wait for a notification or the poll interval, then send every hint not sent yet."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._notified.wait(), POLL_INTERVAL_S)
        self._notified.clear()
        connections = [item for item in self._connections.values() if item.is_welcomed]
        if connections:
            await self._deliver(connections)

    async def _deliver(self, connections: Collection[Connection]) -> None:
        hints = await _read_hints_async({item.participant_id for item in connections})
        shown = []
        for connection in connections:
            for hint in hints.get(connection.participant_id, ()):
                if hint["hint_id"] not in connection.sent_hint_ids:
                    connection.sent_hint_ids.add(hint["hint_id"])
                    connection.send("hint", **hint)
                    shown.append(hint["hint_id"])
        if shown:
            await mark_shown_async(hint_ids=shown)


def _read_hints(participant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Read the `hint` messages of each participant, in one query."""
    messages: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for hint in list_hints_to_show(participant_ids, now=timezone.now()):
        messages.setdefault(hint.participant_id, []).append(_build_message(hint))
    return messages


_read_hints_async = database_sync_to_async(_read_hints)


def _build_message(hint: Hint) -> dict[str, Any]:
    return {
        "hint_id": hint.pk,
        "title": hint.title,
        "body": hint.body,
        "why": hint.why,
        "dismissable": True,
        "kind": hint.kind,
        "form": hint.form,
        "symbol": hint.symbol,
        "step_id": hint.step_id,
        "answers": [str(answer) for answer in hint.allowed_answers],
    }
