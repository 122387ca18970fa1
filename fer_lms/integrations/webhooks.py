"""Webhooks "report ready": their secrets and signatures, and what is queued for them.

Messages follow the Standard Webhooks specification 1.0 (https://www.standardwebhooks.com): headers
`webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` over `id.timestamp.body`. They
hold ids and addresses only: the figures of a report are read by its address, with a token.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.integrations.models import Webhook, WebhookDelivery
from fer_lms.integrations.tokens import is_taught_by_maker
from fer_lms.lessons.models import Course, LessonSession
from fer_lms.outbound import parse_url
from fer_lms.people.models import User

MAX_WEBHOOKS = 10
"""Of one person."""
SECRET_PREFIX = "whsec_"  # noqa: S105 - of the specification
EVENT_TYPE = "report.ready"


class TooManyWebhooks(Exception):
    """The person has `MAX_WEBHOOKS` already."""


@transaction.atomic
def create_webhook(*, maker: User, course: Course, url: str) -> Webhook:
    """Create a webhook of a course that the maker teaches; the caller has looked it up.

    Raises:
        AddressRefused: The address is not https, or malformed.
        TooManyWebhooks: The maker has to remove one first.
    """
    parse_url(url, local=is_local(url))
    User.objects.select_for_update().get(pk=maker.pk)
    if Webhook.objects.filter(maker=maker).count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks
    webhook = Webhook.objects.create(maker=maker, course=course, url=url)
    record_event(actor=maker, action="webhook.made", subject=webhook, details={"course": course.pk})
    return webhook


@transaction.atomic
def remove_webhook(*, webhook: Webhook, actor: User | None) -> None:
    record_event(actor=actor, action="webhook.removed", subject=webhook)
    webhook.delete()


def is_local(url: str) -> bool:
    """Return whether the operator allows this host although it is in the institution's network."""
    try:
        return urlsplit(url).hostname in settings.WEBHOOK_LOCAL_HOSTS
    except ValueError:
        return False


def queue_report_ready(session: LessonSession) -> None:
    """Queue a message to every webhook of the session's course, in the caller's transaction."""
    if settings.DEMO:
        return
    webhooks = Webhook.objects.filter(
        is_taught_by_maker(), course_id=session.lesson.course_id, stopped=""
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, session=session) for webhook in webhooks
    )


def build_body(delivery: WebhookDelivery) -> bytes:
    """Return the JSON body, the same at every attempt.

    Its time is a whole minute: two reports that were stored one after the other would tell how
    long the second one took, which grows with the number of cameras.
    """
    lesson = delivery.session.lesson
    queued_at = delivery.queued_at.replace(second=0, microsecond=0)
    path = reverse("api:report", args=[delivery.session_id])
    return json.dumps(
        {
            "type": EVENT_TYPE,
            "timestamp": queued_at.isoformat(),
            "data": {
                "course_id": lesson.course_id,
                "lesson_id": lesson.pk,
                "session_id": str(delivery.session_id),
                "report": settings.PUBLIC_URL + path,
            },
        }
    ).encode()


def build_headers(delivery: WebhookDelivery, body: bytes) -> dict[str, str]:
    """Return the headers of an attempt now, with one signature for each secret in force."""
    message_id, seconds = str(delivery.pk), str(int(timezone.now().timestamp()))
    signed = b".".join([message_id.encode(), seconds.encode(), body])
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        for secret in _list_secrets(delivery.webhook)
    ]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(signatures),
    }


def get_secret(webhook: Webhook) -> str:
    """Return the secret as receivers configure it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(next(_list_secrets(webhook))).decode()


def _list_secrets(webhook: Webhook) -> Iterator[bytes]:
    """Derive the secret from each secret key: the current one, then those that it replaced."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield hmac.digest(key.encode(), f"webhook {webhook.pk}".encode(), hashlib.sha256)
