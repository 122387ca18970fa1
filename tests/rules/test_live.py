"""The rules at work: once a event, in order, whatever comes twice, late or at the same time."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from fer_lms.consent.actions import withdraw_consent
from fer_lms.engagement.actions import request_baseline_reset
from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.lessons.models import LearnerProfile, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_for_consent
from fer_lms.rules import live_evaluation
from fer_lms.rules.actions import (
    add_version,
    create_rule,
    set_switch,
)
from fer_lms.rules.engine.evaluation import advance
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import EffectiveSettings, EvaluationState
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import (
    Hint,
    RuleState,
    SettingsSnapshot,
)
from fer_lms.rules.trials.replay import replay_session
from tests.bench.rules_load import create_simulated_session
from tests.factories import NOON, grant_all, make_learner, make_teacher_of
from tests.rules.scenes import TENSE, after, consent_of, did, hints, let_pass, seen

SOON = RuleSpec(held_windows=1)


def stuck(learner: Participant, *, windows: int = 24) -> None:
    """Calm for a minute, then two wrong answers and a tense face."""
    did(learner, 1, "step_opened")
    for number in range(windows):
        seen(learner, number, TENSE if number >= 6 else {"brow_lowering": 0.1})
    did(learner, 70, "answered", value="wrong", attempts=1, seconds=69)
    did(learner, 90, "answered", value="wrong", attempts=2, seconds=89)


@pytest.fixture
def seen_learner(policy: DeploymentPolicy, learner: Participant) -> Participant:
    grant_all(learner)
    return learner


def test_a_learner_who_is_stuck_is_offered_one_hint(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    [hint] = hints(seen_learner)
    assert 120 <= (hint.fired_at - after(0)).total_seconds() <= 150
    assert "2 answers that were not right yet" in hint.why
    assert "your brow looked tense" in hint.why
    assert "50 s" in hint.why
    assert hint.consent_epoch == consent_of(seen_learner).epoch


def test_replay_speaks_where_live_spoke(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    [replayed] = replay_session(seen_learner.session)
    assert len(replayed.firings) == 1
    assert replayed.is_same


def test_without_camera_hints_come_from_what_is_done(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    for second in (70, 90):
        did(learner, second, "answered", value="wrong")
    let_pass(240)
    [hint] = hints(learner)
    assert hint.consent_epoch is None


def test_looking_again_changes_nothing(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    state = RuleState.objects.get().body
    evaluate_due(until=after(240))
    evaluate_due(until=after(100))
    assert RuleState.objects.get().body == state
    assert Hint.objects.count() == 1


def test_a_withdrawal_ends_the_face(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    withdraw_consent(participant=seen_learner)
    erase_for_consent(consent_id=consent_of(seen_learner).pk)
    [hint] = hints(seen_learner)
    assert (hint.why, hint.parts, hint.consent_epoch) == ("", {}, None)
    assert RuleState.objects.get().body["baseline"] is None


def test_a_second_consent_begins_a_new_baseline(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    let_pass(70)
    assert LearnerBaseline.objects.get().consent_epoch == 1
    grant_all(seen_learner)
    for number in range(8, 12):
        seen(seen_learner, number, consent_epoch=2)
    let_pass(150, since=80)
    first, second = LearnerBaseline.objects.all()
    assert (first.consent_epoch, second.consent_epoch) == (1, 2)
    assert first.retired_at is not None
    assert second.retired_at is None


def test_a_window_of_an_old_consent_is_no_evidence(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    grant_all(seen_learner)  # before the rules have looked
    let_pass(70)
    assert not LearnerBaseline.objects.exists()
    assert set(ObservationWindow.objects.values_list("face_counted", flat=True)) == {False}


def test_without_a_policy_no_face_is_evidence(seen_learner: Participant) -> None:
    stuck(seen_learner)
    DeploymentPolicy.objects.all().delete()
    let_pass(240)
    [hint] = hints(seen_learner)
    assert set(hint.parts) == {"wrong"}


def test_where_expressions_do_not_fit_help_comes_all_the_same(seen_learner: Participant) -> None:
    LearnerProfile.objects.create(user=seen_learner.user, expressions_do_not_fit=True)
    stuck(seen_learner)
    let_pass(240)
    [hint] = hints(seen_learner)
    assert set(hint.parts) == {"wrong"}
    assert not LearnerBaseline.objects.exists()


def test_a_reset_begins_a_new_baseline(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    let_pass(60)
    BaselineReset.objects.create(participant=seen_learner, asked_at=after(61))
    let_pass(90, since=65)
    assert not LearnerBaseline.objects.exists()
    assert RuleState.objects.get().body["baseline"] is None
    [replayed] = replay_session(seen_learner.session)
    assert replayed.is_same


def test_asking_forgets_at_once(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    let_pass(60)
    assert LearnerBaseline.objects.exists()
    request_baseline_reset(participant=seen_learner)
    assert not LearnerBaseline.objects.exists()


def test_nothing_seen_before_a_reset_makes_the_next_baseline(seen_learner: Participant) -> None:
    """The window that is open at that event, and one that is not closed yet, are of before."""
    for number in range(8):
        seen(seen_learner, number)
    BaselineReset.objects.create(participant=seen_learner, asked_at=after(34))
    let_pass(100)
    assert LearnerBaseline.objects.get().from_at == after(40)


def test_windows_out_of_order_and_twice_make_no_second_hint(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    ObservationWindow.objects.filter(start_at=after(100)).update(
        evaluated_at=None, face_counted=False
    )
    let_pass(300, since=241)
    late = ObservationWindow.objects.get(start_at=after(100))
    assert late.evaluated_at is not None
    assert not late.face_counted
    assert len(hints(seen_learner)) == 1


def test_what_fails_for_one_learner_costs_the_others_nothing(
    learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [make_learner(learner.session) for _ in range(2)]
    for each in (learner, *others):
        did(each, 1, "step_opened")
        did(each, 12, "self_report", value="hard")

    def fails_for_one(state: EvaluationState, settings: EffectiveSettings, *args: Any) -> Any:
        if settings.learner_id == learner.user_id:
            raise ZeroDivisionError
        return advance(state, settings, *args)

    monkeypatch.setattr(live_evaluation, "advance", fails_for_one)
    monkeypatch.setattr(live_evaluation, "BATCH_SIZE", 1)
    let_pass(30)
    assert [len(hints(each)) for each in (learner, *others)] == [0, 1, 1]
    assert not learner.rule_settings.exists()
    monkeypatch.undo()
    let_pass(60, since=40)
    assert len(hints(learner)) == 1


def test_settings_are_kept_whole(learner: Participant) -> None:
    """So that a default that changes with a release does not change what was."""
    did(learner, 1, "step_opened")
    let_pass(20)
    assert SettingsSnapshot.objects.get().body["weights"] == asdict(DEFAULT_WEIGHTS)


def test_an_event_that_comes_late_is_taken_in_once(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    let_pass(120)
    event = did(learner, 70, "answered", value="wrong")  # kept back by the network for a minute
    let_pass(200, since=121)
    let_pass(200, since=150)
    assert event.evaluation.evaluated_at > after(110)
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_a_clock_that_jumps_back_makes_no_second_hint(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    for second in (70, 90):
        did(learner, second, "answered", value="wrong")
    let_pass(240)
    let_pass(200, since=100)
    assert len(hints(learner)) == 1


def test_who_says_that_it_is_hard_is_helped_at_once(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    let_pass(10)
    did(learner, 12, "self_report", value="hard")
    evaluate_due(until=after(13))
    [hint] = hints(learner)
    assert hint.occasion.startswith("e")
    assert hint.why == "You said that it is hard."


def test_a_rule_that_is_edited_while_it_fires_gives_one_hint(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    rule = create_rule(lesson=learner.session.lesson, title="Soon", spec=SOON, user=teacher)
    did(learner, 1, "step_opened")
    for second in (70, 90):
        did(learner, second, "answered", value="wrong")
    let_pass(110)
    first = rule.versions.get()
    add_version(rule=rule, spec=replace(SOON, threshold=0.55), user=teacher)
    let_pass(240, since=120)
    [hint] = hints(learner)
    assert (hint.rule, hint.version) == (rule, first)
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_an_edited_rule_begins_to_look_anew(learner: Participant) -> None:
    """What it had gathered was of other evidence; that it has spoken is remembered."""
    teacher = make_teacher_of(learner.session.lesson)
    long = RuleSpec(threshold=0.2, release=0.05, held_windows=30, quiet_start_seconds=0)
    rule = create_rule(lesson=learner.session.lesson, title="Long", spec=long, user=teacher)
    did(learner, 1, "step_opened")
    for second in (20, 40, 200):
        did(learner, second, "answered", value="wrong")
    let_pass(250)
    assert RuleState.objects.get().body["runs"][str(rule.pk)][1] > 5
    Hint.objects.all().delete()
    other = replace(long, evidence="confusion", held_windows=5)
    add_version(rule=rule, spec=other, user=teacher)
    did(learner, 252, "hint_asked")
    let_pass(280, since=255)
    _flags, held, *_rest = RuleState.objects.get().body["runs"][str(rule.pk)]
    assert held <= 3
    assert not Hint.objects.filter(rule=rule).exists()
    [replayed] = replay_session(learner.session)
    assert not any(firing.rule_id == rule.pk for firing in replayed.firings)


def test_switched_off_is_off_at_once(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    did(learner, 1, "step_opened")
    set_switch(off=True, user=teacher, lesson=learner.session.lesson)
    did(learner, 12, "self_report", value="hard")
    let_pass(60)
    assert hints(learner) == []
    set_switch(off=False, user=teacher, lesson=learner.session.lesson)
    did(learner, 70, "self_report", value="hard")
    let_pass(90, since=70)
    assert len(hints(learner)) == 1
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_a_due_hint_is_withheld_when_it_is_switched_off(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    hint = Hint.objects.create(
        participant=learner, occasion="x", kind="hint", title="", body="", fired_at=after(0)
    )
    set_switch(off=True, user=teacher, learner=learner.user)
    hint.refresh_from_db()
    assert (hint.state, hint.withheld_because) == ("withheld", "switched_off")


def test_a_withdrawal_erases_a_state_that_it_cannot_read(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    state = RuleState.objects.get()
    state.body["format"] = 0
    state.save()
    withdraw_consent(participant=seen_learner)
    erase_for_consent(consent_id=consent_of(seen_learner).pk)
    assert RuleState.objects.get().body == {}
    did(seen_learner, 245, "answered", value="wrong")
    let_pass(260, since=250)
    assert RuleState.objects.get().body["hints_given"] == 1


def test_a_made_up_class_replays_as_it_was_live(policy: DeploymentPolicy) -> None:
    made = create_simulated_session(participants=6, windows=72, began=NOON)
    for number, windows in enumerate(made):
        ObservationWindow.objects.bulk_create(windows)
        evaluate_due(until=after(10 * number + 16 + number % 3))
    session = Participant.objects.earliest("joined_at").session
    replayed = replay_session(session)
    assert sum(len(result.firings) for result in replayed) == Hint.objects.count() >= 3
    assert all(result.is_same for result in replayed)
