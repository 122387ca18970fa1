"""Rules are frozen for a session: changes apply from the next one on; off means off at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from fer_lms.lessons.actions import end_session, start_session
from fer_lms.lessons.models import Lesson, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.rights.actions import erase_person
from fer_lms.rules.actions import (
    add_version,
    create_group,
    create_rule,
    delete_group,
    retire_rule,
    set_switch,
    update_group,
)
from fer_lms.rules.effective_settings import (
    get_effective_settings,
    parse_settings,
    serialize_settings,
)
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import InteractionRule, SessionGroupMember, SessionRules
from fer_lms.rules.session_rules import count_error_rates
from fer_lms.rules.trials.replay import replay_session
from tests.factories import NOON, make_learner, make_teacher, make_teacher_of
from tests.rules.recorded_input import add_event, evaluate_until, list_hints

SAYS_HARD = RuleSpec(
    evidence="said_hard",
    release=0.2,
    over_windows=1,
    of_windows=1,
    held_windows=0,
    needs_other_source=False,
    quiet_start_seconds=0,
    text="Look at the picture again.",
)


@pytest.fixture
def editor(learner: Participant) -> User:
    """A teacher of a lesson in which no built-in rule is on."""
    teacher = make_teacher_of(learner.session.lesson)
    for rule in InteractionRule.objects.filter(course=None):
        retire_rule(rule=rule, user=teacher)
    return teacher


def make_rule(lesson: Lesson, user: User, spec: RuleSpec = SAYS_HARD) -> InteractionRule:
    return create_rule(lesson=lesson, title="Hard", spec=spec, user=user)


def begin(learner: Participant) -> None:
    """Open the lesson, by which its rules are frozen."""
    add_event(learner, 1, "step_opened")
    evaluate_until(10)


def count_hints(learner: Participant) -> int:
    """Say that it is hard, and count the hints; the replay must agree."""
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(30, since=20)
    assert all(result.is_same for result in replay_session(learner.session))
    return len(list_hints(learner))


def count_hints_in_next_session(learner: Participant) -> int:
    """Return the hints of the same student, who says the same in another session."""
    session = start_session(lesson=learner.session.lesson)
    LessonSession.objects.filter(pk=session.pk).update(started_at=NOON)
    session.refresh_from_db()
    again = Participant.objects.create(session=session, user=learner.user, role=learner.role)
    begin(again)
    return count_hints(again)


def test_new_rule_applies_from_the_next_session_on(learner: Participant, editor: User) -> None:
    begin(learner)
    make_rule(learner.session.lesson, editor)
    assert (count_hints(learner), count_hints_in_next_session(learner)) == (0, 1)


def test_new_version_applies_from_the_next_session_on(learner: Participant, editor: User) -> None:
    rule = make_rule(learner.session.lesson, editor)
    begin(learner)
    other = make_learner(learner.session)
    narrowed = replace(SAYS_HARD, learners=(other.user_id,))
    add_version(rule=rule, spec=narrowed, user=editor)
    assert (count_hints(learner), count_hints_in_next_session(learner)) == (1, 0)


def leave_group(learner: Participant, editor: User) -> None:
    group = learner.user.learner_groups.get()
    update_group(group=group, title=group.title, members=[], user=editor)


def dissolve_group(learner: Participant, editor: User) -> None:
    delete_group(group=learner.user.learner_groups.get(), user=editor)


@pytest.mark.parametrize("change", [leave_group, dissolve_group])
def test_changed_group_applies_from_the_next_session_on(
    learner: Participant, editor: User, change: Callable[[Participant, User], None]
) -> None:
    lesson = learner.session.lesson
    group = create_group(course=lesson.course, title="Red", members=[learner.user], user=editor)
    make_rule(lesson, editor, replace(SAYS_HARD, groups=(group.pk,)))
    begin(learner)
    change(learner, editor)
    assert (count_hints(learner), count_hints_in_next_session(learner)) == (1, 0)


def test_new_member_of_a_group_belongs_to_it_from_the_next_session_on(
    learner: Participant, editor: User
) -> None:
    lesson = learner.session.lesson
    group = create_group(course=lesson.course, title="Red", members=[], user=editor)
    make_rule(lesson, editor, replace(SAYS_HARD, groups=(group.pk,)))
    begin(learner)
    update_group(group=group, title="Red", members=[learner.user], user=editor)
    assert (count_hints(learner), count_hints_in_next_session(learner)) == (0, 1)


@pytest.mark.parametrize("scope", ["lesson", "rule", "learner"])
def test_switching_off_is_at_once_and_on_from_the_next_session(
    learner: Participant, editor: User, scope: str
) -> None:
    rule = make_rule(learner.session.lesson, editor)
    begin(learner)
    scopes: dict[str, dict[str, Any]] = {
        "lesson": {},
        "rule": {"rule": rule},
        "learner": {"learner": learner.user},
    }
    set_switch(off=True, user=editor, lesson=learner.session.lesson, **scopes[scope])
    set_switch(off=False, user=editor, lesson=learner.session.lesson, **scopes[scope])
    assert (count_hints(learner), count_hints_in_next_session(learner)) == (0, 1)


def test_rule_that_was_off_at_the_beginning_stays_off(learner: Participant, editor: User) -> None:
    rule = make_rule(learner.session.lesson, editor)
    set_switch(off=True, user=editor, lesson=learner.session.lesson, rule=rule)
    begin(learner)
    set_switch(off=False, user=editor, lesson=learner.session.lesson, rule=rule)
    assert (count_hints(learner), count_hints_in_next_session(learner)) == (0, 1)


def test_removed_rule_stops_at_once(learner: Participant, editor: User) -> None:
    rule = make_rule(learner.session.lesson, editor)
    begin(learner)
    retire_rule(rule=rule, user=editor)
    assert count_hints(learner) == 0


def answer_in_class(session: LessonSession, students: int, *, wrong: int, right: int) -> None:
    """Let each student answer the first step."""
    for _ in range(students):
        student = make_learner(session)
        for number in range(wrong + right):
            value = "wrong" if number < wrong else "right"
            add_event(student, 10 + number, "answered", value=value)


def test_error_rates_are_those_of_earlier_sessions(learner: Participant) -> None:
    lesson = learner.session.lesson
    step = lesson.steps.first()
    assert step is not None
    earlier = start_session(lesson=lesson)
    answer_in_class(earlier, 5, wrong=12, right=4)
    assert count_error_rates(lesson) == {}, "the session has not ended"
    end_session(session=earlier)
    assert count_error_rates(lesson) == {step.pk: round((60 + 20 * 0.35) / (80 + 20), 2)}


def test_error_rates_of_few_students_or_teachers_are_not_used(learner: Participant) -> None:
    lesson = learner.session.lesson
    earlier = start_session(lesson=lesson)
    answer_in_class(earlier, 4, wrong=30, right=0)
    teacher = make_teacher(earlier)
    add_event(teacher, 10, "answered", value="wrong")
    end_session(session=earlier)
    assert count_error_rates(lesson) == {}


def test_error_rates_are_frozen_with_the_rules(learner: Participant) -> None:
    lesson = learner.session.lesson
    earlier = start_session(lesson=lesson)
    answer_in_class(earlier, 5, wrong=4, right=16)
    end_session(session=earlier)
    begin(learner)
    rates = count_error_rates(lesson)
    assert rates
    later = start_session(lesson=lesson)
    answer_in_class(later, 5, wrong=20, right=0)
    end_session(session=later)
    assert count_error_rates(lesson) != rates
    with transaction.atomic():
        settings = get_effective_settings([learner], now=NOON)[learner.pk]
    assert settings.error_rates == rates
    restored = parse_settings(
        json.loads(json.dumps(serialize_settings(settings))),
        session_started_at=0.0,
        learner_id=1,
        rules={},
    )
    assert restored.error_rates == rates


def test_rules_are_frozen_before_the_first_student_only(learner: Participant, editor: User) -> None:
    """A teacher who opens the session and then edits a rule can use it at once."""
    make_rule(learner.session.lesson, editor)
    assert not SessionRules.objects.exists()
    begin(learner)
    assert SessionRules.objects.get().session == learner.session
    assert count_hints(learner) == 1


def test_erased_student_leaves_the_frozen_groups(learner: Participant, editor: User) -> None:
    lesson = learner.session.lesson
    group = create_group(course=lesson.course, title="Red", members=[learner.user], user=editor)
    make_rule(lesson, editor, replace(SAYS_HARD, groups=(group.pk,)))
    begin(learner)
    assert SessionGroupMember.objects.get().user == learner.user
    erase_person(user=learner.user)
    assert not SessionGroupMember.objects.exists()
