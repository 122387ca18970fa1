"""Creation and revocation of the bearer tokens of an LMS's privacy tools."""

import secrets

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lti.models import Platform
from fer_lms.people.models import User
from fer_lms.rights.models import PlatformToken
from fer_lms.rights.queries import compute_token_digest


@transaction.atomic
def create_token(*, platform: Platform, actor: User | None = None) -> str:
    """Create a token and return it; only its digest is stored. Earlier tokens stay valid."""
    token = secrets.token_urlsafe(32)
    stored = PlatformToken.objects.create(platform=platform, digest=compute_token_digest(token))
    record_event(
        actor=actor, action="rights_token.made", subject=platform, details={"token": stored.pk}
    )
    return token


@transaction.atomic
def revoke_tokens(*, platform: Platform, actor: User | None = None) -> int:
    """Revoke all tokens of a platform and return how many were valid."""
    valid = PlatformToken.objects.filter(platform=platform, revoked_at__isnull=True)
    revoked = valid.update(revoked_at=timezone.now())
    if revoked:
        record_event(
            actor=actor, action="rights_token.revoked", subject=platform, details={"rows": revoked}
        )
    return revoked


def mark_token_used(token: PlatformToken) -> None:
    token.used_at = timezone.now()
    token.save(update_fields=["used_at"])
