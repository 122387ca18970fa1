"""OIDC third-party initiated login: from the platform's initiation to the launch that ends it."""

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from fer_lms.lti.models import LaunchState, Platform
from fer_lms.lti.protocol.claims import CONTROL_CHARACTER, MAX_ID_LENGTH, sha256_hex
from fer_lms.lti.protocol.errors import ErrorKind, LtiError

LOGIN_LIFETIME = timedelta(minutes=15)
"""Long enough to enter a password at the platform."""
MAX_LENGTHS = {"login_hint": 4096, "lti_message_hint": 4096, "target_link_uri": 500}
"""Of login initiation parameters; `MAX_ID_LENGTH` applies to all others."""


@dataclass(frozen=True, slots=True)
class LoginInitiation:
    """Parameters of a login initiation request (IMS Security Framework 1.0, section 5.1.1.1)."""

    iss: str
    login_hint: str
    target_link_uri: str
    client_id: str = ""
    lti_deployment_id: str = ""
    lti_message_hint: str = ""
    lti_storage_target: str = ""


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """A started login. `browser_secret` binds it to the browser; only digests are stored."""

    platform: Platform
    state: str
    browser_secret: str
    url: str


def start_login(initiation: LoginInitiation, *, redirect_uri: str) -> AuthenticationRequest:
    """Store a login and build its authentication request (Security Framework, 5.1.1.2).

    Raises:
        LtiError: The initiation is invalid or its platform is unknown or switched off.
    """
    _check_parameters(initiation)
    platform = _get_platform(initiation)
    state, nonce, browser_secret = (secrets.token_urlsafe(32) for _ in range(3))
    LaunchState.objects.create(
        state_digest=sha256_hex(state),
        nonce_digest=sha256_hex(nonce),
        browser_digest=sha256_hex(browser_secret),
        platform=platform,
        deployment_id=initiation.lti_deployment_id,
        target_link_uri=initiation.target_link_uri,
        storage_target=initiation.lti_storage_target,
    )
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": redirect_uri,
        "login_hint": initiation.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if initiation.lti_message_hint:
        parameters["lti_message_hint"] = initiation.lti_message_hint
    separator = "&" if "?" in platform.auth_login_url else "?"
    url = f"{platform.auth_login_url}{separator}{urlencode(parameters)}"
    return AuthenticationRequest(platform, state, browser_secret, url)


def get_pending_login(state: str) -> LaunchState:
    """Return the unused, unexpired login of this state; raise LtiError if there is none."""
    logins = LaunchState.objects.select_related("platform")
    login = logins.filter(state_digest=sha256_hex(state)).first()
    if login is None:
        raise LtiError(ErrorKind.EXPIRED, "unknown_state")
    if login.consumed_at is not None:
        raise LtiError(ErrorKind.EXPIRED, "replayed_state", platform=login.platform_id)
    if timezone.now() - login.created_at > LOGIN_LIFETIME:
        raise LtiError(ErrorKind.EXPIRED, "expired_state", platform=login.platform_id)
    return login


def is_same_browser(login: LaunchState, browser_secret: str) -> bool:
    return hmac.compare_digest(sha256_hex(browser_secret), login.browser_digest)


def consume_login(login: LaunchState) -> None:
    """Mark a login as used; raise LtiError in all but one of concurrent attempts."""
    unused = LaunchState.objects.filter(pk=login.pk, consumed_at=None)
    if unused.update(consumed_at=timezone.now()) != 1:
        raise LtiError(ErrorKind.EXPIRED, "replayed_state", platform=login.platform_id)


def _get_platform(initiation: LoginInitiation) -> Platform:
    registered = Platform.objects.filter(issuer=initiation.iss)
    if initiation.client_id:
        registered = registered.filter(client_id=initiation.client_id)
    platforms = list(registered[:2])
    if not platforms:
        raise LtiError(ErrorKind.UNKNOWN_PLATFORM, "unknown_platform")
    if len(platforms) > 1:
        raise LtiError(ErrorKind.UNKNOWN_PLATFORM, "ambiguous_platform")
    if not platforms[0].active:
        raise LtiError(ErrorKind.UNKNOWN_PLATFORM, "inactive_platform", platform=platforms[0].pk)
    return platforms[0]


def _check_parameters(initiation: LoginInitiation) -> None:
    """Check that nothing required is missing and that every value can be stored."""
    if not (initiation.iss and initiation.login_hint and initiation.target_link_uri):
        raise LtiError(ErrorKind.INVALID_REQUEST, "login_incomplete")
    for name, value in asdict(initiation).items():
        is_hint = name.endswith("_hint")  # forwarded, not stored
        max_length = MAX_LENGTHS.get(name, MAX_ID_LENGTH)
        if len(value) > max_length or (not is_hint and CONTROL_CHARACTER.search(value)):
            raise LtiError(ErrorKind.INVALID_REQUEST, "login_out_of_bounds")
