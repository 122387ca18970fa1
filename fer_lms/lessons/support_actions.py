"""Who supports whom: named by an administrator, never by the supporter or a teacher alone."""

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
    """This person cannot be named for this learner; the message says why."""


@transaction.atomic
def name_supporter(
    *,
    course: Course,
    supporter: User,
    learner: User,
    actor: User | None,
    until: datetime | None = None,
) -> Supporter:
    """Name somebody to support a learner in a course. `actor` None: at the machine's console.

    It shows nothing yet: the learner has to say yes after this moment.
    """
    _one_at_a_time(course.pk)
    same = Supporter.objects.filter(course=course, supporter=supporter, learner=learner)
    same.filter(ended_at__isnull=True, until__lte=timezone.now()).update(ended_at=F("until"))
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
    """End it now; ending it again changes nothing."""
    link = Supporter.objects.select_for_update().get(pk=link.pk)
    if link.ended_at is None:
        link.ended_at = timezone.now()
        link.save(update_fields=["ended_at"])
        record_event(actor=actor, action="support.ended", subject=link)
    return link


def lock_and_list_supporters(participant: Participant) -> list[Supporter]:
    """Who is named to support this learner; until the caller's transaction ends nobody else is."""
    _one_at_a_time(participant.session.lesson.course_id)
    return list_supporters(participant)


def _one_at_a_time(course_id: int) -> None:
    Course.objects.select_for_update(no_key=True).get(pk=course_id)


def validate_supporter(
    *,
    course: Course,
    supporter: User,
    learner: User,
    actor: User | None,
    until: datetime | None = None,
) -> None:
    """Raises SupporterError where this person cannot be named."""
    if supporter.pk == learner.pk:
        raise SupporterError(gettext("Nobody supports themselves: these are the same person."))
    if actor is not None and supporter.pk == actor.pk:
        raise SupporterError(gettext("Nobody names themselves: ask another administrator."))
    in_course = Enrolment.objects.filter(course=course, active=True)
    if not in_course.filter(user=learner, role=Role.STUDENT).exists():
        raise SupporterError(gettext("The learner is no student of this course."))
    if in_course.filter(user=supporter, role=Role.TEACHER).exists():
        raise SupporterError(
            gettext("A teacher of the course sees figures of the class only, and supports nobody.")
        )
    if until is not None and until <= timezone.now():
        raise SupporterError(gettext("The end is over already."))
    same = Supporter.objects.filter(course=course, supporter=supporter, learner=learner)
    still = Q(until__isnull=True) | Q(until__gt=timezone.now())
    if same.filter(still, ended_at__isnull=True).exists():
        raise SupporterError(gettext("This person is named already. End that first."))
