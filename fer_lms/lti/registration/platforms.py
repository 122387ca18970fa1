"""What an administrator does to platforms: add, switch on and off, remove; their deployments."""

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from fer_lms.audit.actions import record_event
from fer_lms.lessons.models import Course
from fer_lms.lti.models import LONGEST_ID, Deployment, Platform, origin_of
from fer_lms.lti.protocol.outbound import OutboundError, checked_url
from fer_lms.people.models import User

CANVAS_CLOUD = "https://sso.canvaslms.com"
CANVAS_ISSUER = "https://canvas.instructure.com"
CANVAS_ISSUERS = {
    CANVAS_ISSUER,
    "https://canvas.beta.instructure.com",
    "https://canvas.test.instructure.com",
}
"""Canvas answers for one issuer from many addresses; of any other platform both must agree."""


class NotAPlatform(ValueError):
    """These values cannot describe a platform; says which and why, for an administrator."""


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What a registration consists of, however it came here."""

    name: str
    issuer: str
    client_id: str
    auth_login_url: str
    auth_token_url: str
    key_set_url: str
    token_audience: str = ""
    page_origins: list[str] = field(default_factory=list)
    local: bool = False


def moodle_facts(*, url: str, client_id: str, name: str = "", local: bool = False) -> PlatformFacts:
    """A Moodle, by the address of its start page."""
    site = url.rstrip("/")
    return PlatformFacts(
        name=name or urlsplit(site).netloc,
        issuer=site,
        client_id=client_id,
        auth_login_url=f"{site}/mod/lti/auth.php",
        auth_token_url=f"{site}/mod/lti/token.php",
        key_set_url=f"{site}/mod/lti/certs.php",
        local=local,
    )


def canvas_facts(
    *, url: str, client_id: str, name: str = "", issuer: str = "", local: bool = False
) -> PlatformFacts:
    """A Canvas, by the school's own address. With an issuer of its own it hosts itself, and its
    services stand at that issuer; otherwise they are Instructure's."""
    site = url.rstrip("/")
    services = issuer.rstrip("/") if issuer else CANVAS_CLOUD
    return PlatformFacts(
        name=name or urlsplit(site).netloc,
        issuer=issuer or CANVAS_ISSUER,
        client_id=client_id,
        auth_login_url=f"{services}/api/lti/authorize_redirect",
        auth_token_url=f"{services}/login/oauth2/token",
        key_set_url=f"{services}/api/lti/security/jwks",
        page_origins=[origin_of(site)],
        local=local,
    )


@transaction.atomic
def add_platform(
    *,
    facts: PlatformFacts,
    active: bool,
    actor: User | None,
    deployment_ids: list[str] | None = None,
) -> Platform:
    """Register a platform with what is known of it. Raises NotAPlatform."""
    if settings.DEMO:
        raise NotAPlatform("The demonstration knows no learning platforms.")
    check_facts(facts)
    if Platform.objects.filter(issuer=facts.issuer, client_id=facts.client_id).exists():
        raise NotAPlatform("A platform with this issuer and client id is registered already.")
    platform = Platform.objects.create(
        name=facts.name[:200],
        issuer=facts.issuer,
        client_id=facts.client_id,
        auth_login_url=facts.auth_login_url,
        auth_token_url=facts.auth_token_url,
        token_audience=facts.token_audience,
        key_set_url=facts.key_set_url,
        page_origins=sorted({origin for origin in map(origin_of, facts.page_origins) if origin}),
        local=facts.local,
        active=active,
    )
    for deployment_id in deployment_ids or []:
        _deployment(platform, deployment_id)
    record_event(
        actor=actor, action="lti.platform_added", subject=platform, details={"active": active}
    )
    return platform


def check_facts(facts: PlatformFacts) -> None:
    """Raises NotAPlatform, naming what is wrong."""
    for name in ("issuer", "client_id"):
        value = getattr(facts, name)
        if not value or len(value) > LONGEST_ID or not value.isprintable():
            raise NotAPlatform(f"{name} is missing, or longer than {LONGEST_ID} characters.")
    for name in ("auth_login_url", "auth_token_url", "key_set_url"):
        value = getattr(facts, name)
        try:
            checked_url(value, local=facts.local)
        except OutboundError as error:
            hint = " (is it a local platform?)" if error.reason == "not_https" else ""
            raise NotAPlatform(f"{name} cannot be used: {error.reason}{hint}.") from error
        if len(value) > 500 or not origin_of(value):
            raise NotAPlatform(f"{name} is not a plain web address.")


def page_origin_of(address: str, *, local: bool) -> str:
    """The origin of the LMS's own pages, from the address that an administrator sees in their
    browser. Raises NotAPlatform."""
    whole = address.strip() if "://" in address else f"https://{address.strip()}"
    origin = origin_of(whole)
    if not origin or len(origin) > LONGEST_ID:
        raise NotAPlatform("The address of the LMS's pages is not a plain web address.")
    if origin.startswith("http:") and not local:
        raise NotAPlatform("The address of the LMS's pages is not https (is it a local platform?).")
    return origin


@transaction.atomic
def add_page_origin(*, platform: Platform, address: str, actor: User | None) -> None:
    """Let pages of one more address show ours in a frame. Raises NotAPlatform."""
    origin = page_origin_of(address, local=platform.local)
    platform.page_origins = sorted({*platform.page_origins, origin})
    platform.save(update_fields=["page_origins"])
    record_event(
        actor=actor, action="lti.page_origin_added", subject=platform, details={"origin": origin}
    )


def lacks_page_origin(platform: Platform) -> bool:
    """Canvas's pages stand at the school's own address, which neither issuer nor login address
    names: without it browsers leave every frame of ours empty."""
    services = {origin_of(platform.issuer), platform.login_origin}
    return platform.issuer in CANVAS_ISSUERS and set(platform.frame_origins) <= services


@transaction.atomic
def switch_platform(*, platform: Platform, active: bool, actor: User | None) -> None:
    """Confirm a platform, or close it: its launches are refused from now on, every session that one
    of them made ends with its next request (fer_lms.lti.middleware), every socket within two
    seconds. Switched on again, it lets people in by new launches."""
    platform.active = active
    platform.save(update_fields=["active"])
    _people_of(platform).update(access_suspended=not active)
    action = "lti.platform_switched_on" if active else "lti.platform_switched_off"
    record_event(actor=actor, action=action, subject=platform)


@transaction.atomic
def remove_platform(*, platform: Platform, actor: User | None) -> None:
    """Forget a platform and who came from it by which id. Courses, lessons and people stay:
    their rights and their erasure are their own matter (fer_lms.rights). Sessions and sockets end
    as when it is switched off."""
    _people_of(platform).update(access_suspended=True)
    record_event(actor=actor, action="lti.platform_removed", subject=platform)
    platform.delete()


def _people_of(platform: Platform) -> QuerySet[User]:
    """Who came from there; a person of two platforms is two (LtiUser)."""
    return User.objects.filter(lti_identities__platform=platform)


@transaction.atomic
def add_deployment(*, platform: Platform, deployment_id: str, actor: User | None) -> Deployment:
    """Raises NotAPlatform for what is no deployment id."""
    deployment = _deployment(platform, deployment_id)
    record_event(actor=actor, action="lti.deployment_added", subject=deployment)
    return deployment


@transaction.atomic
def switch_deployment(*, deployment: Deployment, active: bool, actor: User | None) -> None:
    """Open or close one place of a platform; what happens is what switch_platform does, to those
    who came from that place."""
    deployment.active = active
    deployment.save(update_fields=["active"])
    _courses_of(deployment).update(access_suspended=not active)
    action = "lti.deployment_switched_on" if active else "lti.deployment_switched_off"
    record_event(actor=actor, action=action, subject=deployment)


def _courses_of(deployment: Deployment) -> QuerySet[Course]:
    return Course.objects.filter(lti_context__deployment=deployment)


def _deployment(platform: Platform, deployment_id: str) -> Deployment:
    value = deployment_id.strip()
    if not value or len(value) > LONGEST_ID or not value.isprintable():
        raise NotAPlatform(f"A deployment id has 1 to {LONGEST_ID} characters.")
    deployment, _ = Deployment.objects.update_or_create(
        platform=platform, deployment_id=value, defaults={"active": True}
    )
    _courses_of(deployment).update(access_suspended=False)
    return deployment


def fresh_secret() -> str:
    return secrets.token_urlsafe(32)
