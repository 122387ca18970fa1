"""OIDC third-party initiated login: from the platform's initiation to the launch that ends it.

Anybody can start a login, so that nothing is stored until the launch: the signed `state` contains
the login, and `LaunchState` records that it was used.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.core import signing
from django.utils import timezone
from django.utils.crypto import salted_hmac

from fer_lms.lti.models import LaunchState, Platform
from fer_lms.lti.protocol.claims import CONTROL_CHARACTER, MAX_ID_LENGTH, sha256_hex
from fer_lms.lti.protocol.errors import ErrorKind, LtiError

LOGIN_LIFETIME = timedelta(minutes=15)
"""Long enough to enter a password at the platform."""
MAX_LENGTHS = {"login_hint": 4096, "lti_message_hint": 4096, "target_link_uri": 500}
"""Of login initiation parameters; `MAX_ID_LENGTH` applies to all others."""
SALT = "fer_lms.lti.launch.logins"


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
    """A started login. `browser_secret` binds it to the browser; `state` does not contain it."""

    platform: Platform
    state: str
    browser_secret: str
    url: str


def start_login(initiation: LoginInitiation, *, redirect_uri: str) -> AuthenticationRequest:
    """Build the authentication request of a new login (Security Framework, 5.1.1.2).

    Raises:
        LtiError: The initiation is invalid or its platform is unknown or switched off.
    """
    _check_parameters(initiation)
    platform = _get_platform(initiation)
    state = _sign_state(platform, initiation)
    nonce, browser_secret = _derive_secret("nonce", state), _derive_secret("browser", state)
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
    """Return the unused, unexpired login of this state, not stored; raise LtiError without one."""
    login = _parse_state(state)
    if LaunchState.objects.filter(state_digest=login.state_digest).exists():
        raise LtiError(ErrorKind.EXPIRED, "replayed_state", platform=login.platform_id)
    if timezone.now() - login.created_at > LOGIN_LIFETIME:
        raise LtiError(ErrorKind.EXPIRED, "expired_state", platform=login.platform_id)
    return login


def _sign_state(platform: Platform, initiation: LoginInitiation) -> str:
    fields = {
        "random": secrets.token_urlsafe(16),
        "at": timezone.now().timestamp(),
        "platform": platform.pk,
        "deployment": initiation.lti_deployment_id,
        "target": initiation.target_link_uri,
        "storage": initiation.lti_storage_target,
    }
    return _create_signer().sign_object(fields, compress=True)


def _create_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT, sep=".")  # needs no escape in a URL


def _parse_state(state: str) -> LaunchState:
    try:
        fields = _create_signer().unsign_object(state)
    except signing.BadSignature as error:
        raise LtiError(ErrorKind.EXPIRED, "unknown_state") from error
    platform = Platform.objects.filter(pk=fields["platform"]).first()
    if platform is None:
        raise LtiError(ErrorKind.EXPIRED, "unknown_state")
    return LaunchState(
        state_digest=sha256_hex(state),
        nonce_digest=sha256_hex(_derive_secret("nonce", state)),
        browser_digest=sha256_hex(_derive_secret("browser", state)),
        platform=platform,
        deployment_id=fields["deployment"],
        target_link_uri=fields["target"],
        storage_target=fields["storage"],
        created_at=datetime.fromtimestamp(fields["at"], UTC),
    )


def _derive_secret(purpose: str, state: str) -> str:
    """Derive a secret of a login, which nobody can compute from its state."""
    return salted_hmac(f"{SALT}.{purpose}", state, algorithm="sha256").hexdigest()


def is_same_browser(login: LaunchState, browser_secret: str) -> bool:
    return hmac.compare_digest(sha256_hex(browser_secret), login.browser_digest)


def consume_login(login: LaunchState) -> None:
    """Record that a login is used; raise LtiError in all but one of concurrent attempts."""
    login.consumed_at = timezone.now()
    fields = {
        field.attname: getattr(login, field.attname)
        for field in login._meta.concrete_fields
        if not field.primary_key and field.attname != "state_digest"
    }
    _, is_first = LaunchState.objects.get_or_create(
        state_digest=login.state_digest, defaults=fields
    )
    if not is_first:
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
