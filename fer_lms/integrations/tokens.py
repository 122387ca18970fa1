"""API tokens: who may make them, what they permit, and their end.

A token permits to read, in one course, what its maker may read there. It ends at its date, when it
is revoked, and when its maker no longer teaches the course or may not sign in.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.audit.actions import record_event
from fer_lms.audit.chain import Detail
from fer_lms.integrations.models import ApiToken, Webhook
from fer_lms.lessons.models import Course, Enrolment, Role
from fer_lms.people.models import User

TOKEN_PREFIX = "fer_"  # noqa: S105 - by which scanners recognise a published token
MAX_TOKENS = 20
"""Of one person."""
LIFETIMES_DAYS: Sequence[int] = (30, 90, 365)
ENDED_RETENTION = timedelta(days=30)
"""How long an ended token is listed."""
USE_PRECISION = timedelta(minutes=1)
"""A use is not stored again within this time."""


class Scope(models.TextChoices):
    """Purposes of a token; each is a set of REST operations, all of which only read."""

    LESSONS = "lessons.read", _("Read lessons and when they were held")
    REPORTS = "reports.read", _("Read reports of the class")


class TooManyTokens(Exception):
    """The person has `MAX_TOKENS` already."""


@transaction.atomic
def create_token(
    *, maker: User, course: Course, name: str, scopes: Collection[str], days: int
) -> str:
    """Create a token and return it; only its digest is stored.

    Args:
        course: A course that the maker teaches; the caller has looked it up.
        scopes: Values of `Scope`.
        days: Time until it ends.

    Raises:
        TooManyTokens: The maker has to revoke one first.
    """
    User.objects.select_for_update().get(pk=maker.pk)
    if ApiToken.objects.filter(maker=maker).count() >= MAX_TOKENS:
        raise TooManyTokens
    value = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        maker=maker,
        course=course,
        name=name,
        scopes=sorted(Scope(scope).value for scope in scopes),
        digest=_compute_digest(value),
        expires_at=timezone.now() + timedelta(days=days),
    )
    details: dict[str, Detail] = {"course": course.pk, "scopes": "+".join(token.scopes)}
    record_event(actor=maker, action="api_token.made", subject=token, details=details)
    return value


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: User | None) -> None:
    record_event(actor=actor, action="api_token.revoked", subject=token)
    token.delete()


def find_token(value: str) -> ApiToken | None:
    """Find the token that permits something now."""
    if not value.startswith(TOKEN_PREFIX):
        return None
    return list_usable_tokens().filter(digest=_compute_digest(value)).first()


def list_usable_tokens() -> QuerySet[ApiToken]:
    """List the tokens that have not ended and whose makers teach the course now."""
    return (
        ApiToken.objects.select_related("maker")
        .filter(is_taught_by_maker(), expires_at__gt=timezone.now())
        .order_by("pk")
    )


def is_taught_by_maker() -> Q:
    """Return the condition that the maker of a token or webhook teaches its course now."""
    taught = Enrolment.objects.filter(
        user_id=OuterRef("maker_id"),
        course_id=OuterRef("course_id"),
        role=Role.TEACHER,
        active=True,
    )
    may_sign_in = Q(maker__is_active=True, maker__access_suspended=False)
    return may_sign_in & Q(Exists(taught))


def mark_token_used(token: ApiToken) -> None:
    now = timezone.now()
    if token.used_at is None or now - token.used_at > USE_PRECISION:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def list_ended_access(now: datetime) -> tuple[QuerySet[ApiToken], QuerySet[Webhook]]:
    """List tokens and webhooks that are deleted: ended long ago, or without their maker's right."""
    ended = Q(expires_at__lt=now - ENDED_RETENTION)
    return (
        ApiToken.objects.filter(ended | ~is_taught_by_maker()),
        Webhook.objects.exclude(is_taught_by_maker()),
    )


def _compute_digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
