"""Validation of an id_token's claims (LTI 1.3, section 5.3; OpenID Connect Core 1.0, 3.1.3.7).

Pure: no database and no clock. Invalid claims raise LtiError; nothing is repaired.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from fer_lms.display_text import clean_name, clean_text
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tokens import Json

MAX_LOCALE_LENGTH = 35
"""As long as a language tag has to be supported (RFC 5646, 4.4.1)."""
CLAIM_PREFIX = "https://purl.imsglobal.org/spec/lti/claim/"
LTI_VERSION = "1.3.0"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
DATA_PRIVACY = "DataPrivacyLaunchRequest"
MESSAGE_TYPES = (RESOURCE_LINK, DEEP_LINKING, DATA_PRIVACY)
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

CLOCK_SKEW_S = 30
MAX_AGE_BEFORE_LOGIN_S = 300
"""Maximum time by which `iat` may precede the login. Canvas creates the message when it renders its
launch button, which is valid for 150 s, and later adds only the nonce, which proves that the token
was signed after the login."""
MAX_LIFETIME_S = 24 * 3600
MAX_NUMERIC_DATE = 1e11
"""Seconds since 1970; rejects numbers that are not plausible times."""
MAX_ID_LENGTH = 255
MAX_TITLE_LENGTH = 200
MAX_NAME_LENGTH = 150
"""Of the columns that store them."""
CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""And lone surrogates, which JSON can contain and no database stores."""
ID_PATTERN = re.compile("[^\x00-\x1f\x7f\ud800-\udfff]{1,255}")


@dataclass(frozen=True, slots=True)
class ExpectedClaims:
    """Values of the login that the claims must match. Times in seconds since 1970."""

    issuer: str
    client_id: str
    nonce_digest: str
    login_started_at: float
    now: float


@dataclass(frozen=True, slots=True)
class LaunchMessage:
    """The validated claims that a launch uses."""

    message_type: str
    deployment_id: str
    sub: str
    roles: tuple[str, ...]
    target_link_uri: str
    given_name: str
    family_name: str
    full_name: str
    context_id: str
    context_title: str
    resource_link_id: str
    resource_link_title: str
    custom: Json
    memberships_url: str
    for_user: str
    locale: str
    claims: Json


def sha256_hex(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def parse_launch(claims: Json, expected: ExpectedClaims) -> LaunchMessage:
    """Validate the claims of a verified id_token.

    Args:
        claims: Claims of a token whose signature was verified.
        expected: Values of the login that the token belongs to.

    Raises:
        LtiError: A claim is missing, malformed or does not match the login.
    """
    _check_parties(claims, expected)
    _check_times(claims, expected)
    _check_nonce(claims, expected)
    message_type = _parse_message_type(claims)
    is_resource_link = message_type == RESOURCE_LINK
    context = _parse_object(claims, CLAIM_PREFIX + "context")
    link = _parse_object(claims, CLAIM_PREFIX + "resource_link")
    return LaunchMessage(
        message_type=message_type,
        deployment_id=_parse_id(claims.get(CLAIM_PREFIX + "deployment_id"), "deployment_id"),
        sub=_parse_sub(claims),
        roles=_parse_roles(claims, required=message_type != DATA_PRIVACY),
        target_link_uri=_parse_target(claims, required=is_resource_link),
        given_name=clean_name(claims.get("given_name"), MAX_NAME_LENGTH),
        family_name=clean_name(claims.get("family_name"), MAX_NAME_LENGTH),
        full_name=clean_name(claims.get("name"), MAX_NAME_LENGTH),
        context_id=_parse_id(context["id"], "context_id") if context.get("id") is not None else "",
        context_title=_parse_title(context, "title") or _parse_title(context, "label"),
        resource_link_id=_parse_id(link.get("id"), "resource_link_id") if is_resource_link else "",
        resource_link_title=_parse_title(link, "title"),
        custom=_parse_object(claims, CLAIM_PREFIX + "custom"),
        memberships_url=_parse_memberships_url(claims),
        for_user=_parse_for_user(claims),
        locale=_parse_locale(claims),
        claims=claims,
    )


def _check_parties(claims: Json, expected: ExpectedClaims) -> None:
    """Check `iss`, `aud` and `azp` (OpenID Connect Core 1.0, 3.1.3.7, steps 2 to 5)."""
    if claims.get("iss") != expected.issuer:
        _fail_token("wrong_iss")
    audience = claims.get("aud")
    if isinstance(audience, list):
        if not all(isinstance(value, str) for value in audience):
            _fail_token("wrong_aud")
        if expected.client_id not in audience:
            _fail_token("wrong_aud")
        if "azp" not in claims:
            _fail_token("no_azp")
    elif audience != expected.client_id:
        _fail_token("wrong_aud")
    if "azp" in claims and claims["azp"] != expected.client_id:
        _fail_token("wrong_azp")


def _check_times(claims: Json, expected: ExpectedClaims) -> None:
    """Check `iat`, `exp` and `nbf` against the login and the current time."""
    issued, expires = _parse_time(claims, "iat"), _parse_time(claims, "exp")
    if issued > expected.now + CLOCK_SKEW_S:
        _fail_time("issued_in_future")
    if issued < expected.login_started_at - MAX_AGE_BEFORE_LOGIN_S - CLOCK_SKEW_S:
        _fail_time("issued_before_login")
    if expires <= expected.now - CLOCK_SKEW_S:
        _fail_time("expired")
    if not issued < expires <= issued + MAX_LIFETIME_S:
        _fail_time("life_out_of_bounds")
    if "nbf" in claims and _parse_time(claims, "nbf") > expected.now + CLOCK_SKEW_S:
        _fail_time("not_yet_valid")


def _parse_time(claims: Json, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _fail_time(f"no_{name}")
    if not 0 < value < MAX_NUMERIC_DATE:
        _fail_time(f"no_{name}")
    return value


def _check_nonce(claims: Json, expected: ExpectedClaims) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        _fail_token("no_nonce")
    if not hmac.compare_digest(sha256_hex(nonce), expected.nonce_digest):
        _fail_token("wrong_nonce")


def _parse_message_type(claims: Json) -> str:
    if claims.get(CLAIM_PREFIX + "version") != LTI_VERSION:
        _fail_message("wrong_version")
    message_type = claims.get(CLAIM_PREFIX + "message_type")
    if message_type not in MESSAGE_TYPES:
        _fail_message("wrong_message_type")
    return str(message_type)


def _parse_roles(claims: Json, *, required: bool) -> tuple[str, ...]:
    roles = claims.get(CLAIM_PREFIX + "roles")
    if roles is None and not required:
        return ()
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        _fail_message("no_roles")
    return tuple(roles)


def _parse_sub(claims: Json) -> str:
    """Parse the user id, which Canvas omits for anonymous visitors of a public course."""
    if claims.get("sub") is None:
        raise LtiError(ErrorKind.ANONYMOUS_LAUNCH, "no_person")
    return _parse_id(claims["sub"], "sub")


def _parse_target(claims: Json, *, required: bool) -> str:
    target = claims.get(CLAIM_PREFIX + "target_link_uri")
    if target is None and not required:
        return ""
    if not isinstance(target, str) or not target:
        _fail_message("no_target_link_uri")
    return target


def _parse_memberships_url(claims: Json) -> str:
    url = _parse_object(claims, NRPS_CLAIM).get("context_memberships_url", "")
    return url if isinstance(url, str) else ""


def _parse_id(value: object, name: str) -> str:
    if not isinstance(value, str) or not ID_PATTERN.fullmatch(value):
        _fail_message(f"no_{name}")
    return value


def _parse_object(claims: Json, name: str) -> Json:
    value = claims.get(name)
    if value is None:  # some platforms send null for absent claims
        return {}
    if not isinstance(value, dict):
        _fail_message("claim_is_no_object", claim=name.rpartition("/")[2])
    return value


def _parse_title(values: Json, name: str) -> str:
    return clean_text(values.get(name), MAX_TITLE_LENGTH)


def _parse_for_user(claims: Json) -> str:
    value = _parse_object(claims, CLAIM_PREFIX + "for_user").get("user_id")
    return value[:MAX_ID_LENGTH] if isinstance(value, str) else ""


def _parse_locale(claims: Json) -> str:
    """Return the language of the platform's page; a malformed one is no reason to refuse."""
    presentation = claims.get(CLAIM_PREFIX + "launch_presentation")
    value = presentation.get("locale") if isinstance(presentation, dict) else None
    return value[:MAX_LOCALE_LENGTH] if isinstance(value, str) else ""


def _fail_token(reason: str) -> NoReturn:
    raise LtiError(ErrorKind.INVALID_TOKEN, reason)


def _fail_time(reason: str) -> NoReturn:
    raise LtiError(ErrorKind.INVALID_TIME, reason)


def _fail_message(reason: str, **details: Any) -> NoReturn:
    raise LtiError(ErrorKind.INVALID_MESSAGE, reason, **details)
