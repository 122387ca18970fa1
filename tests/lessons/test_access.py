import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from fer_lms.lessons.access import (
    get_learner_participant,
    get_member_participant,
    get_member_session,
    get_session_and_participant,
    get_taught_lesson,
    get_taught_session,
    is_enrolled,
    list_taught_lessons,
)
from fer_lms.lessons.models import Enrolment, Participant
from tests.factories import make_learner, make_session, make_teacher_of, make_user


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
