"""Tokens by which an LMS's privacy tools speak for the LMS: one platform's, for its people only."""

import secrets

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lti.models import Platform
from fer_lms.people.models import User
from fer_lms.rights.models import PlatformToken
from fer_lms.rights.queries import token_digest


@transaction.atomic
def create_token(*, platform: Platform, actor: User | None = None) -> str:
    """A new token, told this once. Tokens made before stay valid until they are revoked."""
    token = secrets.token_urlsafe(32)
    kept = PlatformToken.objects.create(platform=platform, digest=token_digest(token))
    record_event(
        actor=actor, action="rights_token.made", subject=platform, details={"token": kept.pk}
    )
    return token


@transaction.atomic
def revoke_tokens(*, platform: Platform, actor: User | None = None) -> int:
    """None of this platform's tokens opens anything any more; returns how many did."""
    valid = PlatformToken.objects.filter(platform=platform, revoked_at__isnull=True)
    revoked = valid.update(revoked_at=timezone.now())
    if revoked:
        record_event(
            actor=actor, action="rights_token.revoked", subject=platform, details={"rows": revoked}
        )
    return revoked


def mark_used(token: PlatformToken) -> None:
    token.used_at = timezone.now()
    token.save(update_fields=["used_at"])
