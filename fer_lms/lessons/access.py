"""Look-ups with permission checks, by which views resolve every id from a URL.

An object that the user may not see raises Http404, never PermissionDenied, so that its existence is
not disclosed. `User.course_limit` limits every look-up to one course.
"""

import uuid
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext, gettext_noop

from fer_lms.lessons.models import (
    Activity,
    Course,
    Enrolment,
    Lesson,
    LessonSession,
    Participant,
    Role,
    Step,
    StepPicture,
    Supporter,
)
from fer_lms.lessons.queries import has_active_enrolment, list_active_supporters
from fer_lms.people.models import User

RequestUser = User | AnonymousUser
ModelT = TypeVar("ModelT", bound=Model)

LESSON_NOT_FOUND = gettext_noop("This lesson does not exist or is not open to you.")


def get_learner_participant(*, user: RequestUser, session_id: uuid.UUID) -> Participant:
    """Return the user's participation as an enrolled student."""
    return _get_or_404(
        _list_enrolled_participations(user).filter(role=Role.STUDENT), session_id=session_id
    )


def get_participant_for_own_data(*, user: RequestUser, session_id: uuid.UUID) -> Participant:
    """Return the user's participation as a student, also after leaving the course.

    Access to one's own data and the withdrawal of consent do not require enrolment.
    """
    participations = _list_participations(user).filter(role=Role.STUDENT)
    return _get_or_404(participations, session_id=session_id)


def is_enrolled(participant: Participant) -> bool:
    return Participant.objects.filter(has_active_enrolment(), pk=participant.pk).exists()


def get_member_participant(*, user: RequestUser, session_id: uuid.UUID) -> Participant:
    """Return the user's participation as an enrolled student or teacher."""
    return _get_or_404(_list_enrolled_participations(user), session_id=session_id)


def get_session_and_participant(
    *, user: RequestUser, session_id: uuid.UUID
) -> tuple[LessonSession, Participant | None]:
    """Return the session and the user's participation, which a teacher may not have."""
    participant = _list_enrolled_participations(user).filter(session_id=session_id).first()
    if participant is not None:
        return participant.session, participant
    return get_taught_session(user=user, session_id=session_id), None


def get_taught_session(*, user: RequestUser, session_id: uuid.UUID) -> LessonSession:
    sessions = LessonSession.objects.select_related("lesson__course")
    return _get_or_404(
        sessions.filter(lesson__course__in=_list_taught_course_ids(user)), pk=session_id
    )


def get_member_session(*, user: RequestUser, session_id: uuid.UUID) -> LessonSession:
    """Return a session of a course where the user is enrolled, also without a participation."""
    sessions = LessonSession.objects.select_related("lesson__course")
    return _get_or_404(sessions.filter(lesson__course__in=_list_course_ids(user)), pk=session_id)


def list_taught_lessons(*, user: RequestUser) -> QuerySet[Lesson]:
    """List the lessons that the user teaches, each with its sessions, newest session first."""
    newest_first = Prefetch("sessions", LessonSession.objects.order_by("-started_at"))
    return (
        Lesson.objects.filter(course__in=_list_taught_course_ids(user))
        .select_related("course")
        .prefetch_related(newest_first, Prefetch("activities", Activity.objects.order_by("pk")))
        .order_by("course__title", "title", "id")
    )


def get_taught_lesson(*, user: RequestUser, lesson_id: int) -> Lesson:
    return _get_or_404(list_taught_lessons(user=user), pk=lesson_id)


def list_taught_courses(*, user: RequestUser) -> QuerySet[Course]:
    return Course.objects.filter(pk__in=_list_taught_course_ids(user)).order_by("title", "id")


def list_member_courses(*, user: RequestUser) -> QuerySet[Course]:
    """List the courses where the user is enrolled in any role."""
    return Course.objects.filter(pk__in=_list_course_ids(user))


def get_taught_course(*, user: RequestUser, course_id: int) -> Course:
    message = gettext_noop("This course does not exist or is not open to you.")
    return _get_or_404(list_taught_courses(user=user), message, pk=course_id)


def get_taught_step(*, user: RequestUser, step_id: int) -> Step:
    return _get_step(Step.objects.filter(lesson__course__in=_list_taught_course_ids(user)), step_id)


def get_learner_step(*, participant: Participant, step_id: int) -> Step:
    """Return a step of the lesson that this learner takes, with its question."""
    steps = Step.objects.filter(lesson_id=participant.session.lesson_id)
    return _get_step(steps.select_related("question"), step_id)


def get_member_picture(*, user: RequestUser, step_id: int) -> StepPicture:
    """Return the picture of a step in a course where the user is enrolled in any role."""
    pictures = StepPicture.objects.filter(step__lesson__course__in=_list_course_ids(user))
    message = gettext_noop("This picture does not exist or is not open to you.")
    return _get_or_404(pictures, message, step_id=step_id)


def list_supporter_links(*, user: RequestUser) -> QuerySet[Supporter]:
    """List the active links to the learners whom the user supports, also without shared data."""
    links = list_active_supporters().filter(
        supporter_id=_get_user_id(user), **_limit_course(user, "course_id")
    )
    return links.order_by("learner__last_name", "learner__first_name", "since", "id")


def get_supporter_link(*, user: RequestUser, link_id: uuid.UUID) -> Supporter:
    message = gettext_noop("You do not support a learner at this address.")
    return _get_or_404(list_supporter_links(user=user), message, pk=link_id)


def _get_or_404(
    queryset: QuerySet[ModelT], message: str = LESSON_NOT_FOUND, **lookup: object
) -> ModelT:
    found = queryset.filter(**lookup).first()
    if found is None:
        raise Http404(gettext(message))
    return found


def _get_step(steps: QuerySet[Step], step_id: int) -> Step:
    message = gettext_noop("This step does not exist or is not open to you.")
    return _get_or_404(steps.select_related("lesson"), message, pk=step_id)


def _list_taught_course_ids(user: RequestUser) -> QuerySet[Enrolment, int]:
    return _list_course_ids(user).filter(role=Role.TEACHER)


def _list_course_ids(user: RequestUser) -> QuerySet[Enrolment, int]:
    return Enrolment.objects.filter(
        user_id=_get_user_id(user), active=True, **_limit_course(user, "course_id")
    ).values_list("course_id", flat=True)


def _list_participations(user: RequestUser) -> QuerySet[Participant]:
    participations = Participant.objects.select_related("session__lesson__course")
    return participations.filter(
        user_id=_get_user_id(user), **_limit_course(user, "session__lesson__course_id")
    )


def _list_enrolled_participations(user: RequestUser) -> QuerySet[Participant]:
    return _list_participations(user).filter(
        session__lesson__course__enrolments__user_id=_get_user_id(user),
        session__lesson__course__enrolments__active=True,
    )


def _limit_course(user: RequestUser, path: str) -> dict[str, int]:
    limit = getattr(user, "course_limit", None)
    return {} if limit is None else {path: limit}


def _get_user_id(user: RequestUser) -> int:
    """Return 0, which no user has, for an anonymous user."""
    return user.pk or 0
