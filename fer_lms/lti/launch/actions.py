"""Database updates of a launch: user, course, lesson, role, and participation in a session."""

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms import notifications
from fer_lms.audit.actions import record_event
from fer_lms.lessons.actions import enrol_person, enter_as_student, start_session
from fer_lms.lessons.models import (
    Activity,
    Course,
    Enrolment,
    Lesson,
    LessonSession,
    Participant,
    Role,
)
from fer_lms.lti.launch.links import resolve_link
from fer_lms.lti.launch.validation import ValidatedLaunch
from fer_lms.lti.models import Deployment, LtiContext, LtiResourceLink, LtiUser, Platform
from fer_lms.lti.protocol.claims import DATA_PRIVACY, DEEP_LINKING, LaunchMessage
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.roles import is_administrator_teacher, is_test_user, map_course_role
from fer_lms.outbound import OutboundError, parse_url
from fer_lms.people.models import GENERATED_USERNAME_PREFIX, User

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LaunchResult:
    """Records created or updated by a launch. Without a role the user may not enter the course."""

    identity: LtiUser
    role: Role | None = None
    context: LtiContext | None = None
    link: LtiResourceLink | None = None
    session: LessonSession | None = None
    participant: Participant | None = None
    """None in a closed session that the student did not take part in."""


@transaction.atomic
def apply_launch(launch: ValidatedLaunch) -> LaunchResult:
    """Create or update the user, course, lesson, role and participant of a launch.

    Raises:
        LtiError: The user's account is disabled.
    """
    message, deployment = launch.message, launch.deployment
    identity = _get_or_create_identity(deployment.platform, message)
    if not identity.user.is_active:
        raise LtiError(
            ErrorKind.ACCOUNT_DISABLED, "person_inactive", person=str(identity.user.public_id)
        )
    _record_launch(identity, message)
    if message.message_type == DATA_PRIVACY:
        return LaunchResult(identity)
    context = _get_or_create_context(deployment, message)
    if context is None:
        return LaunchResult(identity)
    role = map_course_role(message.roles)
    set_course_role(course=context.course, user=identity.user, role=role)
    if message.message_type == DEEP_LINKING or role is None:
        return LaunchResult(identity, role, context)
    link = resolve_link(context, message, user=identity.user, role=role)
    if role == Role.TEACHER or link.lesson is None:
        return LaunchResult(identity, role, context, link)
    session = get_student_session(link.lesson, link.activity)
    participant = enter_as_student(session=session, user=identity.user)
    return LaunchResult(identity, role, context, link, session, participant)


def _get_or_create_identity(platform: Platform, message: LaunchMessage) -> LtiUser:
    identities = LtiUser.objects.select_related("user")
    defaults: dict[str, Any] = {"user": _create_user}
    identity, _ = identities.get_or_create(platform=platform, sub=message.sub, defaults=defaults)
    user = identity.user
    if set_names(user, message.given_name, message.family_name, message.full_name):
        user.save(update_fields=["first_name", "last_name"])
    return identity


def set_names(user: User, given_name: str, family_name: str, full_name: str) -> bool:
    """Set the names that a platform sent, without saving; return whether they changed.

    A platform that sends no names does not delete those it sent before. One that sends the full
    name alone does not tell its parts: it is stored as the first name.
    """
    before = user.first_name, user.last_name
    if given_name or family_name:
        user.first_name = given_name or user.first_name
        user.last_name = family_name or user.last_name
    elif full_name and full_name != user.get_full_name():
        user.first_name, user.last_name = full_name, ""
    return before != (user.first_name, user.last_name)


def _create_user() -> User:
    user = User(username=f"{GENERATED_USERNAME_PREFIX}{uuid.uuid4().hex}")
    user.set_unusable_password()
    user.save()
    return user


def _record_launch(identity: LtiUser, message: LaunchMessage) -> None:
    now = timezone.now()
    identity.launched_at = now
    identity.administrator_at = now if is_administrator_teacher(message.roles) else None
    # Teachers use the test user to view the course as a student: not a person, in no report.
    identity.test_user = identity.user.is_placeholder = is_test_user(message.roles)
    identity.save(update_fields=["launched_at", "administrator_at", "test_user"])
    identity.user.save(update_fields=["is_placeholder"])


def set_course_role(*, course: Course, user: User, role: Role | None) -> Enrolment | None:
    """Set or, with None, end a user's enrolment in a course; audited if it changes."""
    enrolment = Enrolment.objects.filter(course=course, user=user).first()
    before = enrolment.role if enrolment and enrolment.active else None
    if before == role:
        return enrolment
    if role is not None:
        enrolment = enrol_person(course=course, user=user, role=role)
    elif enrolment is not None:
        enrolment.active = False
        enrolment.save(update_fields=["active"])
    if before is not None:
        _revoke_participations(course, user, before)
    record_event(
        actor=None,
        action="lti.role_changed",
        subject=enrolment,
        details={"role": role, "was": before, "person": str(user.public_id)},
    )
    return enrolment


def _revoke_participations(course: Course, user: User, role: str) -> None:
    """End teaching participations; notify open sockets so that they check access again."""
    participants = Participant.objects.filter(session__lesson__course=course, user=user, role=role)
    for participant in participants.filter(session__ended_at=None):
        transaction.on_commit(partial(notifications.notify_participant_changed, participant.pk))
    if role == Role.TEACHER:
        participants.update(role=Role.STUDENT, left_at=timezone.now())


def _get_or_create_context(deployment: Deployment, message: LaunchMessage) -> LtiContext | None:
    """Return the launch's context; a resource link that belongs to no course gets its own."""
    lone_link_id = "" if message.context_id else message.resource_link_id
    if not message.context_id and not lone_link_id:
        return None
    title = message.context_title or (message.resource_link_title if lone_link_id else "")
    course_title = title or gettext("A course of your learning platform")
    defaults: dict[str, Any] = {"course": lambda: Course.objects.create(title=course_title)}
    context, _ = LtiContext.objects.select_related("course").get_or_create(
        deployment=deployment,
        context_id=message.context_id,
        lone_link_id=lone_link_id,
        defaults=defaults,
    )
    if title and context.course.title != title:
        context.course.title = title
        context.course.save(update_fields=["title"])
    _update_memberships_url(context, deployment.platform, message.memberships_url)
    return context


def _update_memberships_url(context: LtiContext, platform: Platform, url: str) -> None:
    """Store a changed membership service address and make the roster due."""
    if not url or url == context.memberships_url:
        return
    try:
        parse_url(url, local=platform.local)
    except OutboundError as error:
        log.warning("lti_memberships_url_refused", platform=platform.pk, reason=error.reason)
        return
    context.memberships_url, context.roster_due_at = url, timezone.now()
    context.save(update_fields=["memberships_url", "roster_due_at"])


def get_student_session(lesson: Lesson, activity: Activity | None) -> LessonSession:
    """Return the session that a student's launch of an activity leads to.

    This is the newest open session of the activity, otherwise the newest closed one: after a
    teacher has closed the lesson, no launch of a student starts another session. Only the first
    launch of an activity without sessions starts one. Sessions without an activity belong to the
    lesson's first.
    """
    Lesson.objects.select_for_update().get(pk=lesson.pk)  # serialises concurrent launches
    is_first = activity == lesson.activities.order_by("pk").first()
    of_activity = Q(activity=activity) | Q(activity=None) if is_first else Q(activity=activity)
    sessions = list(lesson.sessions.filter(of_activity).order_by("-started_at"))
    open_sessions = [session for session in sessions if session.is_open]
    if not sessions:
        return start_session(lesson=lesson, activity=activity)
    return (open_sessions or sessions)[0]
