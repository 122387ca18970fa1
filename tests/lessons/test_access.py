import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from fer_lms.lessons.access import (
    get_learner_participant,
    get_learner_step,
    get_member_participant,
    get_member_picture,
    get_member_session,
    get_session_and_participant,
    get_taught_course,
    get_taught_lesson,
    get_taught_session,
    get_taught_step,
    is_enrolled,
    list_member_courses,
    list_supporter_links,
    list_taught_courses,
    list_taught_lessons,
)
from fer_lms.lessons.models import Enrolment, Participant, Step, StepPicture
from tests.factories import (
    make_learner,
    make_lesson,
    make_session,
    make_supporter,
    make_teacher_of,
    make_user,
)


def test_learner_finds_own_participation(learner: Participant) -> None:
    user, session_id = learner.user, learner.session_id
    assert get_learner_participant(user=user, session_id=session_id) == learner
    assert get_member_participant(user=user, session_id=session_id) == learner
    assert get_member_session(user=user, session_id=session_id) == learner.session
    assert get_session_and_participant(user=user, session_id=session_id) == (
        learner.session,
        learner,
    )


def test_teacher_is_member_but_not_learner(teacher: Participant) -> None:
    user, session_id = teacher.user, teacher.session_id
    assert get_member_participant(user=user, session_id=session_id) == teacher
    with pytest.raises(Http404):
        get_learner_participant(user=user, session_id=session_id)


def test_teacher_without_participation_finds_session(learner: Participant) -> None:
    session = learner.session
    user = make_teacher_of(session.lesson)
    assert get_taught_session(user=user, session_id=session.pk) == session
    assert get_session_and_participant(user=user, session_id=session.pk) == (session, None)
    assert list(list_taught_lessons(user=user)) == [session.lesson]


def test_unenrolled_user_finds_nothing(teacher: Participant) -> None:
    Enrolment.objects.update(active=False)
    user, session = teacher.user, teacher.session
    with pytest.raises(Http404):
        get_member_participant(user=user, session_id=session.pk)
    with pytest.raises(Http404):
        get_taught_session(user=user, session_id=session.pk)
    with pytest.raises(Http404):
        get_taught_lesson(user=user, lesson_id=session.lesson_id)


def test_enrolment_is_that_of_the_participant(learner: Participant) -> None:
    other = make_learner(learner.session)
    Enrolment.objects.filter(user=learner.user).update(active=False)
    assert (is_enrolled(learner), is_enrolled(other)) == (False, True)


def test_anonymous_user_finds_nothing(learner: Participant) -> None:
    for user in (AnonymousUser(), make_user()):
        with pytest.raises(Http404):
            get_session_and_participant(user=user, session_id=learner.session_id)
        with pytest.raises(Http404):
            get_member_session(user=user, session_id=learner.session_id)
        assert not list_taught_lessons(user=user).exists()


def test_teacher_of_other_course_finds_nothing(learner: Participant) -> None:
    stranger = make_teacher_of(make_session().lesson)
    with pytest.raises(Http404):
        get_taught_session(user=stranger, session_id=learner.session_id)


@pytest.fixture
def foreign() -> Step:
    """A step with a picture, in a course of others."""
    step: Step = make_session().lesson.steps.order_by("position")[0]
    StepPicture.objects.create(step=step, media_type="image/png", width=1, height=1, data=b"-")
    return step


def test_courses_are_those_of_the_user(learner: Participant, foreign: Step) -> None:
    course = learner.session.lesson.course
    teacher = make_teacher_of(learner.session.lesson)
    assert list(list_taught_courses(user=teacher)) == [course]
    assert list(list_member_courses(user=teacher)) == [course]
    assert list(list_member_courses(user=learner.user)) == [course]
    assert not list_taught_courses(user=learner.user).exists()
    with pytest.raises(Http404):
        get_taught_course(user=teacher, course_id=foreign.lesson.course_id)


def test_steps_and_pictures_are_those_of_the_own_course(
    learner: Participant, foreign: Step
) -> None:
    own = learner.session.lesson.steps.order_by("position")[0]
    StepPicture.objects.create(step=own, media_type="image/png", width=1, height=1, data=b"-")
    teacher = make_teacher_of(learner.session.lesson)
    assert get_taught_step(user=teacher, step_id=own.pk) == own
    assert get_learner_step(participant=learner, step_id=own.pk) == own
    assert get_member_picture(user=learner.user, step_id=own.pk) == own.picture
    for look_up in (
        lambda: get_taught_step(user=learner.user, step_id=own.pk),
        lambda: get_taught_step(user=teacher, step_id=foreign.pk),
        lambda: get_learner_step(participant=learner, step_id=foreign.pk),
        lambda: get_member_picture(user=learner.user, step_id=foreign.pk),
    ):
        with pytest.raises(Http404):
            look_up()


def test_who_left_finds_nothing_though_others_stayed(learner: Participant) -> None:
    make_learner(learner.session)
    Enrolment.objects.filter(user=learner.user).update(active=False)
    with pytest.raises(Http404):
        get_learner_participant(user=learner.user, session_id=learner.session_id)


def test_a_launch_opens_one_course_only(learner: Participant) -> None:
    """`course_limit` is the course of the launch that signed the user in."""
    user, link = learner.user, make_supporter(learner)
    user.course_limit = link.supporter.course_limit = learner.session.lesson.course_id
    assert get_learner_participant(user=user, session_id=learner.session_id) == learner
    assert list(list_member_courses(user=user)) == [learner.session.lesson.course]
    assert list(list_supporter_links(user=link.supporter)) == [link]
    user.course_limit = link.supporter.course_limit = make_lesson().course_id
    with pytest.raises(Http404):
        get_learner_participant(user=user, session_id=learner.session_id)
    assert not list_member_courses(user=user).exists()
    assert not list_supporter_links(user=link.supporter).exists()
