"""The seal of a signed policy: an HMAC that detects changes to its row."""

import json
from datetime import UTC, datetime

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from fer_lms.policy.models import DeploymentPolicy

SALT = "fer_lms.policy.seal"
EXCLUDED_FIELDS = ("id", "seal", "ended_at", "signer")
"""Fields that may change after the signature: a policy can be ended, a signer's account erased."""
LATER_FIELDS = {"face_evidence_in_hints": False}
"""Fields that did not exist when policies of 0.1.0 were signed, with the value that those have.

A field with this value is left out of the sealed text, so that earlier seals stay valid.
"""


def compute_seal(policy: DeploymentPolicy, key: str | bytes | None = None) -> str:
    """Return the HMAC-SHA-256 of the signed fields, with the installation's key by default.

    The sealed text contains the column names, so that renaming a column invalidates every seal.
    """
    fields = [f for f in policy._meta.concrete_fields if f.name not in EXCLUDED_FIELDS]
    values = {f.attname: getattr(policy, f.attname) for f in fields}
    sealed = {
        name: _to_json(value)
        for name, value in values.items()
        if name not in LATER_FIELDS or value != LATER_FIELDS[name]
    }
    text = json.dumps(sealed)
    return salted_hmac(SALT, text, secret=key, algorithm="sha256").hexdigest()


def is_intact(policy: DeploymentPolicy) -> bool:
    """Return whether the row is unchanged since its signature, by the current key or a fallback."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(policy.seal, compute_seal(policy, key)) for key in keys)


def _to_json(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
