"""May this person see or change it? Every look-up by an id from a URL goes through here."""

import uuid
from collections.abc import Collection

from django.http import Http404
from django.utils.translation import gettext

from fer_lms.lessons.access import (
    RequestUser,
    get_taught_lesson,
    get_taught_session,
    list_taught_lessons,
)
from fer_lms.lessons.models import Lesson, Participant
from fer_lms.people.models import User
from fer_lms.rules.models import Hint, InteractionRule, LearnerGroup, TeacherWord
from fer_lms.rules.queries import list_lesson_rules, list_students, list_teacher_notifications


def get_rule_for_teacher(*, user: RequestUser, lesson_id: int, rule_id: int) -> InteractionRule:
    """A rule that holds in a lesson this person teaches."""
    lesson = get_taught_lesson(user=user, lesson_id=lesson_id)
    rule = list_lesson_rules(lesson).filter(pk=rule_id).first()
    if rule is None:
        raise Http404(gettext("There is no such rule for you."))
    return rule


def can_edit_rule(*, user: RequestUser, rule: InteractionRule) -> bool:
    """A teacher edits the rules of the lesson or the course; ours are only switched."""
    if rule.lesson_id is None and rule.course_id is None:
        return False
    lessons = list_taught_lessons(user=user)
    if rule.lesson_id is not None:
        return lessons.filter(pk=rule.lesson_id).exists()
    return lessons.filter(course=rule.course_id).exists()


def get_learner_of_lesson(*, lesson: Lesson, learner_id: uuid.UUID) -> User:
    """A person enrolled in the lesson's course, by the id for use outside."""
    learner = User.objects.filter(public_id=learner_id, enrolments__course=lesson.course_id).first()
    if learner is None:
        raise Http404(gettext("There is no such learner for you."))
    return learner


def get_learners_of_lesson(*, lesson: Lesson, learner_ids: Collection[uuid.UUID]) -> list[User]:
    """Students who are in the lesson's course now; all of these, or it is as if nobody was."""
    learners = list(list_students(lesson).filter(public_id__in=learner_ids))
    if len(learners) != len(set(learner_ids)):
        raise Http404(gettext("There is no such learner for you."))
    return learners


def get_hint_for_learner(*, participant: Participant, hint_id: int) -> Hint:
    """A hint that this learner was offered."""
    hint = participant.hints.filter(pk=hint_id).exclude(state=Hint.State.WITHHELD).first()
    if hint is None:
        raise Http404(gettext("There is no such hint for you."))
    return hint


def get_group_for_teacher(*, user: RequestUser, lesson_id: int, group_id: int) -> LearnerGroup:
    """A group of the course of a lesson that this person teaches."""
    lesson = get_taught_lesson(user=user, lesson_id=lesson_id)
    group = LearnerGroup.objects.filter(pk=group_id, course=lesson.course_id).first()
    if group is None:
        raise Http404(gettext("There is no such group for you."))
    return group


def get_notification_for_teacher(
    *, user: RequestUser, session_id: uuid.UUID, word_id: int
) -> TeacherWord:
    """A word that a learner of this teacher's sitting wanted passed on."""
    session = get_taught_session(user=user, session_id=session_id)
    word = list_teacher_notifications(session).filter(pk=word_id).first()
    if word is None:
        raise Http404(gettext("There is no such message for you."))
    return word
