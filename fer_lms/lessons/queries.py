from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fer_lms.lessons.models import (
    Enrolment,
    LearnerProfile,
    Lesson,
    Participant,
    Role,
    Step,
    Supporter,
)
from fer_lms.people.models import User


def filter_real_students(participant: str = "participant__") -> Q:
    """The learners whom figures of a class are made of: students, and people. A learning platform's
    placeholder student is a teacher who looks; one of them in a group of five hides four.
    `participant`: the way to them from the rows that are asked for."""
    return Q(
        **{f"{participant}role": Role.STUDENT, f"{participant}user__is_placeholder": False},
    )


def has_active_enrolment() -> Exists:
    """Of participants: whether they are in the sitting's course now."""
    return Exists(
        Enrolment.objects.filter(
            user=OuterRef("user"), course=OuterRef("session__lesson__course"), active=True
        )
    )


def get_latest_participation(user: User) -> Participant | None:
    """The sitting that this person came to last as a student."""
    places = Participant.objects.filter(user=user, role=Role.STUDENT)
    return places.order_by("-joined_at", "-id").first()


def list_steps_with_content(lesson: Lesson, *, pictures: bool = False) -> QuerySet[Step]:
    """The steps with question, hints and what is known of pictures; `pictures`: their bytes too."""
    steps = lesson.steps.select_related("picture", "question").prefetch_related("hints")
    return steps if pictures else steps.defer("picture__data")


def get_profile(user: User) -> LearnerProfile:
    """How this person wants to be met; the usual where nothing was said (then not stored)."""
    profile = LearnerProfile.objects.filter(user=user).first()
    return profile or LearnerProfile(user=user)


def active_supports() -> QuerySet[Supporter]:
    """Named, not ended, and both still what they were: the learner a student of the course, the
    supporter none of its teachers, who see figures of the class only."""
    now = timezone.now()
    in_course = Enrolment.objects.filter(course=OuterRef("course"), active=True)
    learns = in_course.filter(user=OuterRef("learner"), role=Role.STUDENT)
    teaches = in_course.filter(user=OuterRef("supporter"), role=Role.TEACHER)
    return Supporter.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now),
        Exists(learns),
        ~Exists(teaches),
        since__lte=now,
        ended_at__isnull=True,
        supporter__is_active=True,
    ).select_related("course", "supporter", "learner")


def list_supporters(participant: Participant) -> list[Supporter]:
    """Who is named to support this learner in the course of this sitting."""
    links = active_supports().filter(
        learner=participant.user_id, course=participant.session.lesson.course_id
    )
    return list(links.order_by("since", "id"))
