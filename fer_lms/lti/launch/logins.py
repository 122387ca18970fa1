"""A login under way, from the platform's initiation to the one launch that uses it up."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from fer_lms.lti.models import LaunchState, Platform
from fer_lms.lti.protocol.claims import CONTROL, LONGEST_ID, digest_of
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal

VALID_FOR = timedelta(minutes=15)
"""Long enough to type a password at the platform in between."""
LONGEST_HINT = 4096


@dataclass(frozen=True, slots=True)
class Initiation:
    """What the platform sends to begin (OIDC third-party initiated login)."""

    issuer: str
    login_hint: str
    target_link_uri: str
    client_id: str = ""
    deployment_id: str = ""
    message_hint: str = ""
    storage_target: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """What the browser carries away. Only digests of the three secrets are stored."""

    platform: Platform
    state: str
    nonce: str
    browser_key: str
    url: str


def begin_login(initiation: Initiation, *, redirect_uri: str) -> Login:
    """Note a login and say where the platform is to be asked. Raises LaunchRefused."""
    platform = _platform_of(initiation)
    state, nonce, browser_key = (secrets.token_urlsafe(32) for _ in range(3))
    LaunchState.objects.create(
        state_digest=digest_of(state),
        nonce_digest=digest_of(nonce),
        browser_digest=digest_of(browser_key),
        platform=platform,
        deployment_id=initiation.deployment_id,
        target_link_uri=initiation.target_link_uri,
        storage_target=initiation.storage_target,
    )
    asked = {
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
    if initiation.message_hint:
        asked["lti_message_hint"] = initiation.message_hint
    joint = "&" if "?" in platform.auth_login_url else "?"
    url = f"{platform.auth_login_url}{joint}{urlencode(asked)}"
    return Login(platform, state, nonce, browser_key, url)


def pending_login(state: str) -> LaunchState:
    """The login that this state belongs to, not used up yet. Raises LaunchRefused."""
    found = (
        LaunchState.objects.select_related("platform").filter(state_digest=digest_of(state)).first()
    )
    if found is None:
        raise LaunchRefused(Refusal.USED_UP, "unknown_state")
    if found.consumed_at is not None:
        raise LaunchRefused(Refusal.USED_UP, "replayed_state", platform=found.platform_id)
    if timezone.now() - found.created_at > VALID_FOR:
        raise LaunchRefused(Refusal.USED_UP, "expired_state", platform=found.platform_id)
    return found


def is_same_browser(pending: LaunchState, browser_key: str) -> bool:
    return hmac.compare_digest(digest_of(browser_key), pending.browser_digest)


def consume_login(pending: LaunchState) -> None:
    """Use up state and nonce: of all who try, on all machines, one gets past here."""
    unused = LaunchState.objects.filter(pk=pending.pk, consumed_at=None)
    if unused.update(consumed_at=timezone.now()) != 1:
        raise LaunchRefused(Refusal.USED_UP, "replayed_state", platform=pending.platform_id)


def delete_old_logins() -> int:
    old = timezone.now() - 2 * VALID_FOR
    return LaunchState.objects.filter(created_at__lt=old).delete()[0]


def _platform_of(initiation: Initiation) -> Platform:
    _check_lengths(initiation)
    registered = Platform.objects.filter(issuer=initiation.issuer)
    if initiation.client_id:
        registered = registered.filter(client_id=initiation.client_id)
    found = list(registered[:2])
    if not found:
        raise LaunchRefused(Refusal.PLATFORM, "unknown_platform")
    if len(found) > 1:
        raise LaunchRefused(Refusal.PLATFORM, "ambiguous_platform")
    if not found[0].active:
        raise LaunchRefused(Refusal.PLATFORM, "inactive_platform", platform=found[0].pk)
    return found[0]


def _check_lengths(initiation: Initiation) -> None:
    """Nothing missing, nothing without end, nothing that a database cannot keep."""
    if not (initiation.issuer and initiation.login_hint and initiation.target_link_uri):
        raise LaunchRefused(Refusal.REQUEST, "login_incomplete")
    short = (
        initiation.issuer,
        initiation.client_id,
        initiation.deployment_id,
        initiation.storage_target,
    )
    too_long = (
        any(len(value) > LONGEST_ID for value in short)
        or len(initiation.target_link_uri) > 500
        or len(initiation.login_hint) > LONGEST_HINT
        or len(initiation.message_hint) > LONGEST_HINT
    )
    stored = (*short, initiation.target_link_uri)
    if too_long or any(CONTROL.search(value) for value in stored):
        raise LaunchRefused(Refusal.REQUEST, "login_out_of_bounds")
