"""Look-ups of rules, hints, groups and messages: each is of the own lesson, and of one id."""

import pytest
from django.http import Http404

from fer_lms.lessons.models import Participant
from fer_lms.people.models import User
from fer_lms.rules.access import (
    can_edit_rule,
    get_group_for_teacher,
    get_hint_for_learner,
    get_learner_of_lesson,
    get_learners_of_lesson,
    get_notification_for_teacher,
    get_rule_for_teacher,
)
from fer_lms.rules.models import Hint, InteractionRule, LearnerGroup, TeacherNotification
from tests.factories import NOON, make_learner, make_lesson, make_session, make_teacher_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(learner: Participant) -> User:
    """A teacher of the learner's lesson."""
    return make_teacher_of(learner.session.lesson)


def make_hint(learner: Participant, key: str, **fields: str) -> Hint:
    return Hint.objects.create(
        participant=learner, occasion=key, kind="hint", title=key, body="-", fired_at=NOON, **fields
    )


def test_rules_are_edited_by_teachers_of_their_lesson_or_course(
    learner: Participant, user: User
) -> None:
    lesson = learner.session.lesson
    sibling = make_lesson()
    sibling.course = lesson.course
    sibling.save()
    elsewhere = make_lesson()
    rules = {
        "lesson": InteractionRule(lesson=lesson, course=lesson.course),
        "course": InteractionRule(course=lesson.course),
        "lesson without course": InteractionRule(lesson=lesson),
        "built in": InteractionRule(),
        "other lesson": InteractionRule(lesson=elsewhere, course=elsewhere.course),
        # Its lesson decides, not the course that it names as well.
        "other lesson, own course": InteractionRule(lesson=elsewhere, course=lesson.course),
        "other course": InteractionRule(course=elsewhere.course),
    }
    edited = {name for name, rule in rules.items() if can_edit_rule(user=user, rule=rule)}
    assert edited == {"lesson", "course", "lesson without course"}
    assert not any(can_edit_rule(user=learner.user, rule=rule) for rule in rules.values())


def test_each_look_up_returns_the_row_of_its_id(learner: Participant, user: User) -> None:
    """The first row of all would be somebody else's."""
    lesson, session = learner.session.lesson, learner.session
    rules = [InteractionRule.objects.create(lesson=lesson, title=title) for title in "ab"]
    groups = [LearnerGroup.objects.create(course=lesson.course, title=title) for title in "ab"]
    hints = [make_hint(learner, key, state="shown") for key in "ab"]
    told = [TeacherNotification.objects.create(hint=hint) for hint in hints]
    for rule, group, hint, one in zip(rules, groups, hints, told, strict=True):
        assert get_rule_for_teacher(user=user, lesson_id=lesson.pk, rule_id=rule.pk) == rule
        assert get_group_for_teacher(user=user, lesson_id=lesson.pk, group_id=group.pk) == group
        assert get_hint_for_learner(participant=learner, hint_id=hint.pk) == hint
        assert (
            get_notification_for_teacher(user=user, session_id=session.pk, notification_id=one.pk)
            == one
        )


def test_what_belongs_to_others_is_not_found(learner: Participant, user: User) -> None:
    other = make_learner(make_session())
    group = LearnerGroup.objects.create(course=other.session.lesson.course, title="a")
    foreign = make_hint(other, "a", state="shown")
    notification = TeacherNotification.objects.create(hint=foreign)
    withheld = make_hint(learner, "a", state="withheld")
    lesson, session = learner.session.lesson, learner.session
    for look_up in (
        lambda: get_hint_for_learner(participant=learner, hint_id=foreign.pk),
        lambda: get_hint_for_learner(participant=learner, hint_id=withheld.pk),
        lambda: get_group_for_teacher(user=user, lesson_id=lesson.pk, group_id=group.pk),
        lambda: get_notification_for_teacher(
            user=user, session_id=session.pk, notification_id=notification.pk
        ),
        lambda: get_learner_of_lesson(lesson=lesson, learner_id=other.user.public_id),
        lambda: get_learners_of_lesson(lesson=lesson, learner_ids=[other.user.public_id]),
    ):
        with pytest.raises(Http404):
            look_up()
    own = learner.user
    assert get_learner_of_lesson(lesson=lesson, learner_id=own.public_id) == own
    assert get_learners_of_lesson(lesson=lesson, learner_ids=[own.public_id]) == [own]
