"""Changes to registered platforms and their deployments."""

from dataclasses import asdict, dataclass, field, replace
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from fer_lms.audit.actions import record_event
from fer_lms.lessons.models import Course
from fer_lms.lti.models import MAX_ID_LENGTH, Deployment, Platform, parse_origin
from fer_lms.outbound import OutboundError, parse_url
from fer_lms.people.models import User

CANVAS_CLOUD = "https://sso.canvaslms.com"
CANVAS_ISSUER = "https://canvas.instructure.com"
CANVAS_ISSUERS = {
    CANVAS_ISSUER,
    "https://canvas.beta.instructure.com",
    "https://canvas.test.instructure.com",
}
"""Shared by all Canvas hosts; every other platform is reached at its issuer's own origin."""
MOODLE_LOGIN_PATH = "/mod/lti/auth.php"
MAX_URL_LENGTH = 500
MAX_NAME_LENGTH = 200


class InvalidPlatformError(ValueError):
    """A platform's configuration is invalid; the message is for administrators."""


@dataclass(frozen=True, slots=True)
class PlatformConfig:
    """Values of a manual or dynamic registration."""

    client_id: str
    name: str = ""
    issuer: str = ""
    auth_login_url: str = ""
    auth_token_url: str = ""
    key_set_url: str = ""
    token_audience: str = ""
    page_origins: list[str] = field(default_factory=list)
    local: bool = False


def fill_platform_urls(config: PlatformConfig, *, kind: str, url: str) -> PlatformConfig:
    """Fill in the values that follow from the kind of platform and the URL of its start page.

    Args:
        config: Its issuer, for "canvas", is that of a self-hosted Canvas, which also serves its
            own services; empty for Instructure's cloud.
        kind: "moodle", "canvas" or "other".
        url: For "other" the issuer, unless `config` has one.
    """
    if kind == "other":
        issuer = config.issuer or url
        return replace(config, issuer=issuer, name=config.name or issuer)
    site = url.rstrip("/")
    config = replace(config, name=config.name or urlsplit(site).netloc)
    if kind == "moodle":
        return replace(
            config,
            issuer=site,
            auth_login_url=f"{site}{MOODLE_LOGIN_PATH}",
            auth_token_url=f"{site}/mod/lti/token.php",
            key_set_url=f"{site}/mod/lti/certs.php",
        )
    services = config.issuer.rstrip("/") or CANVAS_CLOUD
    return replace(
        config,
        issuer=config.issuer or CANVAS_ISSUER,
        auth_login_url=f"{services}/api/lti/authorize_redirect",
        auth_token_url=f"{services}/login/oauth2/token",
        key_set_url=f"{services}/api/lti/security/jwks",
        page_origins=[parse_origin(site), *config.page_origins],
    )


@transaction.atomic
def add_platform(
    *,
    config: PlatformConfig,
    active: bool,
    actor: User | None,
    deployment_ids: list[str] | None = None,
) -> Platform:
    """Register a platform; raise InvalidPlatformError if it is invalid or known already."""
    if settings.DEMO:
        raise InvalidPlatformError("Platforms cannot be registered in the demonstration.")
    validate_platform_config(config)
    if Platform.objects.filter(issuer=config.issuer, client_id=config.client_id).exists():
        raise InvalidPlatformError(
            "A platform with this issuer and client id is registered already."
        )
    origins = set(filter(None, map(parse_origin, config.page_origins)))
    values = asdict(config) | {
        "name": config.name[:MAX_NAME_LENGTH],
        "page_origins": sorted(origins),
    }
    platform = Platform.objects.create(**values, active=active)
    for deployment_id in deployment_ids or []:
        _activate_deployment(platform, deployment_id)
    record_event(
        actor=actor, action="lti.platform_added", subject=platform, details={"active": active}
    )
    return platform


def validate_platform_config(config: PlatformConfig) -> None:
    """Raise InvalidPlatformError with the name of the first invalid id or URL, if any."""
    for name in ("issuer", "client_id"):
        value = getattr(config, name)
        if not value or len(value) > MAX_ID_LENGTH or not value.isprintable():
            raise InvalidPlatformError(
                f"{name} is missing, or longer than {MAX_ID_LENGTH} characters."
            )
    for name in ("auth_login_url", "auth_token_url", "key_set_url"):
        value = getattr(config, name)
        try:
            parse_url(value, local=config.local)
        except OutboundError as error:
            hint = " (is it a local platform?)" if error.reason == "not_https" else ""
            raise InvalidPlatformError(f"{name} cannot be used: {error.reason}{hint}.") from error
        if len(value) > MAX_URL_LENGTH or not parse_origin(value):
            raise InvalidPlatformError(f"{name} is not a plain web address.")


def parse_page_origin(address: str, *, local: bool) -> str:
    """Parse the address of the LMS's pages, as an administrator types it, into an origin."""
    address = address.strip()
    origin = parse_origin(address if "://" in address else f"https://{address}")
    if not origin or len(origin) > MAX_ID_LENGTH:
        raise InvalidPlatformError("The address of the LMS's pages is not a plain web address.")
    if origin.startswith("http:") and not local:
        raise InvalidPlatformError(
            "The address of the LMS's pages is not https (is it a local platform?)."
        )
    return origin


@transaction.atomic
def add_page_origin(*, platform: Platform, address: str, actor: User | None) -> None:
    """Allow pages of another origin to embed ours. Raises InvalidPlatformError."""
    origin = parse_page_origin(address, local=platform.local)
    platform.page_origins = sorted({*platform.page_origins, origin})
    platform.save(update_fields=["page_origins"])
    record_event(
        actor=actor, action="lti.page_origin_added", subject=platform, details={"origin": origin}
    )


def is_page_origin_missing(platform: Platform) -> bool:
    """Return whether a Canvas platform lacks the origin of its pages, so that browsers block ours.

    Canvas's pages are at the school's own address, neither at the issuer's nor the login address's.
    """
    services = {parse_origin(platform.issuer), platform.login_origin}
    return platform.issuer in CANVAS_ISSUERS and set(platform.frame_ancestors) <= services


@transaction.atomic
def set_platform_active(*, platform: Platform, active: bool, actor: User | None) -> None:
    """Switch a platform on or off.

    While it is off, its launches are refused; sessions end with their next request
    (`lti.middleware`), sockets within two seconds. After it is on again, users need a new launch.
    """
    platform.active = active
    platform.save(update_fields=["active"])
    _get_users(platform).update(access_suspended=not active)
    action = "lti.platform_switched_on" if active else "lti.platform_switched_off"
    record_event(actor=actor, action=action, subject=platform)


@transaction.atomic
def remove_platform(*, platform: Platform, actor: User | None) -> None:
    """Delete a platform and its users' identities.

    Sessions and sockets end as when it is switched off. Courses, lessons and users
    stay: `fer_lms.rights` erases people.
    """
    _get_users(platform).update(access_suspended=True)
    record_event(actor=actor, action="lti.platform_removed", subject=platform)
    platform.delete()


def _get_users(platform: Platform) -> QuerySet[User]:
    return User.objects.filter(lti_identities__platform=platform)


@transaction.atomic
def add_deployment(*, platform: Platform, deployment_id: str, actor: User | None) -> Deployment:
    """Add or switch on a deployment. Raises InvalidPlatformError."""
    deployment = _activate_deployment(platform, deployment_id)
    record_event(actor=actor, action="lti.deployment_added", subject=deployment)
    return deployment


@transaction.atomic
def set_deployment_active(*, deployment: Deployment, active: bool, actor: User | None) -> None:
    """Switch a deployment on or off, with the effects of `set_platform_active` on its courses."""
    deployment.active = active
    deployment.save(update_fields=["active"])
    _get_courses(deployment).update(access_suspended=not active)
    action = "lti.deployment_switched_on" if active else "lti.deployment_switched_off"
    record_event(actor=actor, action=action, subject=deployment)


def _get_courses(deployment: Deployment) -> QuerySet[Course]:
    return Course.objects.filter(lti_context__deployment=deployment)


def _activate_deployment(platform: Platform, deployment_id: str) -> Deployment:
    value = deployment_id.strip()
    if not value or len(value) > MAX_ID_LENGTH or not value.isprintable():
        raise InvalidPlatformError(f"A deployment id has 1 to {MAX_ID_LENGTH} characters.")
    deployment, _ = Deployment.objects.update_or_create(
        platform=platform, deployment_id=value, defaults={"active": True}
    )
    _get_courses(deployment).update(access_suspended=False)
    return deployment
