"""Assignment of support persons to learners, by administrators only."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms.audit.actions import record_event
from fer_lms.lessons.models import Course, Enrolment, Participant, Role, Supporter
from fer_lms.lessons.queries import list_supporters
from fer_lms.people.models import User


class SupporterError(Exception):
    """The person cannot support this learner; the message gives the reason."""


@transaction.atomic
def assign_supporter(
    *,
    course: Course,
    supporter: User,
    learner: User,
    actor: User | None,
    until: datetime | None = None,
) -> Supporter:
    """Assign a support person to a learner in a course.

    The link gives no access until the learner has consented, after the assignment.

    Args:
        actor: The administrator; None for the command line.

    Raises:
        SupporterError: The person cannot support this learner.
    """
    _lock_course(course.pk)
    links = Supporter.objects.filter(course=course, supporter=supporter, learner=learner)
    links.filter(ended_at__isnull=True, until__lte=timezone.now()).update(ended_at=F("until"))
    validate_supporter(
        course=course, supporter=supporter, learner=learner, actor=actor, until=until
    )
    link = Supporter.objects.create(
        course=course, supporter=supporter, learner=learner, named_by=actor, until=until
    )
    people = {"supporter": str(supporter.public_id), "learner": str(learner.public_id)}
    record_event(
        actor=actor,
        action="support.named",
        subject=link,
        details={**people, "course": course.pk},
    )
    return link


@transaction.atomic
def end_support(*, link: Supporter, actor: User | None) -> Supporter:
    """End the link now. Ending it again changes nothing."""
    link = Supporter.objects.select_for_update().get(pk=link.pk)
    if link.ended_at is None:
        link.ended_at = timezone.now()
        link.save(update_fields=["ended_at"])
        record_event(actor=actor, action="support.ended", subject=link)
    return link


def lock_and_list_supporters(participant: Participant) -> list[Supporter]:
    """List the learner's supporters; none can be added until the caller's transaction ends."""
    _lock_course(participant.session.lesson.course_id)
    return list_supporters(participant)


def _lock_course(course_id: int) -> None:
    Course.objects.select_for_update(no_key=True).get(pk=course_id)


def validate_supporter(
    *,
    course: Course,
    supporter: User,
    learner: User,
    actor: User | None,
    until: datetime | None = None,
) -> None:
    """Raise SupporterError if the person cannot support this learner."""
    if supporter.pk == learner.pk:
        raise SupporterError(gettext("Supporter and learner are the same person."))
    if actor is not None and supporter.pk == actor.pk:
        raise SupporterError(gettext("You cannot name yourself. Ask another administrator."))
    in_course = Enrolment.objects.filter(course=course, active=True)
    if not in_course.filter(user=learner, role=Role.STUDENT).exists():
        raise SupporterError(gettext("The learner is not a student of this course."))
    if in_course.filter(user=supporter, role=Role.TEACHER).exists():
        raise SupporterError(gettext("A teacher of the course cannot be a support person in it."))
    if until is not None and until <= timezone.now():
        raise SupporterError(gettext("The end date is in the past."))
    links = Supporter.objects.filter(course=course, supporter=supporter, learner=learner)
    has_not_expired = Q(until__isnull=True) | Q(until__gt=timezone.now())
    if links.filter(has_not_expired, ended_at__isnull=True).exists():
        raise SupporterError(gettext("This person is already named. End the existing link first."))
