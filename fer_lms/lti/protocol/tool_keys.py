"""Our own keys: the one we sign with, and the next one, published before it is used.

Platforms cache key sets. So a key stands in ours for a while before it signs anything, and stays
there for a while after it no longer does.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta
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
PUBLISHED_AFTER_RETIREMENT = timedelta(days=1)
State = ToolKey.State


def published_keys() -> dict[str, list[dict[str, Any]]]:
    """Our key set: current, next, and who retired within the last day."""
    ensure_keys()
    recent = timezone.now() - PUBLISHED_AFTER_RETIREMENT
    keys = ToolKey.objects.exclude(state=State.RETIRED) | ToolKey.objects.filter(
        retired_at__gt=recent
    )
    return {"keys": [key.public_jwk for key in keys.order_by("created_at", "id")]}


def signed(claims: Mapping[str, Any]) -> str:
    """These claims as a token of ours."""
    ensure_keys()
    try:
        kid, private = _signing_key()
    except ValueError:  # encrypted with a secret that this installation no longer has
        replace_keys()
        kid, private = _signing_key()
    return jwt.encode(dict(claims), private, algorithm="RS256", headers={"kid": kid})


def _signing_key() -> tuple[str, rsa.RSAPrivateKey]:
    key = ToolKey.objects.get(state=State.CURRENT)
    private = load_pem_private_key(key.private_pem.encode(), _secret())
    assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - we made it, see _new_key
    return key.kid, private


def ensure_keys() -> None:
    """A current key and a next one; made where they are missing, once whoever asks first."""
    if ToolKey.objects.exclude(state=State.RETIRED).count() == 2:
        return
    for state in (State.CURRENT, State.NEXT):
        if not ToolKey.objects.filter(state=state).exists():
            try:
                with transaction.atomic():
                    _new_key(state)
            except IntegrityError:
                continue  # another process made it meanwhile


@transaction.atomic
def rotate_keys() -> ToolKey:
    """The next key signs from now on, a new one stands by; gives the key now current."""
    ensure_keys()
    keys = {key.state: key for key in ToolKey.objects.select_for_update().order_by("id")}
    _move(keys[State.CURRENT], State.RETIRED, retired_at=timezone.now())
    _move(keys[State.NEXT], State.CURRENT, retired_at=None)
    _new_key(State.NEXT)
    return keys[State.NEXT]


@transaction.atomic
def replace_keys() -> None:
    """Both keys anew; the old ones vanish from the key set at once."""
    ToolKey.objects.all().delete()
    ensure_keys()
    record_event(actor=None, action="lti.keys_replaced")


def delete_old_keys() -> int:
    """Private halves that nothing needs any more."""
    old = timezone.now() - PUBLISHED_AFTER_RETIREMENT
    return ToolKey.objects.filter(state=State.RETIRED, retired_at__lte=old).delete()[0]


def _move(key: ToolKey, state: ToolKey.State, *, retired_at: Any) -> None:
    key.state, key.retired_at = state, retired_at
    key.save(update_fields=["state", "retired_at"])


def _new_key(state: ToolKey.State) -> ToolKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    numbers = private.public_key().public_numbers()
    kid = secrets.token_urlsafe(12)
    pem = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_secret())
    )
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid}
    jwk |= {"n": _base64url(numbers.n), "e": _base64url(numbers.e)}
    return ToolKey.objects.create(kid=kid, state=state, private_pem=pem.decode(), public_jwk=jwk)


def _secret() -> bytes:
    return settings.SECRET_KEY.encode()


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
