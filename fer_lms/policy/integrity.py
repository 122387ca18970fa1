"""A seal over what was signed: a row that was changed by hand is no policy any more."""

import json
from datetime import UTC, datetime

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from fer_lms.policy.models import DeploymentPolicy

SALT = "fer_lms.policy.seal"
UNSEALED = ("id", "seal", "ended_at", "signer")
"""Not part of what was signed: ending is always allowed, and a signer's account may go."""


def compute_signature_hmac(policy: DeploymentPolicy, key: str | bytes | None = None) -> str:
    """The seal that this row must carry, made with the installation's key."""
    return salted_hmac(SALT, _signed_text(policy), secret=key, algorithm="sha256").hexdigest()


def is_intact(policy: DeploymentPolicy) -> bool:
    """Whether the row is as it was signed, under the present key or one that it replaced."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(
        constant_time_compare(policy.seal, compute_signature_hmac(policy, key)) for key in keys
    )


def _signed_text(policy: DeploymentPolicy) -> str:
    fields = [each for each in policy._meta.concrete_fields if each.name not in UNSEALED]
    return json.dumps({each.attname: _plain(getattr(policy, each.attname)) for each in fields})


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
