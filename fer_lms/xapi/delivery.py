"""Statements on their way to the record store: in batches, one sender at a time, later if need be.

A claimed batch counts as tried before it is sent, so that a process which dies while sending holds
it back for a minute and no longer. While anything is claimed or held back nothing else is sent:
a store that is down is asked once per back-off, not once per statement.
"""

import base64
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fer_lms.outbound import AnswerRefused, Limits, OutboundError, fetch
from fer_lms.xapi.actions import is_on
from fer_lms.xapi.models import Statement
from fer_lms.xapi.statements import VERSION

log = structlog.get_logger(__name__)

BATCH = 50
ROUNDS = 20
"""Batches of one turn; the next turn goes on."""
CLAIM = timedelta(minutes=1)
KEPT = timedelta(days=7)
"""How long a statement waits for a store that does not take it."""
FIRST_WAIT_SECONDS = 10
LONGEST_WAIT_SECONDS = 3600
LIMITS = Limits(total_seconds=15.0)
ITS_OWN_FAULT = {400, 413, 422}
"""The store will not take this statement, however often it comes."""
ALREADY_THERE = 409


def send_waiting(*, now: datetime | None = None) -> int:
    """Send what is due; returns how many statements the store has taken."""
    drop_what_waited_too_long(now=now)
    taken = 0
    for _ in range(ROUNDS):
        batch = claim_batch(now=now)
        if not batch:
            break
        sent = send_batch(batch, now=now)
        taken += sent
        if sent < len(batch):
            break
    return taken


def drop_what_waited_too_long(*, now: datetime | None = None) -> None:
    """Statements older than a week; all of them where xAPI was switched off."""
    waiting = Statement.objects.all()
    if is_on():
        waiting = waiting.filter(queued_at__lt=(now or timezone.now()) - KEPT)
    if dropped := waiting.delete()[0]:
        log.warning("xapi_dropped", statements=dropped)


@transaction.atomic
def claim_batch(*, now: datetime | None = None) -> list[Statement]:
    now = now or timezone.now()
    waiting = Statement.objects.select_for_update().filter(refusal="")
    if not is_on() or waiting.filter(attempts__gt=0, next_attempt_at__gt=now).exists():
        return []
    batch = list(waiting.filter(next_attempt_at__lte=now).order_by("queued_at", "id")[:BATCH])
    for statement in batch:
        statement.attempts += 1
        statement.next_attempt_at = now + CLAIM
    Statement.objects.bulk_update(batch, ["attempts", "next_attempt_at"])
    return batch


def send_batch(batch: Sequence[Statement], *, now: datetime | None = None) -> int:
    """Send together; where one of them is at fault, one by one. Returns how many were taken."""
    try:
        _post(batch)
    except AnswerRefused as error:
        if error.status == ALREADY_THERE and len(batch) == 1:
            return _forget(batch)
        if error.status in ITS_OWN_FAULT | {ALREADY_THERE}:
            return _one_by_one(batch, error, now)
        _hold_back(batch, error, now)
        return 0
    except OutboundError as error:
        _hold_back(batch, error, now)
        return 0
    return _forget(batch)


def _one_by_one(batch: Sequence[Statement], error: AnswerRefused, now: datetime | None) -> int:
    if len(batch) == 1:
        batch[0].refusal = f"status {error.status}"
        batch[0].save(update_fields=["refusal"])
        log.warning("xapi_refused", statement=str(batch[0].pk), status=error.status)
        return 1  # done with, though not as hoped: the others go on
    for number, statement in enumerate(batch):
        if not send_batch([statement], now=now):
            _hold_back(batch[number + 1 :], error, now)
            return number
    return len(batch)


def _post(batch: Sequence[Statement]) -> None:
    body = json.dumps([{"id": str(each.pk)} | each.body for each in batch]).encode()
    secret = f"{settings.XAPI_KEY}:{settings.XAPI_SECRET}".encode()
    fetch(
        settings.XAPI_URL.rstrip("/") + "/statements",
        local=settings.XAPI_LOCAL,
        method="POST",
        headers={
            "Authorization": "Basic " + base64.b64encode(secret).decode(),
            "Content-Type": "application/json",
            "X-Experience-API-Version": VERSION,
        },
        body=body,
        limits=LIMITS,
    )


def _forget(batch: Sequence[Statement]) -> int:
    Statement.objects.filter(pk__in=[each.pk for each in batch]).delete()
    return len(batch)


def _hold_back(batch: Sequence[Statement], error: OutboundError, now: datetime | None) -> None:
    wished = error.retry_after if isinstance(error, AnswerRefused) else None
    tried = max((each.attempts for each in batch), default=0)
    seconds = back_off_seconds(tried, wished=wished)
    Statement.objects.filter(pk__in=[each.pk for each in batch]).update(
        next_attempt_at=(now or timezone.now()) + timedelta(seconds=seconds)
    )
    status = error.status if isinstance(error, AnswerRefused) else None
    log.warning("xapi_later", reason=error.reason, status=status, seconds=round(seconds))


def back_off_seconds(attempts: int, *, wished: float | None = None) -> float:
    """Doubling, with jitter, up to an hour; never sooner than the store wished."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(max(attempts, 1) - 1, 12))
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
    return max(longest * jitter, min(wished or 0.0, LONGEST_WAIT_SECONDS))
