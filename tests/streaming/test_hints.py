"""Hints over real sockets: with and without a notification, after a reload, answers."""

from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from fer_lms import notifications
from fer_lms.lessons.models import Participant
from fer_lms.rules.models import Hint, HintAnswer, InteractionRule
from tests.servers import IssueTicket, capture_socket


@database_sync_to_async
def make_hint(learner: Participant, *, notify: bool = False, **fields: Any) -> Hint:
    hint = Hint.objects.create(
        participant=learner,
        rule=InteractionRule.objects.first(),
        occasion=f"w{Hint.objects.count()}",
        kind="hint",
        title="A nudge",
        body="Draw it.",
        why="This step takes long.",
        fired_at=timezone.now(),
        **fields,
    )
    if notify:
        notifications.notify_hint_due(learner.pk)
    return hint


@database_sync_to_async
def stored(hint: Hint) -> tuple[str, list[str]]:
    hint.refresh_from_db()
    return hint.state, [answer.answer for answer in hint.answers.all()]


@pytest.mark.parametrize("mode", ["frames", "lesson"])
async def test_a_hint_is_delivered_and_its_answer_is_stored(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
    mode: str,
) -> None:
    async with capture_socket(web, await ticket_for(permitted, mode)) as client:
        await client.next("welcome")
        hint = await make_hint(permitted, notify=True)
        message = await client.next("hint", 15)
        fields = tuple(message[key] for key in ("hint_id", "title", "body", "why", "dismissable"))
        assert fields == (hint.pk, "A nudge", "Draw it.", "This step takes long.", True)
        await client.send("hint_response", hint_id=hint.pk, answer="helped")
        await client.send("ping", t=1)
        await client.next("pong", 15)
    assert await stored(hint) == ("shown", ["helped"])


async def test_a_hint_is_delivered_without_notification_and_after_a_reload(
    web: str,
    permitted: Participant,
    ticket_for: IssueTicket,
) -> None:
    hint = await make_hint(permitted)
    withheld = await make_hint(permitted, state="withheld")
    for _ in range(2):
        async with capture_socket(web, await ticket_for(permitted, "lesson")) as client:
            assert (await client.next("hint", 15))["hint_id"] == hint.pk
            await client.send("hint_response", hint_id=withheld.pk, answer="helped")
            assert (await client.next("error", 15))["reason"] == "unknown_hint"
            await client.send("hint_response", hint_id=hint.pk, answer="yes")
            assert (await client.next("error", 15))["reason"] == "unfitting_answer"
            for odd in ("x", 2**80, None):
                await client.send("hint_response", hint_id=odd, answer="helped")
                assert (await client.next("error", 15))["reason"] == "unknown_hint"
    assert await database_sync_to_async(HintAnswer.objects.count)() == 0
