"""Hints on their way to open pages. They are read from the database, never from the poke.

A poke makes it quick; without one, everybody is looked after every two seconds all the same. A
page that opens within ten minutes of an unanswered hint gets it too.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from channels.db import database_sync_to_async
from django.utils import timezone

from fer_lms.rules.actions import InvalidAnswerError, UnknownHintError, answer_hint, mark_shown
from fer_lms.rules.models import Hint
from fer_lms.rules.queries import list_hints_to_show

if TYPE_CHECKING:
    from fer_lms.streaming.web.connection import Connection

LOOK_SECONDS = 2.0

mark_shown_async = database_sync_to_async(mark_shown)


class HintDelivery:
    """For all sockets of one web process."""

    def __init__(self, connections: "Mapping[bytes, Connection]") -> None:
        self._connections = connections
        self._poked = asyncio.Event()

    def poke(self) -> None:
        self._poked.set()

    async def look(self) -> None:
        """Wait for a poke, or two seconds; then tell every page what it has not been told."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._poked.wait(), LOOK_SECONDS)
        self._poked.clear()
        waiting = [each for each in self._connections.values() if each.welcomed]
        if waiting:
            await self._tell(waiting)

    async def _tell(self, connections: "Collection[Connection]") -> None:
        hints = await _read_async({each.participant_id for each in connections})
        told = []
        for connection in connections:
            for hint in hints.get(connection.participant_id, ()):
                if hint["hint_id"] not in connection.hints_told:
                    connection.hints_told.add(hint["hint_id"])
                    connection.tell("hint", **hint)
                    told.append(hint["hint_id"])
        if told:
            await mark_shown_async(hint_ids=told)


def _read(participant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The messages for each of these. One query."""
    messages: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for hint in list_hints_to_show(participant_ids, now=timezone.now()):
        messages.setdefault(hint.participant_id, []).append(_message(hint))
    return messages


_read_async = database_sync_to_async(_read)


def _message(hint: Hint) -> dict[str, Any]:
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


def _keep(participant_id: uuid.UUID, hint_id: int, answer: str) -> str | None:
    """Keep an answer; or the reason why it cannot be kept."""
    try:
        answer_hint(participant_id=participant_id, hint_id=hint_id, answer=answer)
    except UnknownHintError:
        return "unknown_hint"
    except InvalidAnswerError:
        return "unfitting_answer"
    return None


keep_answer = database_sync_to_async(_keep)
