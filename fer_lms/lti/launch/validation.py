"""Validation of a launch: from the posted id_token to a verified message and its deployment.

PyJWT is used only for signing; docs/adr explains why validation is implemented here, in
`protocol.tokens` and in `protocol.claims`.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils import timezone

from fer_lms.lti.launch.logins import consume_login
from fer_lms.lti.models import Deployment, LaunchState
from fer_lms.lti.protocol.claims import ExpectedClaims, LaunchMessage, parse_launch
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.key_sets import get_platform_key
from fer_lms.lti.protocol.tokens import parse_id_token, verify_signature

ALLOWED_TARGETS = {"lti-launch", "lti-deep-link", "home", "lessons"}
"""URL names that `target_link_uri` may resolve to; the resource link determines the lesson."""
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ValidatedLaunch:
    """A verified launch message and the active deployment that sent it."""

    message: LaunchMessage
    deployment: Deployment


def validate_launch(login: LaunchState, id_token: str, *, own_origin: str) -> ValidatedLaunch:
    """Validate an id_token and consume its login (LTI 1.3; IMS Security Framework, 5.1.3).

    Args:
        login: The pending login of the posted `state`.
        id_token: The posted token.
        own_origin: `scheme://host[:port]` of this installation.

    Raises:
        LtiError: A check failed; the login is then still unused.
    """
    platform = login.platform
    if not platform.active:
        raise LtiError(ErrorKind.UNKNOWN_PLATFORM, "inactive_platform", platform=platform.pk)
    token = parse_id_token(id_token)
    verify_signature(token, get_platform_key(platform, token.kid))
    expected = ExpectedClaims(
        issuer=platform.issuer,
        client_id=platform.client_id,
        nonce_digest=login.nonce_digest,
        login_started_at=login.created_at.timestamp(),
        now=timezone.now().timestamp(),
    )
    message = parse_launch(token.claims, expected)
    deployment = _get_deployment(login, message.deployment_id)
    validate_target_uri(message.target_link_uri, own_origin=own_origin)
    consume_login(login)
    return ValidatedLaunch(message, deployment)


def validate_target_uri(uri: str, *, own_origin: str) -> None:
    """Raise LtiError unless a `target_link_uri` is empty or an allowed page of this site."""
    if not uri:
        return
    try:
        url_name = resolve(urlsplit(uri).path or "/").url_name
        is_own = is_same_origin(uri, own_origin)
    except (ValueError, Resolver404) as error:
        raise LtiError(ErrorKind.INVALID_TARGET, "no_such_target") from error
    if not is_own:
        raise LtiError(ErrorKind.INVALID_TARGET, "foreign_target")
    if url_name not in ALLOWED_TARGETS:
        raise LtiError(ErrorKind.INVALID_TARGET, "no_such_target")


def is_same_origin(uri: str, own_origin: str) -> bool:
    """Compare origins (RFC 6454, section 4). Raises ValueError if the URI is malformed."""
    parts = urlsplit(uri)
    if "@" in parts.netloc or not parts.hostname:
        return False
    return _parse_origin_tuple(uri) == _parse_origin_tuple(own_origin)


def _parse_origin_tuple(uri: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)


def _get_deployment(login: LaunchState, deployment_id: str) -> Deployment:
    if login.deployment_id not in ("", deployment_id):
        raise LtiError(ErrorKind.UNKNOWN_DEPLOYMENT, "other_deployment", platform=login.platform_id)
    deployment = Deployment.objects.filter(
        platform=login.platform, deployment_id=deployment_id, active=True
    ).first()
    # Some databases ignore case in comparisons; ids are case-sensitive (LTI 1.3, section 5.3.3).
    if deployment is None or deployment.deployment_id != deployment_id:
        raise LtiError(ErrorKind.UNKNOWN_DEPLOYMENT, "wrong_deployment", platform=login.platform_id)
    return deployment
