"""Who is in a course, kept as the platform says: on demand and by schedule.

The list makes people known by id and role only; names come with somebody's own first launch. It
takes the rights of whoever is no longer on it. It never makes a student of somebody who came in as
a teacher: Moodle's list calls a non-editing teacher a learner, and the next launch knows better.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from fer_lms.lti.launch.actions import set_course_role
from fer_lms.lti.models import LtiContext, LtiUser, Platform
from fer_lms.lti.protocol.outbound import OutboundError
from fer_lms.lti.protocol.roles import is_test_user, role_in_course
from fer_lms.lti.services.roster_pages import Member, roster_of
from fer_lms.people.models import User

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=4)
"""How long somebody who has left a course may still be in it here, at the most."""
CLAIM = timedelta(minutes=10)
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=24)
AT_ONCE = 500
"""People of one transaction: others write in between."""


@dataclass(frozen=True, slots=True)
class RosterCounts:
    members: int
    new: int
    changed: int
    left: int


def sync_due_rosters(*, now: datetime | None = None) -> int:
    """Synchronise what is due; returns how many succeeded. Each is claimed by one process."""
    done = 0
    for context_id in list(_due(now or timezone.now()).values_list("pk", flat=True)):
        context = claim_roster(context_id, now=now)
        if context is not None:
            done += try_roster(context=context, now=now) is not None
    return done


def ask_for_roster(*, context: LtiContext) -> None:
    """Have it synchronised as soon as the integrations worker is free."""
    LtiContext.objects.filter(pk=context.pk).update(roster_due_at=timezone.now())


def _due(now: datetime) -> QuerySet[LtiContext]:
    return LtiContext.objects.filter(
        ~Q(memberships_url=""),
        roster_due_at__lte=now,
        deployment__active=True,
        deployment__platform__active=True,
    ).order_by("roster_due_at")


def claim_roster(context_id: int, *, now: datetime | None = None) -> LtiContext | None:
    """The course's context, if nobody else is synchronising it."""
    now = now or timezone.now()
    if not _due(now).filter(pk=context_id).update(roster_due_at=now + CLAIM):
        return None
    contexts = LtiContext.objects.select_related("deployment__platform", "course")
    return contexts.get(pk=context_id)


def try_roster(*, context: LtiContext, now: datetime | None = None) -> RosterCounts | None:
    """Synchronise; where the platform does not answer well, note why and when to try again.
    Then nothing else has changed: half a list takes nobody's rights."""
    now = now or timezone.now()
    try:
        counts = sync_roster(context=context)
    except OutboundError as error:
        _note_failure(context, error.reason, now)
        return None
    except IntegrityError:  # somebody of the list came in for the first time just now
        _note_failure(context, "changed_meanwhile", now)
        return None
    spread = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, keeps no secret
    LtiContext.objects.filter(pk=context.pk).update(
        roster_synced_at=now, roster_due_at=now + EVERY * spread, roster_failures=0, roster_error=""
    )
    return counts


def _note_failure(context: LtiContext, reason: str, now: datetime) -> None:
    failures = min(context.roster_failures + 1, 1000)
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - 1, 10))
    LtiContext.objects.filter(pk=context.pk).update(
        roster_failures=failures, roster_error=reason[:64], roster_due_at=now + wait
    )
    platform = context.deployment.platform_id
    log.warning("lti_roster", platform=platform, reason=reason, failures=failures)


def sync_roster(*, context: LtiContext) -> RosterCounts:
    """Make the course's members those of the platform's list. Raises OutboundError."""
    platform, course = context.deployment.platform, context.course
    asked_at = timezone.now()
    members = roster_of(platform, context.memberships_url)
    new = changed = 0
    for some in _batches(members):
        people = known_people(platform, some)
        more_new, more_changed = _enrol(course, some, people)
        new, changed = new + more_new, changed + more_changed
    left = _take_rights(platform, course, members, asked_at)
    counts = RosterCounts(len(members), new, changed, left)
    record_event(
        actor=None,
        action="lti.roster_synchronised",
        subject=context,
        details={"members": counts.members, "new": new, "changed": changed, "left": left},
    )
    return counts


def _batches(members: Mapping[str, Member]) -> Iterator[dict[str, Member]]:
    rest = iter(members.items())
    while some := dict(islice(rest, AT_ONCE)):
        yield some


@transaction.atomic
def known_people(platform: Platform, members: Mapping[str, Member]) -> dict[str, LtiUser]:
    """Everybody of these, by the platform's id; who was not known is now, without a name."""
    found = _identities(platform, members)
    missing = [sub for sub in members if sub not in found]
    if missing:
        users = User.objects.bulk_create(
            User(
                username=f"lti-{uuid.uuid4().hex}",
                password=make_password(None),
                is_placeholder=is_test_user(members[sub].roles),
            )
            for sub in missing
        )
        LtiUser.objects.bulk_create(
            LtiUser(
                platform=platform,
                sub=sub,
                user=user,
                test_user=is_test_user(members[sub].roles),
            )
            for sub, user in zip(missing, users, strict=True)
        )
        found = _identities(platform, members)
    _rename(found, members)
    return found


def _identities(platform: Platform, members: Mapping[str, Member]) -> dict[str, LtiUser]:
    rows = LtiUser.objects.select_related("user").filter(platform=platform, sub__in=list(members))
    return {row.sub: row for row in rows}


def _rename(people: Mapping[str, LtiUser], members: Mapping[str, Member]) -> None:
    """Names of those who have come in themselves follow the platform's; of others none is kept."""
    renamed = []
    for sub, person in people.items():
        names = members[sub].given_name, members[sub].family_name
        user = person.user
        if person.launched_at and any(names) and names != (user.first_name, user.last_name):
            user.first_name, user.last_name = names
            renamed.append(user)
    User.objects.bulk_update(renamed, ["first_name", "last_name"])


@transaction.atomic
def _enrol(
    course: Course, members: Mapping[str, Member], people: Mapping[str, LtiUser]
) -> tuple[int, int]:
    """(How many are new to the course, of how many the role changed)."""
    held = {
        each.user_id: each
        for each in Enrolment.objects.filter(
            course=course, user__in=[person.user_id for person in people.values()]
        )
    }
    fresh, changed = [], 0
    for sub, person in people.items():
        role, before = role_in_course(members[sub].roles), held.get(person.user_id)
        if before is None and role is not None:
            fresh.append(Enrolment(course=course, user=person.user, role=role))
        elif before is not None and not _stays(before, role, person):
            set_course_role(course=course, user=person.user, role=role)
            changed += 1
    Enrolment.objects.bulk_create(fresh)
    return len(fresh), changed


def _stays(before: Enrolment, role: Role | None, person: LtiUser) -> bool:
    if not before.active:
        return role is None
    came_as_teacher = before.role == Role.TEACHER and person.launched_at is not None
    return before.role == role or (came_as_teacher and role == Role.STUDENT)


def _take_rights(
    platform: Platform, course: Course, members: Mapping[str, Member], asked_at: datetime
) -> int:
    """Of everybody who came from this platform and is not on the list; not of those who came in
    while it was being read, nor of administrators while the session of their launch may last."""
    identities = LtiUser.objects.filter(
        platform=platform, user__enrolments__course=course, user__enrolments__active=True
    ).exclude(launched_at__gte=asked_at)
    stay = members.keys() | _administrators(platform, course, asked_at)
    gone = [i for i in identities.select_related("user") if i.sub not in stay]
    for identity in gone:
        set_course_role(course=course, user=identity.user, role=None)
    return len(gone)


def _administrators(platform: Platform, course: Course, now: datetime) -> set[str]:
    """Moodle's administrators teach every course and are on no course's list: whoever came in so
    keeps a teacher's place until their session ends at the latest."""
    since = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    teaching = Q(
        user__enrolments__course=course,
        user__enrolments__active=True,
        user__enrolments__role=Role.TEACHER,
    )
    found = LtiUser.objects.filter(teaching, platform=platform, administrator_at__gte=since)
    return set(found.values_list("sub", flat=True))
