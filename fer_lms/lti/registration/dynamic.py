"""LTI Dynamic Registration 1.0.

An administrator creates a one-time address and enters it in the LMS. The tool then fetches the
platform's OpenID configuration, registers itself there, and stores the platform, which stays
switched off until the administrator has checked it.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.display_text import clean_text
from fer_lms.lti.models import Platform, RegistrationInvite, parse_origin
from fer_lms.lti.protocol.claims import ID_PATTERN, sha256_hex
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tokens import Json
from fer_lms.lti.registration.platforms import (
    CANVAS_ISSUER,
    CANVAS_ISSUERS,
    MAX_NAME_LENGTH,
    MAX_URL_LENGTH,
    InvalidPlatformError,
    PlatformConfig,
    add_platform,
    parse_page_origin,
    validate_platform_config,
)
from fer_lms.lti.registration.tool_configuration import (
    TOOL_CONFIGURATION_CLAIM,
    ToolUrls,
    build_registration,
)
from fer_lms.outbound import Limits, OutboundError, fetch, parse_url
from fer_lms.people.models import User

log = structlog.get_logger(__name__)

INVITE_LIFETIME = timedelta(hours=1)
INVITE_RETENTION = timedelta(days=30)
LIMITS = Limits(total_timeout_s=10.0, max_bytes=256 * 1024)
MAX_TOKEN_LENGTH = 8192
PLATFORM_CONFIGURATION_CLAIM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """Parameters that a platform adds to the registration address."""

    configuration_url: str
    token: str


def create_invite(*, actor: User | None, local: bool = False, page_address: str = "") -> str:
    """Create a one-time registration address and return its secret; only the digest is stored.

    Args:
        actor: The administrator.
        local: Whether the platform may use plain http and private addresses.
        page_address: Address of the LMS's pages, if it differs from its services'.

    Raises:
        InvalidPlatformError: `page_address` is invalid.
    """
    secret = secrets.token_urlsafe(32)
    page_origin = parse_page_origin(page_address, local=local) if page_address.strip() else ""
    invite = RegistrationInvite.objects.create(
        digest=sha256_hex(secret),
        made_by=actor,
        local=local,
        page_origin=page_origin,
        expires_at=timezone.now() + INVITE_LIFETIME,
    )
    record_event(actor=actor, action="lti.invite_made", subject=invite, details={"local": local})
    return secret


def list_frame_ancestors(secret: str) -> list[str]:
    """Return the CSP `frame-ancestors` of the registration page: any site over https.

    The origin of Canvas's pages is unknown before registration. The page has no session, and
    whoever has the secret in its address can also open it outside an iframe.
    """
    is_local = RegistrationInvite.objects.filter(digest=sha256_hex(secret), local=True).exists()
    return ["http:", "https:"] if is_local else ["https:"]


def get_unused_invite(secret: str) -> RegistrationInvite:
    """Return the unused, unexpired invite of this secret; raise LtiError if there is none."""
    invite = RegistrationInvite.objects.filter(digest=sha256_hex(secret)).first()
    if invite is None:
        raise LtiError(ErrorKind.INVALID_INVITE, "unknown_invite")
    if invite.used_at is not None:
        raise LtiError(ErrorKind.INVALID_INVITE, "used_invite", invite=invite.pk)
    if invite.expires_at <= timezone.now():
        raise LtiError(ErrorKind.INVALID_INVITE, "expired_invite", invite=invite.pk)
    return invite


def validate_registration_request(request: RegistrationRequest, *, local: bool) -> str:
    """Return the platform's origin; raise LtiError if its parameters are malformed."""
    token = request.token
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii() or not token.isprintable():
        raise _build_error("token_out_of_bounds")
    try:
        parse_url(request.configuration_url, local=local)
    except OutboundError as error:
        raise _build_error(f"configuration_{error.reason}") from error
    origin = parse_origin(request.configuration_url)
    if not origin:
        raise _build_error("configuration_malformed_url")
    return origin


def register_platform(
    *, invite: RegistrationInvite, request: RegistrationRequest, urls: ToolUrls
) -> Platform:
    """Consume the invite, register this tool at the platform, and store the platform switched off.

    Raises:
        LtiError: A step failed. The invite is consumed nevertheless.
    """
    origin = validate_registration_request(request, local=invite.local)
    _consume_invite(invite)
    configuration = _fetch_json(request.configuration_url, request.token, invite.local)
    config, endpoint = parse_platform_configuration(
        configuration, origin=origin, local=invite.local
    )
    body = build_registration(urls, family=_parse_family(configuration))
    response = _fetch_json(endpoint, request.token, invite.local, body)
    response = response if isinstance(response, dict) else {}
    config = replace(
        config,
        client_id=_parse_text(response, "client_id"),
        page_origins=[*config.page_origins, invite.page_origin],
    )
    try:
        platform = add_platform(
            config=config,
            active=False,
            actor=invite.made_by,
            deployment_ids=_parse_deployment_ids(response),
        )
    except InvalidPlatformError as error:
        raise _build_error("registered_already_or_unusable") from error
    RegistrationInvite.objects.filter(pk=invite.pk).update(platform=platform)
    log.info("lti_registered", platform=platform.pk, invite=invite.pk)
    return platform


def parse_platform_configuration(
    configuration: Any, *, origin: str, local: bool
) -> tuple[PlatformConfig, str]:
    """Validate a platform's OpenID configuration (OpenID Connect Discovery 1.0, section 3).

    Args:
        configuration: The fetched JSON.
        origin: Where it was fetched from.
        local: Whether plain http and private addresses are allowed.

    Returns:
        The configuration, with a placeholder client id, and the registration endpoint.

    Raises:
        LtiError: A value is missing or invalid, or the issuer has another origin.
    """
    if not isinstance(configuration, dict):
        raise _build_error("configuration_no_object")
    issuer = _parse_text(configuration, "issuer")
    login_url = _parse_text(configuration, "authorization_endpoint")
    token_url = _parse_text(configuration, "token_endpoint")
    key_set_url = _parse_text(configuration, "jwks_uri")
    endpoint = _parse_text(configuration, "registration_endpoint")
    if not _is_issuer_allowed(issuer, origin):
        raise _build_error("foreign_issuer")
    # Canvas registers at the school's own address, where its pages are.
    is_canvas = _parse_family(configuration) == "canvas"
    config = PlatformConfig(
        name=_parse_name(configuration, issuer),
        issuer=issuer,
        client_id="-",  # assigned in the platform's response
        auth_login_url=login_url,
        auth_token_url=token_url,
        key_set_url=key_set_url,
        token_audience=_parse_audience(configuration),
        page_origins=[origin, parse_origin(endpoint)] if is_canvas else [origin],
        local=local,
    )
    try:
        validate_platform_config(config)
    except InvalidPlatformError as error:
        raise _build_error("configuration_unusable") from error
    return config, endpoint


def _is_issuer_allowed(issuer: str, origin: str) -> bool:
    """Return whether a configuration fetched from this origin may name this issuer."""
    if issuer in CANVAS_ISSUERS:
        host = urlsplit(origin).hostname or ""
        return host.endswith((".instructure.com", ".canvaslms.com"))
    return parse_origin(issuer) == origin


def _consume_invite(invite: RegistrationInvite) -> None:
    """Mark an invite as used; of concurrent attempts only one succeeds."""
    now = timezone.now()
    unused = RegistrationInvite.objects.filter(pk=invite.pk, used_at=None, expires_at__gt=now)
    if unused.update(used_at=now) != 1:
        raise LtiError(ErrorKind.INVALID_INVITE, "used_invite", invite=invite.pk)


def _fetch_json(url: str, token: str, local: bool, body: Json | None = None) -> Any:
    """GET, or POST a JSON body, and return the parsed JSON response."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        return fetch(
            url,
            local=local,
            method="GET" if body is None else "POST",
            headers=headers,
            body=b"" if body is None else json.dumps(body).encode(),
            limits=LIMITS,
        ).json()
    except OutboundError as error:
        step = "configuration" if body is None else "registration"
        raise _build_error(f"{step}_{error.reason}") from error


def _parse_deployment_ids(response: Json) -> list[str]:
    """Parse the deployment ids, at most two.

    Moodle sends the id within the tool configuration, newer versions of Canvas beside it, and
    older ones do not send it.
    """
    parents = (response.get(TOOL_CONFIGURATION_CLAIM), response)
    ids = [parent.get("deployment_id") for parent in parents if isinstance(parent, dict)]
    return list(
        dict.fromkeys(
            value for value in ids if isinstance(value, str) and ID_PATTERN.fullmatch(value)
        )
    )


def _parse_audience(configuration: Json) -> str:
    """Return the token audience if it is a URL.

    Canvas sends a host name, but expects its token URL as the audience.
    """
    server = configuration.get("authorization_server")
    if not isinstance(server, str) or len(server) > MAX_URL_LENGTH or not server.isprintable():
        return ""
    return server if parse_origin(server) else ""


def _get_platform_claim(configuration: Json, name: str) -> str:
    claim = configuration.get(PLATFORM_CONFIGURATION_CLAIM)
    value = claim.get(name) if isinstance(claim, dict) else None
    return value if isinstance(value, str) and value.isprintable() else ""


def _parse_family(configuration: Any) -> str:
    return _get_platform_claim(configuration, "product_family_code").lower()[:64]


def _parse_name(configuration: Json, issuer: str) -> str:
    account = _get_platform_claim(configuration, f"{CANVAS_ISSUER}/lti/account_name")
    name = clean_text(account, MAX_NAME_LENGTH)
    return (name or urlsplit(issuer).netloc or issuer)[:MAX_NAME_LENGTH]


def _parse_text(values: Json, name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _build_error(f"no_{name}")
    return value


def _build_error(reason: str) -> LtiError:
    return LtiError(ErrorKind.REGISTRATION_FAILED, reason)
