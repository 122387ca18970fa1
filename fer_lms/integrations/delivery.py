"""Delivery of webhook messages: one attempt after the other, by one sender at a time.

Claiming a message counts as an attempt, so a process that dies while sending delays it by one lease
only. An attempt succeeds with a status of 2xx. 410 stops the webhook, as the specification asks.
"""

import random
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fer_lms.integrations.models import Webhook, WebhookDelivery
from fer_lms.integrations.tokens import is_taught_by_maker
from fer_lms.integrations.webhooks import build_body, build_headers, is_local
from fer_lms.outbound import Limits, OutboundError, ResponseRefused, fetch

log = structlog.get_logger(__name__)

DELAYS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each further attempt; the specification's example, about three days in all."""
MAX_DELAY_S = 86_400
LEASE_DURATION = timedelta(minutes=1)
MAX_DELIVERIES = 50
"""Per run of the periodic task."""
LOG_RETENTION = timedelta(days=30)
LIMITS = Limits(total_timeout_s=15.0, max_bytes=64 * 1024)
GONE = 410


def send_due_deliveries(*, now: datetime | None = None) -> int:
    """Send the messages that are due; return how many were accepted."""
    accepted = 0
    for _ in range(MAX_DELIVERIES):
        delivery = claim_delivery(now=now)
        if delivery is None:
            break
        accepted += _send(delivery, now or timezone.now())
    return accepted


@transaction.atomic
def claim_delivery(*, now: datetime | None = None) -> WebhookDelivery | None:
    """Lease the next due message to this process.

    Messages of a stopped webhook, or of one whose maker no longer teaches the course, are not sent.
    """
    now = now or timezone.now()
    usable = Webhook.objects.filter(is_taught_by_maker(), stopped="")
    due = WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True)
    delivery = (
        due.select_related("webhook", "session__lesson")
        .filter(next_attempt_at__lte=now, webhook__in=usable)
        .order_by("next_attempt_at", "id")
        .first()
    )
    if delivery is not None:
        delivery.attempts += 1
        delivery.next_attempt_at = now + LEASE_DURATION
        delivery.save(update_fields=["attempts", "next_attempt_at"])
    return delivery


def list_old_deliveries(now: datetime) -> QuerySet[WebhookDelivery]:
    """List the messages that leave the log."""
    return WebhookDelivery.objects.filter(queued_at__lt=now - LOG_RETENTION)


def _send(delivery: WebhookDelivery, now: datetime) -> bool:
    body = build_body(delivery)
    try:
        response = fetch(
            delivery.webhook.url,
            local=is_local(delivery.webhook.url),
            method="POST",
            headers=build_headers(delivery, body),
            body=body,
            limits=LIMITS,
        )
    except OutboundError as error:
        _postpone(delivery, error, now)
        return False
    _settle(delivery, f"status {response.status}", delivered_at=now)
    return True


def _postpone(delivery: WebhookDelivery, error: OutboundError, now: datetime) -> None:
    response = error if isinstance(error, ResponseRefused) else None
    outcome = f"status {response.status}" if response and response.status else error.reason
    log.warning("webhook_delivery_failed", outcome=outcome, attempts=delivery.attempts)
    if response is not None and response.status == GONE:
        _stop(delivery, Webhook.Stopped.GONE, outcome)
    elif delivery.attempts > len(DELAYS_S):
        _stop(delivery, Webhook.Stopped.FAILED, outcome)
    else:
        retry_after = min((response.retry_after if response else None) or 0.0, MAX_DELAY_S)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - not used for security
        seconds = max(DELAYS_S[delivery.attempts - 1] * jitter, retry_after)
        delivery.next_attempt_at = now + timedelta(seconds=seconds)
        delivery.outcome = outcome
        delivery.save(update_fields=["next_attempt_at", "outcome"])


def _stop(delivery: WebhookDelivery, reason: Webhook.Stopped, outcome: str) -> None:
    _settle(delivery, outcome)
    Webhook.objects.filter(pk=delivery.webhook_id).update(stopped=reason)


def _settle(delivery: WebhookDelivery, outcome: str, delivered_at: datetime | None = None) -> None:
    delivery.outcome, delivery.next_attempt_at = outcome, None
    delivery.delivered_at = delivered_at
    delivery.save(update_fields=["outcome", "next_attempt_at", "delivered_at"])
