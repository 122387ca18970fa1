"""What a launch changes here: person, course, lesson, role, and the place in today's sitting."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms import push
from fer_lms.audit.actions import record_event
from fer_lms.lessons.actions import end_session, enrol_person, join_session, start_session
from fer_lms.lessons.models import (
    Course,
    Enrolment,
    Lesson,
    LessonSession,
    Participant,
    Role,
    Step,
)
from fer_lms.lti.launch.validation import ValidLaunch
from fer_lms.lti.models import Deployment, LtiContext, LtiResourceLink, LtiUser, Platform
from fer_lms.lti.protocol.claims import DATA_PRIVACY, DEEP_LINKING, Launch
from fer_lms.lti.protocol.outbound import OutboundError, checked_url
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.roles import is_test_user, role_in_course, teaches_as_administrator
from fer_lms.people.models import User

log = structlog.get_logger(__name__)

SITTING_LASTS = timedelta(hours=12)
"""An open sitting older than this is of another day: it is ended and a fresh one begun."""
LESSON_PARAMETER = "lesson"
"""The custom parameter by which a link names its lesson: deep linking sets it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came, and to what. No role: signed in, with no rights in the course."""

    identity: LtiUser
    role: Role | None = None
    context: LtiContext | None = None
    lesson: Lesson | None = None
    participant: Participant | None = None


@transaction.atomic
def receive_launch(valid: ValidLaunch) -> Arrival:
    """Bring everything that the launch names up to date. Raises LaunchRefused."""
    launch, deployment = valid.launch, valid.deployment
    identity = person_of(
        platform=deployment.platform,
        sub=launch.sub,
        given_name=launch.given_name,
        family_name=launch.family_name,
    )
    if not identity.user.is_active:
        raise LaunchRefused(Refusal.PERSON, "person_inactive", person=str(identity.user.public_id))
    _note_launch(identity, launch)
    if launch.message_type == DATA_PRIVACY:
        return Arrival(identity)
    context = _context_of(deployment, launch)
    if context is None:
        return Arrival(identity)
    role = role_in_course(launch.roles)
    set_course_role(course=context.course, user=identity.user, role=role)
    if launch.message_type == DEEP_LINKING or role is None:
        return Arrival(identity, role, context)
    lesson = _lesson_of(context, launch)
    return Arrival(identity, role, context, lesson, _place(identity.user, role, lesson))


def person_of(*, platform: Platform, sub: str, given_name: str, family_name: str) -> LtiUser:
    """The person behind a platform's id, made at the first sight. Names are kept up to date."""
    identity = LtiUser.objects.select_related("user").filter(platform=platform, sub=sub).first()
    # Some databases compare text more kindly than LTI does; a neighbour's id is another's.
    if identity is None or identity.sub != sub:
        identity = _new_person(platform, sub)
    _name(identity.user, given_name[:150], family_name[:150])
    return identity


def _new_person(platform: Platform, sub: str) -> LtiUser:
    try:
        with transaction.atomic():
            user = User(username=f"lti-{uuid.uuid4().hex}")
            user.set_unusable_password()
            user.save()
            return LtiUser.objects.create(platform=platform, sub=sub, user=user)
    except IntegrityError:  # the same person came twice at once
        return LtiUser.objects.select_related("user").get(platform=platform, sub=sub)


def _name(user: User, given_name: str, family_name: str) -> None:
    """A platform that sends no names takes none away."""
    first, last = given_name or user.first_name, family_name or user.last_name
    if (first, last) != (user.first_name, user.last_name):
        user.first_name, user.last_name = first, last
        user.save(update_fields=["first_name", "last_name"])


def _note_launch(identity: LtiUser, launch: Launch) -> None:
    now = timezone.now()
    identity.launched_at = now
    identity.administrator_at = now if teaches_as_administrator(launch.roles) else None
    identity.save(update_fields=["launched_at", "administrator_at"])
    mark_test_user(identity, launch.roles)


def mark_test_user(identity: LtiUser, roles: Collection[str]) -> None:
    """The platform's stand-in for a student is no person, and counts in no figure."""
    identity.test_user = identity.user.is_placeholder = is_test_user(roles)
    identity.save(update_fields=["test_user"])
    identity.user.save(update_fields=["is_placeholder"])


def set_course_role(*, course: Course, user: User, role: Role | None) -> Enrolment | None:
    """What this person may do in the course from now on; None: nothing any more."""
    before = Enrolment.objects.filter(course=course, user=user).first()
    was = before.role if before and before.active else None
    if was == role:
        return before
    if role is None:
        assert before is not None  # noqa: S101 - otherwise `was` were None too
        before.active = False
        before.save(update_fields=["active"])
        enrolment = before
    else:
        enrolment = enrol_person(course=course, user=user, role=role)
    if was is not None:
        _take_places(course, user, was)
    record_event(
        actor=None,
        action="lti.role_changed",
        subject=enrolment,
        details={"role": role, "was": was, "person": str(user.public_id)},
    )
    return enrolment


def _take_places(course: Course, user: User, was: str) -> None:
    """Whoever taught teaches in no sitting any more; open sockets look again."""
    places = Participant.objects.filter(session__lesson__course=course, user=user, role=was)
    for place in places.filter(session__ended_at=None):
        transaction.on_commit(partial(push.participant_changed, place.pk))
    if was == Role.TEACHER:
        places.update(role=Role.STUDENT, left_at=timezone.now())


def _context_of(deployment: Deployment, launch: Launch) -> LtiContext | None:
    """The course of the launch; a link outside every course has one of its own."""
    lone = "" if launch.context_id else launch.resource_link_id
    if not launch.context_id and not lone:
        return None
    title = launch.context_title or (launch.resource_link_title if lone else "")
    keys: dict[str, Deployment | str] = {
        "deployment": deployment,
        "context_id": launch.context_id,
        "lone_link_id": lone,
    }
    context = LtiContext.objects.select_related("course").filter(**keys).first()
    if context is None or context.context_id != launch.context_id:
        context = _new_context(keys, title or gettext("A course of your learning platform"))
    elif title and context.course.title != title:
        context.course.title = title
        context.course.save(update_fields=["title"])
    _note_roster(context, deployment.platform, launch.memberships_url)
    return context


def _new_context(keys: dict[str, Deployment | str], title: str) -> LtiContext:
    try:
        with transaction.atomic():
            course = Course.objects.create(title=title)
            return LtiContext.objects.create(**keys, course=course)
    except IntegrityError:  # two came first at once
        return LtiContext.objects.select_related("course").get(**keys)


def _note_roster(context: LtiContext, platform: Platform, url: str) -> None:
    """Where the list of members is; asked for soon where the address is new."""
    if not url or url == context.memberships_url:
        return
    try:
        checked_url(url, local=platform.local)
    except OutboundError as error:
        log.warning("lti_roster_address", platform=platform.pk, reason=error.reason)
        return
    context.memberships_url, context.roster_due_at = url, timezone.now()
    context.save(update_fields=["memberships_url", "roster_due_at"])


def _lesson_of(context: LtiContext, launch: Launch) -> Lesson:
    """The lesson that the link was made for; a link without one gets one of its own."""
    link = LtiResourceLink.objects.select_related("lesson").filter(
        context=context, resource_link_id=launch.resource_link_id
    )
    found = link.first()
    chosen = _chosen_lesson(context, launch)
    if found is not None and found.resource_link_id == launch.resource_link_id:
        if chosen is not None and chosen != found.lesson:
            found.lesson = chosen
            found.save(update_fields=["lesson"])
        return found.lesson
    return _new_link(context, launch, chosen)


def _chosen_lesson(context: LtiContext, launch: Launch) -> Lesson | None:
    """Only a lesson of the same course: a copied link brings none of another course along."""
    wanted = launch.custom.get(LESSON_PARAMETER)
    if not isinstance(wanted, str) or not (wanted.isascii() and wanted.isdecimal()):
        return None
    if len(wanted) > 18:  # beyond what a database's integer holds
        return None
    return Lesson.objects.filter(pk=int(wanted), course=context.course).first()


def _new_link(context: LtiContext, launch: Launch, chosen: Lesson | None) -> Lesson:
    try:
        with transaction.atomic():
            lesson = chosen or _unwritten_lesson(context.course, launch.resource_link_title)
            LtiResourceLink.objects.create(
                context=context, resource_link_id=launch.resource_link_id, lesson=lesson
            )
            return lesson
    except IntegrityError:  # two came first at once
        links = LtiResourceLink.objects.select_related("lesson")
        return links.get(context=context, resource_link_id=launch.resource_link_id).lesson


def _unwritten_lesson(course: Course, title: str) -> Lesson:
    """A lesson of this name with one step, for its teacher to fill."""
    title = title or gettext("Lesson")
    lesson = Lesson.objects.create(course=course, title=title)
    body = gettext("Your teacher has not written this lesson yet.")
    Step.objects.create(lesson=lesson, position=1, title=title, body=body)
    return lesson


def _place(user: User, role: Role, lesson: Lesson) -> Participant | None:
    """A student's place in today's sitting. A teacher needs none."""
    if role != Role.STUDENT:
        return None
    return join_session(session=todays_session(lesson), user=user, role=role)


def todays_session(lesson: Lesson) -> LessonSession:
    """The sitting under way; whoever comes first begins it."""
    Lesson.objects.select_for_update().get(pk=lesson.pk)  # one at a time
    open_ones = lesson.sessions.filter(ended_at=None).order_by("-started_at")
    current = open_ones.first()
    if current is not None and current.started_at > timezone.now() - SITTING_LASTS:
        return current
    for stale in open_ones:
        end_session(session=stale)
    return start_session(lesson=lesson)
