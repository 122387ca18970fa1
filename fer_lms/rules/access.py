"""Permission-checked look-ups by ids from URLs. Each raises Http404 without permission."""

import uuid
from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, QuerySet
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
from fer_lms.rules.models import Hint, InteractionRule, LearnerGroup, TeacherNotification
from fer_lms.rules.queries import list_lesson_rules, list_students, list_teacher_notifications

Row = TypeVar("Row", bound=Model)


def get_rule_for_teacher(*, user: RequestUser, lesson_id: int, rule_id: int) -> InteractionRule:
    """Return a rule of a lesson that this user teaches."""
    lesson = get_taught_lesson(user=user, lesson_id=lesson_id)
    rules = list_lesson_rules(lesson).filter(pk=rule_id)
    return _get_or_404(rules, gettext("Rule not found, or not accessible to you."))


def can_edit_rule(*, user: RequestUser, rule: InteractionRule) -> bool:
    """Return whether a teacher may edit a rule; built-in rules can only be switched on or off."""
    if rule.lesson_id is None and rule.course_id is None:
        return False
    lessons = list_taught_lessons(user=user)
    if rule.lesson_id is not None:
        return lessons.filter(pk=rule.lesson_id).exists()
    return lessons.filter(course=rule.course_id).exists()


def get_learner_of_lesson(*, lesson: Lesson, learner_id: uuid.UUID) -> User:
    """Return a user enrolled in the lesson's course, by public id."""
    users = User.objects.filter(public_id=learner_id, enrolments__course=lesson.course_id)
    return _get_or_404(users, gettext("Learner not found, or not accessible to you."))


def get_learners_of_lesson(*, lesson: Lesson, learner_ids: Collection[uuid.UUID]) -> list[User]:
    """Return active students of the lesson's course, by public ids; 404 where one is missing."""
    learners = list(list_students(lesson).filter(public_id__in=learner_ids))
    if len(learners) != len(set(learner_ids)):
        raise Http404(gettext("Learner not found, or not accessible to you."))
    return learners


def get_hint_for_learner(*, participant: Participant, hint_id: int) -> Hint:
    """Return a hint that this learner was shown."""
    hints = participant.hints.filter(pk=hint_id).exclude(state=Hint.State.WITHHELD)
    return _get_or_404(hints, gettext("Hint not found, or not accessible to you."))


def get_group_for_teacher(*, user: RequestUser, lesson_id: int, group_id: int) -> LearnerGroup:
    """Return a group of the course of a lesson that this user teaches."""
    lesson = get_taught_lesson(user=user, lesson_id=lesson_id)
    groups = LearnerGroup.objects.filter(pk=group_id, course=lesson.course_id)
    return _get_or_404(groups, gettext("Group not found, or not accessible to you."))


def get_notification_for_teacher(
    *, user: RequestUser, session_id: uuid.UUID, notification_id: int
) -> TeacherNotification:
    """Return a notification by a learner of a session that this user teaches."""
    session = get_taught_session(user=user, session_id=session_id)
    notifications = list_teacher_notifications(session).filter(pk=notification_id)
    return _get_or_404(notifications, gettext("Message not found, or not accessible to you."))


def _get_or_404(rows: QuerySet[Row], message: str) -> Row:
    row = rows.first()
    if row is None:
        raise Http404(message)
    return row
