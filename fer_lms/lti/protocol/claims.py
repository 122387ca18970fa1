"""Does a verified message say what it must, to us, now? Pure: no database, no clock of its own.

Every check either passes or raises LaunchRefused; nothing is repaired and nothing is guessed.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.tokens import Json

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
VERSION = "1.3.0"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
DATA_PRIVACY = "DataPrivacyLaunchRequest"
MESSAGE_TYPES = (RESOURCE_LINK, DEEP_LINKING, DATA_PRIVACY)
MEMBERSHIPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

CLOCK_SKEW = 30
"""Seconds by which two clocks may differ."""
RENDERED_BEFORE = 300
"""Seconds from when a platform may have dated a message to our login. Canvas writes one when it
shows its own page, with a button to press within 150 s, and adds only our nonce when we ask; that
the nonce is ours says already that it was signed after we asked."""
LONGEST_LIFE = 24 * 3600
FURTHEST_TIME = 1e11
"""Thousands of years; beyond it numbers stop being times."""
LONGEST_ID = 255
LONGEST_TEXT = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ID = re.compile(r"[^\x00-\x1f\x7f]{1,255}")


@dataclass(frozen=True, slots=True)
class Expected:
    """What we asked for when the login began. Digests: the values themselves are not kept."""

    issuer: str
    client_id: str
    nonce_digest: str
    asked_at: float
    now: float


@dataclass(frozen=True, slots=True)
class Launch:
    """What a verified message says, and nothing else of it."""

    message_type: str
    deployment_id: str
    sub: str
    roles: tuple[str, ...]
    target_link_uri: str
    given_name: str
    family_name: str
    context_id: str
    context_title: str
    resource_link_id: str
    resource_link_title: str
    custom: Json
    memberships_url: str
    for_user: str
    claims: Json


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def launch_of(claims: Json, expected: Expected) -> Launch:
    """The launch that these claims describe, once they hold. Raises LaunchRefused."""
    _check_parties(claims, expected)
    _check_times(claims, expected)
    _check_nonce(claims, expected)
    message_type = _check_message(claims)
    context = _object(claims, LTI + "context")
    link = _object(claims, LTI + "resource_link")
    return Launch(
        message_type=message_type,
        deployment_id=_id(claims.get(LTI + "deployment_id"), "deployment_id"),
        sub=_person(claims),
        roles=_roles(claims, required=message_type != DATA_PRIVACY),
        target_link_uri=_target(claims, required=message_type == RESOURCE_LINK),
        given_name=_text(claims.get("given_name")),
        family_name=_text(claims.get("family_name")),
        context_id=_id(context["id"], "context_id") if context.get("id") is not None else "",
        context_title=_text(context.get("title")) or _text(context.get("label")),
        resource_link_id=_link_id(link, required=message_type == RESOURCE_LINK),
        resource_link_title=_text(link.get("title")),
        custom=_object(claims, LTI + "custom"),
        memberships_url=_memberships_url(claims),
        for_user=_text(_object(claims, LTI + "for_user").get("user_id"), LONGEST_ID),
        claims=claims,
    )


def _check_parties(claims: Json, expected: Expected) -> None:
    """Exactly this platform speaks to exactly us."""
    if claims.get("iss") != expected.issuer:
        _refuse_token("wrong_iss")
    audience = claims.get("aud")
    if isinstance(audience, list):
        if not all(isinstance(each, str) for each in audience):
            _refuse_token("wrong_aud")
        if expected.client_id not in audience:
            _refuse_token("wrong_aud")
        if "azp" not in claims:
            _refuse_token("no_azp")
    elif audience != expected.client_id:
        _refuse_token("wrong_aud")
    if "azp" in claims and claims["azp"] != expected.client_id:
        _refuse_token("wrong_azp")


def _check_times(claims: Json, expected: Expected) -> None:
    """Issued not long before we asked, not in the future, still valid, and not for ever."""
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if issued > expected.now + CLOCK_SKEW:
        _refuse_clock("issued_in_future")
    if issued < expected.asked_at - RENDERED_BEFORE - CLOCK_SKEW:
        _refuse_clock("issued_before_login")
    if expires <= expected.now - CLOCK_SKEW:
        _refuse_clock("expired")
    if not issued < expires <= issued + LONGEST_LIFE:
        _refuse_clock("life_out_of_bounds")
    if "nbf" in claims and _time(claims, "nbf") > expected.now + CLOCK_SKEW:
        _refuse_clock("not_yet_valid")


def _time(claims: Json, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse_clock(f"no_{name}")
    if not 0 < value < FURTHEST_TIME:
        _refuse_clock(f"no_{name}")
    return value


def _check_nonce(claims: Json, expected: Expected) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        _refuse_token("no_nonce")
    if not hmac.compare_digest(digest_of(nonce), expected.nonce_digest):
        _refuse_token("wrong_nonce")


def _check_message(claims: Json) -> str:
    if claims.get(LTI + "version") != VERSION:
        _refuse_message("wrong_version")
    message_type = claims.get(LTI + "message_type")
    if message_type not in MESSAGE_TYPES:
        _refuse_message("wrong_message_type")
    return str(message_type)


def _roles(claims: Json, *, required: bool) -> tuple[str, ...]:
    roles = claims.get(LTI + "roles")
    if roles is None and not required:
        return ()
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        _refuse_message("no_roles")
    return tuple(roles)


def _person(claims: Json) -> str:
    """A visitor who is not logged in has no `sub`: Canvas lets such people into public courses."""
    if claims.get("sub") is None:
        raise LaunchRefused(Refusal.ANONYMOUS, "no_person")
    return _id(claims["sub"], "sub")


def _target(claims: Json, *, required: bool) -> str:
    target = claims.get(LTI + "target_link_uri")
    if target is None and not required:
        return ""
    if not isinstance(target, str) or not target:
        _refuse_message("no_target_link_uri")
    return target


def _link_id(link: Json, *, required: bool) -> str:
    if not required:
        return ""
    return _id(link.get("id"), "resource_link_id")


def _memberships_url(claims: Json) -> str:
    url = _object(claims, MEMBERSHIPS).get("context_memberships_url", "")
    return url if isinstance(url, str) else ""


def _id(value: object, name: str) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        _refuse_message(f"no_{name}")
    return value


def _object(claims: Json, name: str) -> Json:
    value = claims.get(name)
    if value is None:  # some platforms write null for what they leave out
        return {}
    if not isinstance(value, dict):
        _refuse_message("claim_is_no_object", claim=name.rpartition("/")[2])
    return value


def _text(value: object, longest: int = LONGEST_TEXT) -> str:
    """What people read: no control characters, and not without end. Anything else is left out."""
    return CONTROL.sub(" ", value).strip()[:longest] if isinstance(value, str) else ""


def _refuse_token(reason: str) -> NoReturn:
    raise LaunchRefused(Refusal.TOKEN, reason)


def _refuse_clock(reason: str) -> NoReturn:
    raise LaunchRefused(Refusal.CLOCK, reason)


def _refuse_message(reason: str, **details: Any) -> NoReturn:
    raise LaunchRefused(Refusal.MESSAGE, reason, **details)
