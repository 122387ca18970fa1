"""The strict validator: from what a browser posts to a launch that holds, or a refusal.

The library beneath only checks RSA signatures. Everything else stands here and in `tokens` and
`claims`: docs/adr/ says why.
"""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.urls import Resolver404, resolve
from django.utils import timezone

from fer_lms.lti.launch.logins import consume_login
from fer_lms.lti.models import Deployment, LaunchState
from fer_lms.lti.protocol.claims import Expected, Launch, launch_of
from fer_lms.lti.protocol.key_sets import key_of
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.tokens import check_signature, token_of

LINKED = {"lti-launch", "lti-deep-link", "home", "lessons"}
"""The pages that a platform's link may name. Which lesson is meant says the link itself."""
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ValidLaunch:
    launch: Launch
    deployment: Deployment


def validated_launch(pending: LaunchState, id_token: str, *, own_origin: str) -> ValidLaunch:
    """The launch, its login used up. Raises LaunchRefused; then nothing has changed."""
    platform = pending.platform
    if not platform.active:
        raise LaunchRefused(Refusal.PLATFORM, "inactive_platform", platform=platform.pk)
    token = token_of(id_token)
    check_signature(token, key_of(platform, token.kid))
    expected = Expected(
        issuer=platform.issuer,
        client_id=platform.client_id,
        nonce_digest=pending.nonce_digest,
        asked_at=pending.created_at.timestamp(),
        now=timezone.now().timestamp(),
    )
    launch = launch_of(token.claims, expected)
    deployment = _deployment(pending, launch.deployment_id)
    check_target(launch.target_link_uri, own_origin=own_origin)
    consume_login(pending)
    return ValidLaunch(launch, deployment)


def check_target(uri: str, *, own_origin: str) -> None:
    """A link may only lead into our own pages. An absent one leads where the message says."""
    if not uri:
        return
    try:
        parts = urlsplit(uri)
        found = resolve(parts.path or "/").url_name
        is_ours = is_same_origin(uri, own_origin)
    except (ValueError, Resolver404) as error:
        raise LaunchRefused(Refusal.TARGET, "no_such_target") from error
    if not is_ours:
        raise LaunchRefused(Refusal.TARGET, "foreign_target")
    if found not in LINKED:
        raise LaunchRefused(Refusal.TARGET, "no_such_target")


def is_same_origin(uri: str, own_origin: str) -> bool:
    """Hosts are the same in large and small letters, and so are a scheme with and without its own
    port. Raises ValueError for what is no address."""
    theirs, ours = urlsplit(uri), urlsplit(own_origin)
    if "@" in theirs.netloc or not theirs.hostname:
        return False
    return _place(theirs) == _place(ours)


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def _deployment(pending: LaunchState, deployment_id: str) -> Deployment:
    """Exactly one that an administrator knows, and the one that the login was for."""
    if pending.deployment_id not in ("", deployment_id):
        raise LaunchRefused(Refusal.DEPLOYMENT, "other_deployment", platform=pending.platform_id)
    found = Deployment.objects.filter(
        platform=pending.platform, deployment_id=deployment_id, active=True
    ).first()
    # Some databases compare text more kindly than LTI does.
    if found is None or found.deployment_id != deployment_id:
        raise LaunchRefused(Refusal.DEPLOYMENT, "wrong_deployment", platform=pending.platform_id)
    return found
