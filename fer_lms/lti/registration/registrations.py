"""Dynamic Registration: an administrator here makes an address that works once within an hour;
pasted into the LMS, it tells each of the two all about the other. What comes of it stays switched
off until the administrator has looked at it.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lti.models import Platform, RegistrationInvite, origin_of
from fer_lms.lti.protocol.claims import digest_of
from fer_lms.lti.protocol.outbound import Limits, OutboundError, checked_url, fetch
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.registration.description import TOOL_CONFIGURATION, Addresses, registration_of
from fer_lms.lti.registration.platforms import (
    CANVAS_ISSUER,
    CANVAS_ISSUERS,
    NotAPlatform,
    PlatformFacts,
    add_platform,
    check_facts,
    fresh_secret,
    page_origin_of,
)
from fer_lms.people.models import User

log = structlog.get_logger(__name__)

VALID_FOR = timedelta(hours=1)
INVITES_KEPT = timedelta(days=30)
LIMITS = Limits(total_seconds=10.0, most_bytes=256 * 1024)
LONGEST_TOKEN = 8192
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a platform adds to the address that was pasted into it."""

    configuration_url: str
    token: str


def make_invite(*, actor: User | None, local: bool = False, page_address: str = "") -> str:
    """The secret of a new registration address; only its digest is kept. `page_address`: where
    people see the LMS, if it is another than where its services are. Raises NotAPlatform."""
    secret = fresh_secret()
    page_origin = page_origin_of(page_address, local=local) if page_address.strip() else ""
    invite = RegistrationInvite.objects.create(
        digest=digest_of(secret),
        made_by=actor,
        local=local,
        page_origin=page_origin,
        expires_at=timezone.now() + VALID_FOR,
    )
    record_event(actor=actor, action="lti.invite_made", subject=invite, details={"local": local})
    return secret


def framing_sources(secret: str) -> list[str]:
    """Who may show the registration page, as a content policy says it: any site over https. Where
    Canvas's pages stand is not known before (its configuration stands at the issuer's address), the
    page has no session, and who has the secret in its address needs no frame to use it up."""
    local = RegistrationInvite.objects.filter(digest=digest_of(secret), local=True).exists()
    return ["http:", "https:"] if local else ["https:"]


def open_invite(secret: str) -> RegistrationInvite:
    """An invitation that has not been used. Raises LaunchRefused."""
    found = RegistrationInvite.objects.filter(digest=digest_of(secret)).first()
    if found is None:
        raise LaunchRefused(Refusal.INVITE, "unknown_invite")
    if found.used_at is not None:
        raise LaunchRefused(Refusal.INVITE, "used_invite", invite=found.pk)
    if found.expires_at <= timezone.now():
        raise LaunchRefused(Refusal.INVITE, "expired_invite", invite=found.pk)
    return found


def check_asked(asked: Asked, *, local: bool) -> str:
    """The origin of the platform's configuration. Raises LaunchRefused; asks nobody."""
    if len(asked.token) > LONGEST_TOKEN or not asked.token.isascii():
        raise LaunchRefused(Refusal.REGISTRATION, "token_out_of_bounds")
    if not asked.token.isprintable():
        raise LaunchRefused(Refusal.REGISTRATION, "token_out_of_bounds")
    try:
        checked_url(asked.configuration_url, local=local)
    except OutboundError as error:
        raise LaunchRefused(Refusal.REGISTRATION, f"configuration_{error.reason}") from error
    origin = origin_of(asked.configuration_url)
    if not origin:
        raise LaunchRefused(Refusal.REGISTRATION, "configuration_malformed_url")
    return origin


def register(*, invite: RegistrationInvite, asked: Asked, ours: Addresses) -> Platform:
    """Use the invitation up, ask the platform, describe ourselves to it, and note it as a platform
    that is not switched on. Whatever fails, the invitation is used up. Raises LaunchRefused."""
    origin = check_asked(asked, local=invite.local)
    _use_up(invite)
    configuration = _ask(asked.configuration_url, asked, invite.local)
    facts, endpoint = facts_of(configuration, origin=origin, local=invite.local)
    facts = replace(facts, page_origins=[*facts.page_origins, invite.page_origin])
    sent = registration_of(ours, family=_family(configuration))
    answer = _ask(endpoint, asked, invite.local, sent)
    platform = _noted(facts, answer, invite)
    RegistrationInvite.objects.filter(pk=invite.pk).update(platform=platform)
    log.info("lti_registered", platform=platform.pk, invite=invite.pk)
    return platform


def delete_old_invites() -> int:
    """A month later nobody asks any more who made which; the audit log still says it."""
    old = timezone.now() - INVITES_KEPT
    return RegistrationInvite.objects.filter(created_at__lt=old).delete()[0]


def facts_of(configuration: Any, *, origin: str, local: bool) -> tuple[PlatformFacts, str]:
    """(What the platform says of itself, where to register). Raises LaunchRefused."""
    if not isinstance(configuration, dict):
        raise LaunchRefused(Refusal.REGISTRATION, "configuration_no_object")
    texts = {
        name: _text(configuration, name)
        for name in (
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "registration_endpoint",
        )
    }
    if not _speaks_for(texts["issuer"], origin):
        raise LaunchRefused(Refusal.REGISTRATION, "foreign_issuer")
    facts = PlatformFacts(
        name=_name_of(configuration, texts["issuer"]),
        issuer=texts["issuer"],
        client_id="-",  # the platform gives it in its answer
        auth_login_url=texts["authorization_endpoint"],
        auth_token_url=texts["token_endpoint"],
        key_set_url=texts["jwks_uri"],
        token_audience=_audience(configuration),
        page_origins=_page_origins(configuration, texts["registration_endpoint"], origin),
        local=local,
    )
    _checked(facts)
    return facts, texts["registration_endpoint"]


def _page_origins(configuration: Any, endpoint: str, origin: str) -> list[str]:
    """Canvas gives its configuration at the issuer's address and registers at the school's own,
    where its pages stand."""
    return [origin, origin_of(endpoint)] if _family(configuration) == "canvas" else [origin]


def _speaks_for(issuer: str, origin: str) -> bool:
    """Does whoever gave this configuration speak for the issuer that it names?"""
    if issuer in CANVAS_ISSUERS:
        host = urlsplit(origin).hostname or ""
        return host.endswith((".instructure.com", ".canvaslms.com"))
    return origin_of(issuer) == origin


def _use_up(invite: RegistrationInvite) -> None:
    """Of all who try, on all machines, one gets past here."""
    now = timezone.now()
    unused = RegistrationInvite.objects.filter(pk=invite.pk, used_at=None, expires_at__gt=now)
    if unused.update(used_at=now) != 1:
        raise LaunchRefused(Refusal.INVITE, "used_invite", invite=invite.pk)


def _ask(url: str, asked: Asked, local: bool, body: Any = None) -> Any:
    """GET, or POST of a body; JSON either way. Raises LaunchRefused."""
    headers = {"Authorization": f"Bearer {asked.token}"} if asked.token else {}
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
        raise LaunchRefused(Refusal.REGISTRATION, f"{step}_{error.reason}") from error


def _noted(facts: PlatformFacts, answer: Any, invite: RegistrationInvite) -> Platform:
    told = answer if isinstance(answer, dict) else {}
    facts = replace(facts, client_id=_text(told, "client_id"))
    try:
        return add_platform(
            facts=facts,
            active=False,
            actor=invite.made_by,
            deployment_ids=_deployments_in(told),
        )
    except NotAPlatform as error:
        raise LaunchRefused(Refusal.REGISTRATION, "registered_already_or_unusable") from error


def _deployments_in(answer: dict[str, Any]) -> list[str]:
    """Moodle tells it within the tool's configuration, newer Canvas beside it, older nowhere."""
    places = (answer.get(TOOL_CONFIGURATION), answer)
    told = [place.get("deployment_id") for place in places if isinstance(place, dict)]
    return list(dict.fromkeys(each for each in told if isinstance(each, str) and each))


def _checked(facts: PlatformFacts) -> None:
    try:
        check_facts(facts)
    except NotAPlatform as error:
        raise LaunchRefused(Refusal.REGISTRATION, "configuration_unusable") from error


def _audience(configuration: Any) -> str:
    """Only a whole address: Canvas names a mere host here, and takes its token address."""
    server = configuration.get("authorization_server")
    usable = isinstance(server, str) and len(server) <= 500 and origin_of(server)
    return str(server) if usable else ""


def _family(configuration: Any) -> str:
    about = configuration.get(PLATFORM_CONFIGURATION)
    family = about.get("product_family_code") if isinstance(about, dict) else ""
    return family.lower()[:64] if isinstance(family, str) else ""


def _name_of(configuration: Any, issuer: str) -> str:
    about = configuration.get(PLATFORM_CONFIGURATION)
    account = about.get(f"{CANVAS_ISSUER}/lti/account_name") if isinstance(about, dict) else None
    named = account if isinstance(account, str) and account.isprintable() else ""
    return (named or urlsplit(issuer).netloc or issuer)[:200]


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise LaunchRefused(Refusal.REGISTRATION, f"no_{name}")
    return value
