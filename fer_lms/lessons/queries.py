from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fer_lms.lessons.models import (
    Enrolment,
    InteractionEvent,
    LearnerProfile,
    Lesson,
    Participant,
    Role,
    Step,
    Supporter,
)
from fer_lms.people.models import User


def filter_real_students() -> Q:
    """Return the filter for rows of participants who are real students (`is_real_student`)."""
    is_student = Q(participant__role=Role.STUDENT, participant__user__is_placeholder=False)
    return is_student & ~Q(_has_taught("participant__"))


def is_real_student() -> Q:
    """Return the filter for participants who are real students.

    Placeholder users are teachers who preview the course, and teachers may launch it in the role of
    a student. If they were counted, a group could have fewer students than the minimum group size,
    and teachers know their own figures.
    """
    return Q(role=Role.STUDENT, user__is_placeholder=False) & ~Q(_has_taught(""))


def _has_taught(prefix: str) -> Exists:
    """Return the condition that a participant, reached by `prefix`, has taught the course."""
    return Exists(
        Enrolment.objects.filter(
            user=OuterRef(f"{prefix}user"),
            course=OuterRef(f"{prefix}session__lesson__course"),
            has_taught=True,
        )
    )


def has_active_enrolment() -> Exists:
    """Return the condition that a participant is enrolled in the session's course now."""
    return Exists(
        Enrolment.objects.filter(
            user=OuterRef("user"), course=OuterRef("session__lesson__course"), active=True
        )
    )


def get_latest_participation(user: User) -> Participant | None:
    """Return the participation that the user joined last as a student."""
    participations = Participant.objects.filter(user=user, role=Role.STUDENT)
    return participations.order_by("-joined_at", "-id").first()


def list_steps_with_content(lesson: Lesson, *, with_image_data: bool = False) -> QuerySet[Step]:
    """List the steps with question, hints and picture; image bytes only on request."""
    steps = lesson.steps.select_related("picture", "question").prefetch_related("hints")
    return steps if with_image_data else steps.defer("picture__data")


def is_written(lesson: Lesson) -> bool:
    """Return whether a lesson has anything for students: a step with more than its title."""
    has_content = (
        ~Q(body="")
        | ~Q(easy_body="")
        | ~Q(embed_url="")
        | Q(question__isnull=False)
        | Q(picture__isnull=False)
    )
    return lesson.steps.filter(has_content).exists()


@dataclass(slots=True)
class StepProgress:
    """What a learner has done in one step."""

    step_id: int
    attempts: int = 0
    right: bool = False
    rating: str = ""


def list_progress(participant: Participant) -> list[StepProgress]:
    """List the steps that a learner answered or rated: tries, ever right, and the last rating."""
    kinds = InteractionEvent.Kind
    events = participant.events.filter(
        kind__in=(kinds.ANSWERED, kinds.SELF_REPORT), step__isnull=False
    )
    steps: dict[int, StepProgress] = {}
    for kind, step_id, value in events.values_list("kind", "step_id", "value"):
        step = steps.setdefault(step_id, StepProgress(step_id))
        if kind == kinds.SELF_REPORT:
            step.rating = value
        else:
            step.attempts += 1
            step.right |= value == InteractionEvent.Answer.RIGHT
    return list(steps.values())


def get_profile(user: User) -> LearnerProfile:
    """Return the stored preferences, or unsaved default ones."""
    profile = LearnerProfile.objects.filter(user=user).first()
    return profile or LearnerProfile(user=user)


def list_active_supporters() -> QuerySet[Supporter]:
    """Return the active links: started, not ended, both persons still eligible.

    The learner must be an enrolled student. The supporter must not teach the course, because
    teachers see metrics of groups only.
    """
    now = timezone.now()
    in_course = Enrolment.objects.filter(course=OuterRef("course"), active=True)
    is_student = in_course.filter(user=OuterRef("learner"), role=Role.STUDENT)
    is_teacher = in_course.filter(user=OuterRef("supporter"), role=Role.TEACHER)
    return Supporter.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now),
        Exists(is_student),
        ~Exists(is_teacher),
        since__lte=now,
        ended_at__isnull=True,
        supporter__is_active=True,
    ).select_related("course", "supporter", "learner")


def list_supporters(participant: Participant) -> list[Supporter]:
    """List who supports this learner now in the course of the session."""
    links = list_active_supporters().filter(
        learner=participant.user_id, course=participant.session.lesson.course_id
    )
    return list(links.order_by("since", "id"))
