"""May this person see it? Every look-up by an id from a URL goes through here.

What a person may not see does not exist for them: the answer is 404, never 403.
"""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext

from fer_lms.lessons.models import (
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
from fer_lms.lessons.queries import active_supports, has_active_enrolment
from fer_lms.people.models import User

Person = User | AnonymousUser


def get_learner_participant(*, user: Person, session_id: uuid.UUID) -> Participant:
    """This person's own place as a student in the sitting."""
    return _participant(user, session_id, role=Role.STUDENT)


def get_participant_for_own_data(*, user: Person, session_id: uuid.UUID) -> Participant:
    """The same, also after leaving the course: to look at what is kept of oneself and to take back
    what one said, it is enough to have been there."""
    places = Participant.objects.select_related("session__lesson__course")
    place = places.filter(session_id=session_id, user_id=_id_of(user), role=Role.STUDENT).first()
    if place is None:
        raise Http404(gettext("There is no such lesson for you."))
    return place


def is_enrolled(participant: Participant) -> bool:
    return Participant.objects.filter(has_active_enrolment(), pk=participant.pk).exists()


def get_member_participant(*, user: Person, session_id: uuid.UUID) -> Participant:
    """This person's own place in the sitting, student or teacher."""
    return _participant(user, session_id)


def get_session_and_participant(
    *, user: Person, session_id: uuid.UUID
) -> tuple[LessonSession, Participant | None]:
    """The sitting with this person's place in it; a teacher of the course need not have one."""
    place = _place(user, session_id)
    if place is not None:
        return place.session, place
    return get_taught_session(user=user, session_id=session_id), None


def get_taught_session(*, user: Person, session_id: uuid.UUID) -> LessonSession:
    """A sitting of a course that this person teaches now."""
    sessions = LessonSession.objects.select_related("lesson__course")
    session = sessions.filter(pk=session_id, lesson__course__in=_courses_taught(user)).first()
    if session is None:
        raise Http404(gettext("There is no such lesson for you."))
    return session


def list_taught_lessons(*, user: Person) -> QuerySet[Lesson]:
    """The lessons this person teaches, with their sittings, the newest sitting first."""
    newest_first = Prefetch("sessions", LessonSession.objects.order_by("-started_at"))
    return (
        Lesson.objects.filter(course__in=_courses_taught(user))
        .select_related("course")
        .prefetch_related(newest_first)
        .order_by("course__title", "title", "id")
    )


def get_taught_lesson(*, user: Person, lesson_id: int) -> Lesson:
    lesson = list_taught_lessons(user=user).filter(pk=lesson_id).first()
    if lesson is None:
        raise Http404(gettext("There is no such lesson for you."))
    return lesson


def list_taught_courses(*, user: Person) -> QuerySet[Course]:
    return Course.objects.filter(pk__in=_courses_taught(user)).order_by("title", "id")


def get_taught_course(*, user: Person, course_id: int) -> Course:
    course = list_taught_courses(user=user).filter(pk=course_id).first()
    if course is None:
        raise Http404(gettext("There is no such course for you."))
    return course


def get_taught_step(*, user: Person, step_id: int) -> Step:
    steps = Step.objects.filter(lesson__course__in=_courses_taught(user))
    return _step(steps, step_id)


def get_learner_step(*, participant: Participant, step_id: int) -> Step:
    """A step of the lesson that this learner sits in."""
    steps = Step.objects.filter(lesson_id=participant.session.lesson_id)
    return _step(steps.select_related("question"), step_id)


def get_member_picture(*, user: Person, step_id: int) -> StepPicture:
    """The picture of a step of a course that this person is in, as student or teacher."""
    courses = Enrolment.objects.filter(user_id=_id_of(user), active=True).values("course_id")
    pictures = StepPicture.objects.filter(step__lesson__course__in=courses)
    picture = pictures.filter(step_id=step_id).first()
    if picture is None:
        raise Http404(gettext("There is no such picture for you."))
    return picture


def list_supports(*, user: Person) -> QuerySet[Supporter]:
    """Whom this person supports now, and where. It says nothing of what is shared."""
    links = active_supports().filter(supporter_id=_id_of(user))
    return links.order_by("learner__last_name", "learner__first_name", "since", "id")


def get_support(*, user: Person, link_id: uuid.UUID) -> Supporter:
    link = list_supports(user=user).filter(pk=link_id).first()
    if link is None:
        raise Http404(gettext("You support nobody here."))
    return link


def _step(steps: QuerySet[Step], step_id: int) -> Step:
    step = steps.select_related("lesson").filter(pk=step_id).first()
    if step is None:
        raise Http404(gettext("There is no such step for you."))
    return step


def _courses_taught(user: Person) -> QuerySet[Enrolment, int]:
    return Enrolment.objects.filter(
        user_id=_id_of(user), role=Role.TEACHER, active=True
    ).values_list("course_id", flat=True)


def _participant(user: Person, session_id: uuid.UUID, role: Role | None = None) -> Participant:
    participant = _place(user, session_id)
    if participant is None or (role is not None and participant.role != role):
        raise Http404(gettext("There is no such lesson for you."))
    return participant


def _place(user: Person, session_id: uuid.UUID) -> Participant | None:
    return (
        Participant.objects.select_related("session__lesson__course")
        .filter(
            session_id=session_id,
            user_id=_id_of(user),
            session__lesson__course__enrolments__user_id=_id_of(user),
            session__lesson__course__enrolments__active=True,
        )
        .first()
    )


def _id_of(user: Person) -> int:
    """Nobody has the id 0."""
    return user.pk or 0
