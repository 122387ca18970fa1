import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from fer_lms.lessons.access import (
    lesson_for_teacher,
    lessons_for_teacher,
    participant_for_learner,
    participant_for_member,
    place_for_member,
    session_for_teacher,
)
from fer_lms.lessons.models import Enrolment, Participant
from tests.factories import make_session, make_teacher_of, make_user


def test_a_learner_finds_the_own_place(learner: Participant) -> None:
    user, session_id = learner.user, learner.session_id
    assert participant_for_learner(user=user, session_id=session_id) == learner
    assert participant_for_member(user=user, session_id=session_id) == learner
    assert place_for_member(user=user, session_id=session_id) == (learner.session, learner)


def test_a_teacher_is_a_member_but_no_learner(teacher: Participant) -> None:
    user, session_id = teacher.user, teacher.session_id
    assert participant_for_member(user=user, session_id=session_id) == teacher
    with pytest.raises(Http404):
        participant_for_learner(user=user, session_id=session_id)


def test_a_teacher_without_a_place_still_teaches(learner: Participant) -> None:
    session = learner.session
    user = make_teacher_of(session.lesson)
    assert session_for_teacher(user=user, session_id=session.pk) == session
    assert place_for_member(user=user, session_id=session.pk) == (session, None)
    assert list(lessons_for_teacher(user=user)) == [session.lesson]


def test_who_left_the_course_finds_nothing(teacher: Participant) -> None:
    Enrolment.objects.update(active=False)
    user, session = teacher.user, teacher.session
    with pytest.raises(Http404):
        participant_for_member(user=user, session_id=session.pk)
    with pytest.raises(Http404):
        session_for_teacher(user=user, session_id=session.pk)
    with pytest.raises(Http404):
        lesson_for_teacher(user=user, lesson_id=session.lesson_id)


def test_nobody_finds_nothing(learner: Participant) -> None:
    for user in (AnonymousUser(), make_user()):
        with pytest.raises(Http404):
            place_for_member(user=user, session_id=learner.session_id)
        assert not lessons_for_teacher(user=user).exists()


def test_another_courses_teacher_finds_nothing(learner: Participant) -> None:
    stranger = make_teacher_of(make_session().lesson)
    with pytest.raises(Http404):
        session_for_teacher(user=stranger, session_id=learner.session_id)
