"""Cache of the platforms' public key sets (JWKS), fetched from the registered address only.

Keys are cached in the database. A lease lets one process fetch at a time, outside any transaction,
so that a slow platform never blocks launches of another. An unknown key id triggers at most one
fetch in five minutes, and a platform is never fetched more than `MAX_FETCHES_PER_MINUTE` times.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from fer_lms.lti.models import KeySet, Platform
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tokens import MAX_KID_LENGTH, Json, load_public_key
from fer_lms.outbound import Limits, OutboundError, fetch_json

log = structlog.get_logger(__name__)

REFRESH_AFTER = timedelta(hours=1)
MAX_KEY_SET_AGE = timedelta(hours=12)
"""Older keys are not used, even while the platform cannot be reached."""
UNKNOWN_KID_RETRY_AFTER = timedelta(minutes=5)
REFRESH_RETRY_AFTER = timedelta(seconds=30)
MAX_FETCHES_PER_MINUTE = 6
MAX_KEYS = 50
LIMITS = Limits(connect_timeout_s=3, read_timeout_s=3, total_timeout_s=5, max_bytes=128 * 1024)
LEASE_DURATION = timedelta(seconds=LIMITS.total_timeout_s + 2)
POLL_INTERVAL_S = 0.05
REFRESH_KEY = ""
"""Key of `requested_at` for a refresh of the complete set; no key has an empty id."""

Fetch = Callable[..., Any]


def get_platform_key(platform: Platform, kid: str, *, fetch: Fetch = fetch_json) -> Json:
    """Return the platform's public key with this id, fetching the key set if needed.

    Raises:
        LtiError: The key set cannot be fetched or has no usable key of this id.
    """
    key_set = KeySet.objects.filter(platform=platform).first()
    if key_set is None or _needs_fetch(key_set, kid):
        key_set = _fetch_or_wait(platform, kid, fetch)
    if key_set.fetched_at is None or timezone.now() - key_set.fetched_at > MAX_KEY_SET_AGE:
        raise LtiError(ErrorKind.KEY_SET_UNAVAILABLE, key_set.failure or "no_key_set")
    key: Json | None = key_set.keys.get(kid)
    if key is None:
        raise LtiError(ErrorKind.INVALID_TOKEN, "unknown_kid")
    return key


def parse_key_set(response: object) -> dict[str, Json]:
    """Return the usable RSA keys of a JWKS by key id; ids that occur twice are left out."""
    listed = response.get("keys") if isinstance(response, dict) else None
    if not isinstance(listed, list):
        return {}
    usable: dict[str, Json] = {}
    duplicates: set[str] = set()
    for jwk in listed[:MAX_KEYS]:
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        if not isinstance(kid, str) or not 1 <= len(kid) <= MAX_KID_LENGTH:
            continue
        if kid in usable:
            duplicates.add(kid)
        if load_public_key(jwk) is not None:
            usable[kid] = {"kty": "RSA", "n": jwk["n"], "e": jwk["e"]}
    return {kid: jwk for kid, jwk in usable.items() if kid not in duplicates}


def _needs_fetch(key_set: KeySet, kid: str) -> bool:
    """Return whether to fetch, or to wait for the process that is fetching."""
    now = timezone.now()
    is_expired, is_leased = _is_expired(key_set, now), _is_leased(key_set, now)
    if kid in key_set.keys and (not is_expired or is_leased):
        return False
    if is_leased:
        return True
    if is_expired:
        return not _is_recent(key_set.requested_at.get(REFRESH_KEY), now, REFRESH_RETRY_AFTER)
    return not _is_recent(key_set.requested_at.get(kid), now)


def _fetch_or_wait(platform: Platform, kid: str, fetch: Fetch) -> KeySet:
    deadline = time.monotonic() + LEASE_DURATION.total_seconds()
    while time.monotonic() < deadline:
        key_set, acquired = _acquire_lease(platform, kid)
        if acquired:
            return _store_result(key_set, *_fetch_keys(platform, fetch))
        if not _is_leased(key_set, timezone.now()):
            return key_set
        time.sleep(POLL_INTERVAL_S)
    return key_set


@transaction.atomic
def _acquire_lease(platform: Platform, kid: str) -> tuple[KeySet, bool]:
    KeySet.objects.get_or_create(platform=platform)
    key_set = KeySet.objects.select_for_update().get(platform=platform)
    now = timezone.now()
    attempts = [at for at in key_set.attempts if _is_recent(at, now, timedelta(minutes=1))]
    is_limited = len(attempts) >= MAX_FETCHES_PER_MINUTE
    if _is_leased(key_set, now) or not _needs_fetch(key_set, kid) or is_limited:
        return key_set, False
    recent = {name: at for name, at in key_set.requested_at.items() if _is_recent(at, now)}
    requested = (REFRESH_KEY, kid) if _is_expired(key_set, now) else (kid,)
    key_set.requested_at = recent | dict.fromkeys(requested, now.isoformat())
    key_set.attempts = [*attempts, now.isoformat()]
    key_set.leased_until = now + LEASE_DURATION
    key_set.save(update_fields=["requested_at", "attempts", "leased_until"])
    return key_set, True


def _fetch_keys(platform: Platform, fetch: Fetch) -> tuple[dict[str, Json] | None, str]:
    """Return (keys by id, "") or (None, failure reason)."""
    try:
        return parse_key_set(fetch(platform.key_set_url, local=platform.local, limits=LIMITS)), ""
    except OutboundError as error:
        log.warning("lti_key_set_fetch_failed", platform=platform.pk, reason=error.reason)
        return None, error.reason


def _store_result(key_set: KeySet, keys: dict[str, Json] | None, failure: str) -> KeySet:
    key_set.leased_until, key_set.failure = None, failure[:64]
    if keys is not None:
        key_set.keys, key_set.fetched_at = keys, timezone.now()
    key_set.save(update_fields=["leased_until", "failure", "keys", "fetched_at"])
    return key_set


def _is_expired(key_set: KeySet, now: datetime) -> bool:
    return key_set.fetched_at is None or now - key_set.fetched_at > REFRESH_AFTER


def _is_leased(key_set: KeySet, now: datetime) -> bool:
    return key_set.leased_until is not None and key_set.leased_until > now


def _is_recent(at: str | None, now: datetime, span: timedelta = UNKNOWN_KID_RETRY_AFTER) -> bool:
    return at is not None and now - datetime.fromisoformat(at) < span
