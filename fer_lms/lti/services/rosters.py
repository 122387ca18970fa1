"""Synchronisation of enrolments with the platforms' memberships, on demand and by schedule.

Synchronised users have an id and a role only; a name is stored at the first launch or later.
Enrolments of users who are no longer listed end. A teacher who has launched never becomes a
student: Moodle lists non-editing teachers as learners, and the next launch has their role.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.lessons.models import Course, Enrolment, Role
from fer_lms.lti.launch.actions import set_course_role, set_names
from fer_lms.lti.models import LtiContext, LtiUser, Platform
from fer_lms.lti.protocol.roles import is_test_user, map_course_role
from fer_lms.lti.services.memberships import Member, fetch_members
from fer_lms.outbound import OutboundError
from fer_lms.people.models import GENERATED_USERNAME_PREFIX, User

log = structlog.get_logger(__name__)

SYNC_INTERVAL = timedelta(hours=4)
"""Upper bound of how long a user who left a course stays enrolled."""
LEASE_DURATION = timedelta(minutes=10)
MIN_RETRY_DELAY = timedelta(minutes=10)
MAX_RETRY_DELAY = timedelta(hours=24)
"""Upper bound of the delay, which doubles with each failure from `MIN_RETRY_DELAY`."""
BATCH_SIZE = 500
"""Members per transaction, so that other writers are not blocked for long."""


@dataclass(frozen=True, slots=True)
class RosterCounts:
    """Members listed, and enrolments created, changed and ended by one synchronisation."""

    members: int
    new: int
    changed: int
    left: int


def sync_due_rosters(*, now: datetime | None = None) -> int:
    """Synchronise all due rosters; return how many succeeded."""
    succeeded = 0
    for context_id in list(_get_due_contexts(now or timezone.now()).values_list("pk", flat=True)):
        context = claim_roster(context_id, now=now)
        if context is not None:
            succeeded += try_sync_roster(context=context, now=now) is not None
    return succeeded


def request_roster_sync(*, context: LtiContext) -> None:
    """Make a roster due, so that the next periodic task synchronises it."""
    LtiContext.objects.filter(pk=context.pk).update(roster_due_at=timezone.now())


def _get_due_contexts(now: datetime) -> QuerySet[LtiContext]:
    return LtiContext.objects.filter(
        ~Q(memberships_url=""),
        roster_due_at__lte=now,
        deployment__active=True,
        deployment__platform__active=True,
    ).order_by("roster_due_at")


def claim_roster(context_id: int, *, now: datetime | None = None) -> LtiContext | None:
    """Lease a due roster to this process; None if another process has it."""
    now = now or timezone.now()
    if not _get_due_contexts(now).filter(pk=context_id).update(roster_due_at=now + LEASE_DURATION):
        return None
    contexts = LtiContext.objects.select_related("deployment__platform", "course")
    return contexts.get(pk=context_id)


def try_sync_roster(*, context: LtiContext, now: datetime | None = None) -> RosterCounts | None:
    """Synchronise a roster and schedule the next time; None, with back-off, if it failed."""
    now = now or timezone.now()
    try:
        counts = sync_roster(context=context)
    except OutboundError as error:
        _record_failure(context, error.reason, now)
        return None
    except IntegrityError:  # a listed user launched for the first time meanwhile
        _record_failure(context, "changed_meanwhile", now)
        return None
    jitter = random.uniform(0.9, 1.1)  # noqa: S311 - not used for security
    LtiContext.objects.filter(pk=context.pk).update(
        roster_synced_at=now,
        roster_due_at=now + SYNC_INTERVAL * jitter,
        roster_failures=0,
        roster_error="",
    )
    return counts


def _record_failure(context: LtiContext, reason: str, now: datetime) -> None:
    failures = min(context.roster_failures + 1, 1000)
    delay = min(MAX_RETRY_DELAY, MIN_RETRY_DELAY * 2 ** min(failures - 1, 10))
    LtiContext.objects.filter(pk=context.pk).update(
        roster_failures=failures, roster_error=reason[:64], roster_due_at=now + delay
    )
    platform = context.deployment.platform_id
    log.warning("lti_roster_sync_failed", platform=platform, reason=reason, failures=failures)


def sync_roster(*, context: LtiContext) -> RosterCounts:
    """Make enrolments match the memberships; on OutboundError nothing is changed."""
    platform, course = context.deployment.platform, context.course
    started_at = timezone.now()
    members = fetch_members(platform, context.memberships_url)
    new = changed = 0
    for batch in _split_batches(members):
        batch_new, batch_changed = _enrol(course, batch, _get_or_create_users(platform, batch))
        new, changed = new + batch_new, changed + batch_changed
    left = _end_enrolments(platform, course, members, started_at)
    counts = RosterCounts(len(members), new, changed, left)
    record_event(
        actor=None,
        action="lti.roster_synchronised",
        subject=context,
        details=asdict(counts),
    )
    return counts


def _split_batches(members: Mapping[str, Member]) -> Iterator[dict[str, Member]]:
    items = iter(members.items())
    while batch := dict(islice(items, BATCH_SIZE)):
        yield batch


@transaction.atomic
def _get_or_create_users(platform: Platform, members: Mapping[str, Member]) -> dict[str, LtiUser]:
    """Return the members' users by `sub`; new ones are created without a name."""
    identities = _get_identities(platform, members)
    missing = [member for sub, member in members.items() if sub not in identities]
    if missing:
        users = User.objects.bulk_create(
            User(
                username=f"{GENERATED_USERNAME_PREFIX}{uuid.uuid4().hex}",
                password=make_password(None),
                is_placeholder=is_test_user(member.roles),
            )
            for member in missing
        )
        LtiUser.objects.bulk_create(
            LtiUser(platform=platform, sub=member.sub, user=user, test_user=user.is_placeholder)
            for member, user in zip(missing, users, strict=True)
        )
        identities = _get_identities(platform, members)
    _update_names(identities, members)
    return identities


def _get_identities(platform: Platform, members: Mapping[str, Member]) -> dict[str, LtiUser]:
    rows = LtiUser.objects.select_related("user").filter(platform=platform, sub__in=list(members))
    return {row.sub: row for row in rows}


def _update_names(identities: Mapping[str, LtiUser], members: Mapping[str, Member]) -> None:
    """Update the names of users who have launched; no other names are stored."""
    renamed = []
    for sub, identity in identities.items():
        member, user = members[sub], identity.user
        if identity.launched_at and set_names(
            user, member.given_name, member.family_name, member.full_name
        ):
            renamed.append(user)
    User.objects.bulk_update(renamed, ["first_name", "last_name"])


@transaction.atomic
def _enrol(
    course: Course, members: Mapping[str, Member], identities: Mapping[str, LtiUser]
) -> tuple[int, int]:
    """Return (new enrolments, changed enrolments)."""
    user_ids = [identity.user_id for identity in identities.values()]
    enrolments = {
        enrolment.user_id: enrolment
        for enrolment in Enrolment.objects.filter(course=course, user__in=user_ids)
    }
    new, changed = [], 0
    for sub, identity in identities.items():
        role, enrolment = map_course_role(members[sub].roles), enrolments.get(identity.user_id)
        if enrolment is None and role is not None:
            has_taught = role == Role.TEACHER  # bulk_create does not call save
            new.append(
                Enrolment(course=course, user=identity.user, role=role, has_taught=has_taught)
            )
        elif enrolment is not None and not _is_unchanged(enrolment, role, identity):
            set_course_role(course=course, user=identity.user, role=role)
            changed += 1
    Enrolment.objects.bulk_create(new)
    return len(new), changed


def _is_unchanged(enrolment: Enrolment, role: Role | None, identity: LtiUser) -> bool:
    if not enrolment.active:
        return role is None
    is_launched_teacher = enrolment.role == Role.TEACHER and identity.launched_at is not None
    return enrolment.role == role or (is_launched_teacher and role == Role.STUDENT)


def _end_enrolments(
    platform: Platform, course: Course, members: Mapping[str, Member], started_at: datetime
) -> int:
    """End the enrolments of the platform's users who are not listed; return how many.

    Users who launched during the synchronisation stay enrolled, and administrators for as long as
    the session of their launch may last.
    """
    identities = LtiUser.objects.filter(
        platform=platform, user__enrolments__course=course, user__enrolments__active=True
    ).exclude(launched_at__gte=started_at)
    retained_subs = members.keys() | _list_administrator_subs(platform, course, started_at)
    ended = [
        identity
        for identity in identities.select_related("user")
        if identity.sub not in retained_subs
    ]
    for identity in ended:
        set_course_role(course=course, user=identity.user, role=None)
    return len(ended)


def _list_administrator_subs(platform: Platform, course: Course, now: datetime) -> set[str]:
    """List the subs of administrators who teach: Moodle does not list them as members."""
    since = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    teaching = Q(
        user__enrolments__course=course,
        user__enrolments__active=True,
        user__enrolments__role=Role.TEACHER,
    )
    identities = LtiUser.objects.filter(teaching, platform=platform, administrator_at__gte=since)
    return set(identities.values_list("sub", flat=True))
