"""Hint statistics in the final report: of frozen rules, for whole groups, without faces."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_ended_reports, withdraw_release
from fer_lms.reports.queries import build_report
from fer_lms.rules.actions import (
    add_version,
    create_group,
    create_rule,
    retire_rule,
    set_switch,
)
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import Hint, HintAnswer, InteractionRule, RuleState, SessionRules
from fer_lms.rules.session_rules import freeze_rules
from tests.factories import NOON, grant_all, make_learner, make_session, make_teacher_of
from tests.rules.recorded_input import TENSE, add_event, add_window, evaluate_until

pytestmark = pytest.mark.django_db
SPEC = RuleSpec(quiet_start_seconds=0)


@pytest.fixture
def editor(session: LessonSession) -> User:
    """A teacher of a lesson without built-in rules."""
    teacher = make_teacher_of(session.lesson)
    for rule in InteractionRule.objects.filter(course=None):
        retire_rule(rule=rule, user=teacher)
    return teacher


@pytest.fixture
def rule(session: LessonSession, editor: User) -> InteractionRule:
    return create_rule(lesson=session.lesson, title="Stuck", spec=SPEC, user=editor)


@pytest.fixture
def learners(session: LessonSession) -> list[Participant]:
    """Eight learners who opened both steps, the second after a minute."""
    learners = [make_learner(session) for _ in range(8)]
    for learner in learners:
        for at, step in enumerate(session.lesson.steps.all()):
            add_event(learner, 60 * at, "step_opened", step=step)
    return learners


def freeze(session: LessonSession, *, uses_faces: bool = False) -> None:
    freeze_rules([session], uses_faces=uses_faces)


def hinted(
    learner: Participant, rule: InteractionRule | None, *parts: str, answer: str = "", **more: Any
) -> Hint:
    fields = {"occasion": f"asked-{learner.hints.count()}"} | more
    hint = Hint.objects.create(
        participant=learner,
        rule=rule,
        version=rule.versions.earliest("number") if rule else None,
        step=learner.session.lesson.steps.last(),
        kind="hint",
        title="",
        body="",
        state="shown",
        parts=dict.fromkeys(parts, 0.3),
        fired_at=NOON + timedelta(minutes=2),
        **fields,
    )
    if answer:
        HintAnswer.objects.create(hint=hint, answer=answer)
    return hint


def final_help(session: LessonSession) -> Any:
    session = end_session(session=session)
    session.ended_at = NOON + timedelta(minutes=5)
    session.save()
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    return build_report(session)["help"]


def list_titles(session: LessonSession) -> list[str]:
    return [row["title"] for row in final_help(session)["rules"] if not row["asked"]]


def test_hint_statistics(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    freeze(session)
    for number, learner in enumerate(learners[:6]):
        hinted(learner, rule, "wrong", answer="helped" if number < 4 else "not_hard")
    row, asked = final_help(session)["rules"]
    assert (row["title"], row["asked"], row["version"]) == ("Stuck", False, 1)
    assert (row["learners"], row["steps"], row["withheld"]) == (0.75, [2], None)
    assert [(reason["part"], reason["share"]) for reason in row["why"]] == [("wrong", 0.8)]
    assert row["why"][0]["words"] == "answers that were not right yet"
    assert row["answers"] == {"helped": 0.65, "not_now": 0.2, "fine": 0.35, "alone": 0.2}
    assert (asked["asked"], asked["learners"], asked["version"]) == (True, 0.2, None)


@pytest.mark.usefixtures("rule")
def test_rule_that_did_not_fire_is_listed(
    session: LessonSession, learners: list[Participant]
) -> None:
    freeze(session)
    row, _asked = final_help(session)["rules"]
    assert (row["learners"], row["steps"], row["why"], row["answers"]) == (0.2, [], [], None)


def test_hint_statistics_are_not_released_while_session_runs(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    freeze(session)
    for learner in learners:
        hinted(learner, rule, "wrong")
    assert build_report(session)["help"] is None


def test_hints_of_few_and_of_many_of_them_are_not_told_apart(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    """Ten hints of one learner are one learner; one and none are the same share."""
    freeze(session)
    for _ in range(6):
        hinted(learners[0], None)
    hinted(learners[0], rule, "wrong")
    row, asked = final_help(session)["rules"]
    assert (row["learners"], asked["learners"]) == (0.2, 0.2)
    assert (row["steps"], row["why"]) == ([], [])


def test_confirmed_question_is_no_requested_hint(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    freeze(session)
    for learner in learners:
        hinted(learner, None, occasion=f"yes-{learner.hints.count()}")
    [_row, asked] = final_help(session)["rules"]
    assert asked["learners"] == 0.2


def test_reason_of_few_is_suppressed(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    freeze(session)
    for learner in learners:
        hinted(learner, rule, "wrong")
    hinted(learners[0], rule, "idle", occasion="w1")
    row, _asked = final_help(session)["rules"]
    assert [reason["part"] for reason in row["why"]] == ["wrong"]


def test_nothing_of_rules_is_stated_where_faces_may_lead_to_hints(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    """A tense class and a calm one give the same; requested hints are counted."""
    freeze(session, uses_faces=True)
    for learner in learners:
        hinted(learner, rule, "wrong", "brow", answer="helped", consent_epoch=1, occasion="w1")
        hinted(learner, None)
    statistics = final_help(session)
    row, asked = statistics["rules"]
    assert (row["title"], row["withheld"], row["learners"]) == ("Stuck", "face_evidence", None)
    assert (row["steps"], row["why"], row["answers"], statistics["silent"]) == ([], [], None, [])
    assert (asked["withheld"], asked["learners"]) == (None, 0.8)


def test_policy_that_permits_faces_later_withholds_too(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    freeze(session)
    freeze(session, uses_faces=True)
    freeze(session)
    assert final_help(session)["rules"][0]["withheld"] == "face_evidence"


# --- Audiences ----------------------------------------------------------------------------------

MakeSpec = Callable[[LessonSession, list[Participant], User], RuleSpec]


def name_learners(count: int) -> MakeSpec:
    def build(session: LessonSession, learners: list[Participant], editor: User) -> RuleSpec:
        return replace(SPEC, learners=tuple(learner.user_id for learner in learners[:count]))

    return build


def name_group(count: int) -> MakeSpec:
    def build(session: LessonSession, learners: list[Participant], editor: User) -> RuleSpec:
        members = [learner.user for learner in learners[:count]]
        course = session.lesson.course
        group = create_group(course=course, title="Red", members=members, user=editor)
        return replace(SPEC, groups=(group.pk,))

    return build


def name_absent_learners(
    session: LessonSession, learners: list[Participant], editor: User
) -> RuleSpec:
    """Four who are present and four who are not."""
    absent = [make_learner(session).user_id for _ in range(4)]
    present = [learner.user_id for learner in learners[:4]]
    return replace(SPEC, learners=(*present, *absent))


def name_nobody(session: LessonSession, learners: list[Participant], editor: User) -> RuleSpec:
    return replace(SPEC, learners=(0,))


@pytest.mark.parametrize("fires", [False, True])
@pytest.mark.parametrize(
    ("build", "is_listed"),
    [
        (name_learners(1), False),
        (name_learners(4), False),
        (name_learners(5), True),
        (name_group(4), False),
        (name_group(6), True),
        (name_absent_learners, False),
        (name_nobody, False),
    ],
)
def test_rule_for_fewer_than_a_group_is_not_listed(
    session: LessonSession,
    learners: list[Participant],
    editor: User,
    build: MakeSpec,
    is_listed: bool,
    fires: bool,
) -> None:
    spec = build(session, learners, editor)
    rule = create_rule(lesson=session.lesson, title="Some", spec=spec, user=editor)
    freeze(session)
    for learner in learners if fires else ():
        hinted(learner, rule, "wrong")
    assert list_titles(session) == (["Some"] if is_listed else [])


def test_two_rules_never_differ_by_fewer_than_a_group(
    session: LessonSession, learners: list[Participant], rule: InteractionRule, editor: User
) -> None:
    """The difference of their shares would be one learner."""
    for title, count in (("All but one", 7), ("Half", 5)):
        spec = name_learners(count)(session, learners, editor)
        create_rule(lesson=session.lesson, title=title, spec=spec, user=editor)
    freeze(session)
    assert list_titles(session) == ["Stuck"]


def test_two_halves_are_listed_beside_the_class(
    session: LessonSession, learners: list[Participant], rule: InteractionRule, editor: User
) -> None:
    more = [make_learner(session) for _ in range(2)]
    for learner in more:
        add_event(learner, 1, "step_opened")
        add_event(learner, 60, "step_opened", step=session.lesson.steps.last())
    everybody = [*learners, *more]
    for title, half in (("First", everybody[:5]), ("Second", everybody[5:])):
        spec = replace(SPEC, learners=tuple(learner.user_id for learner in half))
        create_rule(lesson=session.lesson, title=title, spec=spec, user=editor)
    freeze(session)
    assert sorted(list_titles(session)) == ["First", "Second", "Stuck"]


def test_rule_in_the_time_of_one_learner_is_not_listed(
    session: LessonSession, learners: list[Participant], rule: InteractionRule, editor: User
) -> None:
    """Quiet minutes while the others work leave one; the difference to another rule does too."""
    late = make_learner(session)
    add_event(late, 3600, "step_opened")
    for title, quiet in (("Only late", ((0, 59),)), ("Not late", ((59, 90),))):
        spec = replace(SPEC, quiet_minutes=quiet)
        create_rule(lesson=session.lesson, title=title, spec=spec, user=editor)
    freeze(session)
    assert list_titles(session) == ["Stuck"]


def test_rule_for_a_step_that_few_opened_is_not_listed(
    session: LessonSession, learners: list[Participant], editor: User
) -> None:
    first, second = session.lesson.steps.all()
    InteractionEvent.objects.filter(participant__in=learners[:4], step=second).delete()
    for title, step in (("First", first), ("Second", second)):
        spec = replace(SPEC, steps=(step.pk,))
        create_rule(lesson=session.lesson, title=title, spec=spec, user=editor)
    freeze(session)
    assert list_titles(session) == ["First"]


@pytest.mark.parametrize("when", ["before", "during"])
def test_rule_switched_off_for_all_but_few_is_not_listed(
    session: LessonSession,
    learners: list[Participant],
    rule: InteractionRule,
    editor: User,
    when: str,
) -> None:
    if when == "during":
        freeze(session)
    for learner in learners[4:]:
        set_switch(off=True, user=editor, lesson=session.lesson, rule=rule, learner=learner.user)
    freeze(session)
    assert list_titles(session) == []


def test_rule_switched_off_for_one_differs_too_little_from_another(
    session: LessonSession, learners: list[Participant], rule: InteractionRule, editor: User
) -> None:
    other = create_rule(lesson=session.lesson, title="Other", spec=SPEC, user=editor)
    freeze(session)
    set_switch(off=True, user=editor, lesson=session.lesson, rule=other, learner=learners[0].user)
    assert list_titles(session) == ["Stuck"]


def test_version_that_waits_for_the_next_session_has_no_row(
    session: LessonSession, learners: list[Participant], rule: InteractionRule, editor: User
) -> None:
    freeze(session)
    add_version(rule=rule, spec=replace(SPEC, threshold=0.8), user=editor)
    assert [row["version"] for row in final_help(session)["rules"]] == [1, None]


# --- The whole path -----------------------------------------------------------------------------


def play(session: LessonSession, *, cameras: int) -> Any:
    """Let eight students fail; some share a camera, with tense faces."""
    for number in range(8):
        learner = make_learner(session)
        add_event(learner, 1, "step_opened")
        for at in (100 + number, 150 + number)[: number % 3]:
            add_event(learner, at, "answered", value="wrong")
        if number < cameras:
            grant_all(learner)
            for window in range(18):
                add_window(learner, window, TENSE)
    evaluate_until(280)
    return final_help(session)


@pytest.mark.usefixtures("policy")
def test_cameras_change_no_figure_about_hints(session: LessonSession) -> None:
    lesson = session.lesson
    with_cameras = play(session, cameras=5)
    without = play(make_session(lesson=lesson), cameras=0)
    assert with_cameras == without
    assert with_cameras["silent"]


def test_cameras_change_no_figure_where_faces_may_lead_to_hints(
    face_policy: DeploymentPolicy, session: LessonSession
) -> None:
    lesson = session.lesson
    with_cameras = play(session, cameras=5)
    without = play(make_session(lesson=lesson), cameras=0)
    assert with_cameras == without
    assert SessionRules.objects.filter(has_used_faces=True).count() == 2


@pytest.mark.parametrize("reason", ["unknown", "face_alone", "muted", "switched_off", "calm"])
def test_silence_tells_nothing_of_camera_permission_or_preference(
    session: LessonSession, learners: list[Participant], rule: InteractionRule, reason: str
) -> None:
    evaluate_until(70)
    for state in RuleState.objects.all():
        state.body["verdicts"][str(rule.pk)]["reason"] = reason
        state.save()
    silent = final_help(session)["silent"]
    assert [row["reason"] for row in silent] == (["calm"] if reason == "calm" else [])


def test_camera_withdrawal_changes_no_statistics(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    """They rest on actions; where the policy says so, an erased learner withdraws them."""
    freeze(session)
    for learner in learners:
        hinted(learner, rule, "wrong")
    before = final_help(session)
    withdraw_release(participant=learners[0], camera_only=True)
    assert build_report(session)["help"] == before
    withdraw_release(participant=learners[0], camera_only=False)
    assert build_report(session)["help"] is None
