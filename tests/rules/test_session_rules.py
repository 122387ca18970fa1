"""Rules are frozen for a session: changes apply from the next one on; off means off at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fer_lms.lessons.actions import start_session
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
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import InteractionRule, SessionGroupMember, SessionRules
from fer_lms.rules.trials.replay import replay_session
from tests.factories import NOON, make_learner, make_teacher_of
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
