"""The keys that platforms sign with: fetched by us, from the registered address only, and kept.

Nobody waits for another platform's server: what is known is in the database, one process at a
time asks, and no transaction is open while it does. Somebody who makes up key ids makes us ask
once for each of them in five minutes, and never more than `MOST_A_MINUTE` times.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

import structlog
from django.db import transaction
from django.utils import timezone

from fer_lms.lti.models import KeySet, Platform
from fer_lms.lti.protocol.outbound import Limits, OutboundError, fetch_json
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.tokens import LONGEST_KID, Json, public_key_of

log = structlog.get_logger(__name__)

FRESH = timedelta(hours=1)
STALE = timedelta(hours=12)
"""Keys are still used while the platform does not answer, but not for longer than this."""
ASK_AGAIN = timedelta(minutes=5)
"""For the same unknown key id."""
TRY_AGAIN = timedelta(seconds=30)
"""For a key set that is due, where the platform did not answer."""
MOST_A_MINUTE = 6
MOST_KEYS = 50
LIMITS = Limits(connect_seconds=3, read_seconds=3, total_seconds=5, most_bytes=128 * 1024)
LEASE = timedelta(seconds=LIMITS.total_seconds + 2)
POLL_SECONDS = 0.05
DUE = ""
"""Stands among the key ids for "the whole set is due"; no key has an empty id."""

Fetch = Callable[..., Any]


def key_of(platform: Platform, kid: str, *, fetch: Fetch = fetch_json) -> Json:
    """The platform's key of this id. Raises LaunchRefused."""
    row = KeySet.objects.filter(platform=platform).first()
    if row is None or _must_ask(row, kid):
        row = _asked(platform, kid, fetch)
    if row.fetched_at is None or timezone.now() - row.fetched_at > STALE:
        _refuse(Refusal.KEYS, row.failure or "no_key_set")
    key: Json | None = row.keys.get(kid)
    if key is None:
        _refuse(Refusal.TOKEN, "unknown_kid")
    return key


def _must_ask(row: KeySet, kid: str) -> bool:
    """Is there a reason to ask, and has that reason not led to a question lately?"""
    now = timezone.now()
    if kid in row.keys and (not _is_due(row, now) or _is_busy(row, now)):
        return False
    if _is_busy(row, now):
        return True
    if _is_due(row, now):
        return not _recent(row.asked_at.get(DUE), now, TRY_AGAIN)
    return not _recent(row.asked_at.get(kid), now)


def _asked(platform: Platform, kid: str, fetch: Fetch) -> KeySet:
    """Ask, or wait for whoever is asking just now."""
    deadline = time.monotonic() + LEASE.total_seconds()
    while time.monotonic() < deadline:
        row, ours = _claim(platform, kid)
        if ours:
            return _store(row, *_fetched(platform, fetch))
        if not _is_busy(row, timezone.now()):
            return row
        time.sleep(POLL_SECONDS)
    return row


@transaction.atomic
def _claim(platform: Platform, kid: str) -> tuple[KeySet, bool]:
    """Note that we ask, if there is still a reason to; (the row, whether we do)."""
    KeySet.objects.get_or_create(platform=platform)
    row = KeySet.objects.select_for_update().get(platform=platform)
    now = timezone.now()
    attempts = [at for at in row.attempts if _recent(at, now, timedelta(minutes=1))]
    if _is_busy(row, now) or not _must_ask(row, kid) or len(attempts) >= MOST_A_MINUTE:
        return row, False
    asked = {each: at for each, at in row.asked_at.items() if _recent(at, now)}
    reasons = (DUE, kid) if _is_due(row, now) else (kid,)
    row.asked_at = asked | dict.fromkeys(reasons, now.isoformat())
    row.attempts = [*attempts, now.isoformat()]
    row.busy_until = now + LEASE
    row.save(update_fields=["asked_at", "attempts", "busy_until"])
    return row, True


def _fetched(platform: Platform, fetch: Fetch) -> tuple[dict[str, Json] | None, str]:
    """(Keys by id, "") or (None, why not). No transaction is open here."""
    try:
        return usable_keys(fetch(platform.key_set_url, local=platform.local, limits=LIMITS)), ""
    except OutboundError as error:
        log.warning("lti_key_set", platform=platform.pk, reason=error.reason)
        return None, error.reason


def _store(row: KeySet, keys: dict[str, Json] | None, failure: str) -> KeySet:
    row.busy_until, row.failure = None, failure[:64]
    if keys is not None:
        row.keys, row.fetched_at = keys, timezone.now()
    row.save(update_fields=["busy_until", "failure", "keys", "fetched_at"])
    return row


def usable_keys(answer: object) -> dict[str, Json]:
    """RSA signature keys by id, their public numbers only; an id given twice serves nobody."""
    listed = answer.get("keys") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return {}
    usable: dict[str, Json] = {}
    twice: set[str] = set()
    for jwk in listed[:MOST_KEYS]:
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        if not isinstance(kid, str) or not 1 <= len(kid) <= LONGEST_KID:
            continue
        if kid in usable:
            twice.add(kid)
        if public_key_of(jwk) is not None:
            usable[kid] = {"kty": "RSA", "n": jwk["n"], "e": jwk["e"]}
    return {kid: jwk for kid, jwk in usable.items() if kid not in twice}


def _is_due(row: KeySet, now: datetime) -> bool:
    return row.fetched_at is None or now - row.fetched_at > FRESH


def _is_busy(row: KeySet, now: datetime) -> bool:
    return row.busy_until is not None and row.busy_until > now


def _recent(at: str | None, now: datetime, span: timedelta = ASK_AGAIN) -> bool:
    return at is not None and now - datetime.fromisoformat(at) < span


def _refuse(refusal: Refusal, reason: str) -> NoReturn:
    raise LaunchRefused(refusal, reason)
