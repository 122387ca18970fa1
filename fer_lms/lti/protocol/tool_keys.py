"""The tool's own RSA key pairs and its published key set (JWKS, RFC 7517).

Platforms cache key sets, so a key is published before it signs anything and stays published for a
day after it is retired.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lti.models import ToolKey

KEY_BITS = 2048
RETIRED_KEY_RETENTION = timedelta(days=1)
State = ToolKey.State


def get_key_set() -> dict[str, list[dict[str, Any]]]:
    """Return the public JWKS: current, next and recently retired keys."""
    ensure_keys()
    recent = timezone.now() - RETIRED_KEY_RETENTION
    keys = ToolKey.objects.exclude(state=State.RETIRED) | ToolKey.objects.filter(
        retired_at__gt=recent
    )
    return {"keys": [key.public_jwk for key in keys.order_by("created_at", "id")]}


def sign_jwt(claims: Mapping[str, Any]) -> str:
    """Return the claims as a JWT signed with the current key (RS256)."""
    ensure_keys()
    try:
        kid, private = _get_signing_key()
    except ValueError:  # encrypted with an earlier SECRET_KEY
        replace_keys()
        kid, private = _get_signing_key()
    return jwt.encode(dict(claims), private, algorithm="RS256", headers={"kid": kid})


def _get_signing_key() -> tuple[str, rsa.RSAPrivateKey]:
    key = ToolKey.objects.get(state=State.CURRENT)
    private = load_pem_private_key(key.private_pem.encode(), settings.SECRET_KEY.encode())
    assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - see _create_key
    return key.kid, private


def ensure_keys() -> None:
    """Create the current and the next key where they are missing."""
    if ToolKey.objects.exclude(state=State.RETIRED).count() == 2:
        return
    for state in (State.CURRENT, State.NEXT):
        if not ToolKey.objects.filter(state=state).exists():
            try:
                with transaction.atomic():
                    _create_key(state)
            except IntegrityError:
                continue  # created by another process


@transaction.atomic
def rotate_keys() -> ToolKey:
    """Make the next key current, create a new next key, and return the current one."""
    ensure_keys()
    keys = {key.state: key for key in ToolKey.objects.select_for_update().order_by("id")}
    _set_state(keys[State.CURRENT], State.RETIRED, retired_at=timezone.now())
    _set_state(keys[State.NEXT], State.CURRENT, retired_at=None)
    _create_key(State.NEXT)
    return keys[State.NEXT]


@transaction.atomic
def replace_keys() -> None:
    """Delete every key, published or not, and create new ones."""
    ToolKey.objects.all().delete()
    ensure_keys()
    record_event(actor=None, action="lti.keys_replaced", subject=ToolKey._meta.label_lower)


def delete_retired_keys() -> int:
    """Delete retired keys that are no longer published; return how many."""
    old = timezone.now() - RETIRED_KEY_RETENTION
    return ToolKey.objects.filter(state=State.RETIRED, retired_at__lte=old).delete()[0]


def _set_state(key: ToolKey, state: ToolKey.State, *, retired_at: datetime | None) -> None:
    key.state, key.retired_at = state, retired_at
    key.save(update_fields=["state", "retired_at"])


def _create_key(state: ToolKey.State) -> ToolKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    numbers = private.public_key().public_numbers()
    kid = secrets.token_urlsafe(12)
    pem = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(settings.SECRET_KEY.encode())
    )
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid}
    jwk |= {"n": _encode_integer(numbers.n), "e": _encode_integer(numbers.e)}
    return ToolKey.objects.create(kid=kid, state=state, private_pem=pem.decode(), public_jwk=jwk)


def _encode_integer(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
