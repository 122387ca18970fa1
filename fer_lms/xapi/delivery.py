"""Delivery of the outbox to the learning record store (LRS): in batches, by one sender at a time.

Claiming a batch counts as an attempt, so a process that dies while sending delays it by one lease
only. While any statement is leased or backed off nothing else is sent: an unavailable LRS gets one
request per back-off, not one per statement.
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

from fer_lms.outbound import Limits, OutboundError, ResponseRefused, fetch
from fer_lms.xapi.models import Statement
from fer_lms.xapi.queries import is_enabled
from fer_lms.xapi.statements import VERSION

log = structlog.get_logger(__name__)

BATCH_SIZE = 50
MAX_BATCHES = 20
"""Per run of the periodic task."""
LEASE_DURATION = timedelta(minutes=1)
MAX_STATEMENT_AGE = timedelta(days=7)
"""Older statements are dropped."""
MIN_BACKOFF_S = 10
MAX_BACKOFF_S = 3600
LIMITS = Limits(total_timeout_s=15.0)
REJECTED_STATUSES = {400, 413, 422}
"""The statement itself is invalid; sending it again cannot succeed."""
CONFLICT = 409
"""The LRS already has a statement with this id."""


def send_due_statements(*, now: datetime | None = None) -> int:
    """Send due statements; return how many the LRS accepted."""
    delete_outdated(now=now)
    accepted = 0
    for _ in range(MAX_BATCHES):
        batch = claim_batch(now=now)
        if not batch:
            break
        sent = send_batch(batch, now=now)
        accepted += sent
        if sent < len(batch):
            break
    return accepted


def delete_outdated(*, now: datetime | None = None) -> None:
    """Delete statements older than `MAX_STATEMENT_AGE`; all of them if xAPI was switched off."""
    outdated = Statement.objects.all()
    if is_enabled():
        outdated = outdated.filter(queued_at__lt=(now or timezone.now()) - MAX_STATEMENT_AGE)
    if dropped := outdated.delete()[0]:
        log.warning("xapi_dropped", statements=dropped)


@transaction.atomic
def claim_batch(*, now: datetime | None = None) -> list[Statement]:
    """Lease the next due statements to this process; empty while any other is pending."""
    now = now or timezone.now()
    waiting = Statement.objects.select_for_update().filter(refusal="")
    if not is_enabled() or waiting.filter(attempts__gt=0, next_attempt_at__gt=now).exists():
        return []
    batch = list(waiting.filter(next_attempt_at__lte=now).order_by("queued_at", "id")[:BATCH_SIZE])
    for statement in batch:
        statement.attempts += 1
        statement.next_attempt_at = now + LEASE_DURATION
    Statement.objects.bulk_update(batch, ["attempts", "next_attempt_at"])
    return batch


def send_batch(batch: Sequence[Statement], *, now: datetime | None = None) -> int:
    """Send statements together, or one by one if one is invalid; return how many are settled."""
    try:
        _post(batch)
    except ResponseRefused as error:
        is_single = len(batch) == 1
        if error.status == CONFLICT and is_single:
            return _delete(batch)
        if error.status in REJECTED_STATUSES and is_single:
            return _reject(batch[0], error)
        if error.status in REJECTED_STATUSES | {CONFLICT}:
            return _send_one_by_one(batch, error, now)
        return _back_off(batch, error, now)
    except OutboundError as error:
        return _back_off(batch, error, now)
    return _delete(batch)


def _send_one_by_one(
    batch: Sequence[Statement], error: ResponseRefused, now: datetime | None
) -> int:
    for number, statement in enumerate(batch):
        if not send_batch([statement], now=now):
            _back_off(batch[number + 1 :], error, now)
            return number
    return len(batch)


def _post(batch: Sequence[Statement]) -> None:
    body = json.dumps([{"id": str(statement.pk)} | statement.body for statement in batch])
    credentials = f"{settings.XAPI_KEY}:{settings.XAPI_SECRET}".encode()
    fetch(
        settings.XAPI_URL.rstrip("/") + "/statements",
        local=settings.XAPI_LOCAL,
        method="POST",
        headers={
            "Authorization": "Basic " + base64.b64encode(credentials).decode(),
            "Content-Type": "application/json",
            "X-Experience-API-Version": VERSION,
        },
        body=body.encode(),
        limits=LIMITS,
    )


def _delete(batch: Sequence[Statement]) -> int:
    Statement.objects.filter(pk__in=[statement.pk for statement in batch]).delete()
    return len(batch)


def _reject(statement: Statement, error: ResponseRefused) -> int:
    """Keep a rejected statement for the administrator; it is settled and does not delay others."""
    statement.refusal = f"status {error.status}"
    statement.save(update_fields=["refusal"])
    log.warning("xapi_refused", statement=str(statement.pk), status=error.status)
    return 1


def _back_off(batch: Sequence[Statement], error: OutboundError, now: datetime | None) -> int:
    response = error if isinstance(error, ResponseRefused) else None
    attempts = max((statement.attempts for statement in batch), default=0)
    seconds = compute_backoff_s(attempts, retry_after=response.retry_after if response else None)
    Statement.objects.filter(pk__in=[statement.pk for statement in batch]).update(
        next_attempt_at=(now or timezone.now()) + timedelta(seconds=seconds)
    )
    status = response.status if response else None
    log.warning(
        "xapi_delivery_postponed", reason=error.reason, status=status, seconds=round(seconds)
    )
    return 0


def compute_backoff_s(attempts: int, *, retry_after: float | None = None) -> float:
    """Return a doubling delay with jitter, at most an hour and at least `retry_after`."""
    delay = min(MAX_BACKOFF_S, MIN_BACKOFF_S * 2.0 ** min(max(attempts, 1) - 1, 12))
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 - not used for security
    return max(delay * jitter, min(retry_after or 0.0, MAX_BACKOFF_S))
