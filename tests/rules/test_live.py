"""Live evaluation processes every event once and in order, also repeated or late ones."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from fer_lms.consent.actions import withdraw_consent
from fer_lms.engagement.actions import request_baseline_reset
from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.lessons.models import LearnerProfile, Participant, StepHint
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_for_consent
from fer_lms.rules import firings, live_evaluation
from fer_lms.rules.actions import (
    add_version,
    create_rule,
    set_switch,
)
from fer_lms.rules.engine.evaluation import Firing, advance, apply_settings, create_state
from fer_lms.rules.engine.matching import RuleProgress
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings, EvaluationState
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import (
    Hint,
    RuleState,
    RuleVersion,
    SettingsSnapshot,
)
from fer_lms.rules.trials.replay import replay_session
from tests.bench.simulated_session import create_simulated_session
from tests.factories import NOON, grant_all, make_learner, make_teacher_of
from tests.rules.recorded_input import (
    CALM,
    TENSE,
    add_event,
    add_window,
    at_second,
    evaluate_until,
    get_consent,
    list_hints,
)

SOON = RuleSpec(threshold=0.5, release=0.35, held_windows=1)


def stuck(learner: Participant, *, windows: int = 24) -> None:
    """Calm for a minute, then wrong answers and a tense face."""
    add_event(learner, 1, "step_opened")
    for number in range(windows):
        is_tense = number >= 6
        add_window(
            learner, number, TENSE if is_tense else CALM, label="anger" if is_tense else "neutral"
        )
    fail(learner)


def fail(learner: Participant) -> None:
    """Answer wrong four times within two minutes, and nothing right."""
    for second in (60, 90, 110, 130):
        add_event(learner, second, "answered", value="wrong")


@pytest.fixture
def consented_learner(face_policy: DeploymentPolicy, learner: Participant) -> Participant:
    grant_all(learner)
    return learner


def test_stuck_learner_is_offered_one_hint(consented_learner: Participant) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    [hint] = list_hints(consented_learner)
    assert 90 <= (hint.fired_at - at_second(0)).total_seconds() <= 150
    assert "2 answers that were not right yet" in hint.why
    assert "face looked less relaxed than usual" in hint.why
    assert hint.consent_epoch == get_consent(consented_learner).epoch


def test_replay_fires_at_the_same_events_as_live(consented_learner: Participant) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    [replayed] = replay_session(consented_learner.session)
    assert len(replayed.firings) == 1
    assert replayed.is_same


def test_hints_without_camera_use_interactions(learner: Participant) -> None:
    add_event(learner, 1, "step_opened")
    fail(learner)
    evaluate_until(240)
    [hint] = list_hints(learner)
    assert hint.consent_epoch is None


def test_repeated_evaluation_changes_nothing(consented_learner: Participant) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    state = RuleState.objects.get().body
    evaluate_due(until=at_second(240))
    evaluate_due(until=at_second(100))
    assert RuleState.objects.get().body == state
    assert Hint.objects.count() == 1


def test_withdrawal_erases_face_evidence(consented_learner: Participant) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    withdraw_consent(participant=consented_learner)
    erase_for_consent(consent_id=get_consent(consented_learner).pk)
    [hint] = list_hints(consented_learner)
    assert (hint.why, hint.parts, hint.consent_epoch) == ("", {}, None)
    assert RuleState.objects.get().body["baseline"] is None


def test_second_consent_starts_a_new_baseline(consented_learner: Participant) -> None:
    stuck(consented_learner, windows=5)
    evaluate_until(70)
    assert LearnerBaseline.objects.get().consent_epoch == 1
    grant_all(consented_learner)
    for number in range(8, 12):
        add_window(consented_learner, number, consent_epoch=2)
    evaluate_until(150, since=80)
    first, second = LearnerBaseline.objects.all()
    assert (first.consent_epoch, second.consent_epoch) == (1, 2)
    assert first.retired_at is not None
    assert second.retired_at is None


def test_window_of_earlier_consent_is_not_used(consented_learner: Participant) -> None:
    stuck(consented_learner, windows=5)
    grant_all(consented_learner)  # before the rules are evaluated
    evaluate_until(70)
    assert not LearnerBaseline.objects.exists()
    assert set(ObservationWindow.objects.values_list("face_counted", flat=True)) == {False}


def test_no_face_evidence_without_policy(consented_learner: Participant) -> None:
    stuck(consented_learner)
    DeploymentPolicy.objects.all().delete()
    evaluate_until(240)
    [hint] = list_hints(consented_learner)
    assert set(hint.parts) == {"wrong", "unmastered"}


def test_policy_keeps_the_face_out_of_hints(policy: DeploymentPolicy, learner: Participant) -> None:
    """The same hints as without a camera, live and in the replay; nothing of the face is kept."""
    other = make_learner(learner.session)
    grant_all(learner)
    stuck(learner)
    stuck(other, windows=0)
    evaluate_until(240)
    [hint], [without_camera] = list_hints(learner), list_hints(other)
    assert set(hint.parts) == {"wrong", "unmastered"}
    assert (hint.fired_at, hint.why) == (without_camera.fired_at, without_camera.why)
    assert hint.consent_epoch is None
    assert not LearnerBaseline.objects.exists()
    assert not ObservationWindow.objects.filter(face_counted=True).exists()
    assert all(result.is_same for result in replay_session(learner.session))


def test_policy_that_excludes_the_face_ends_its_use(consented_learner: Participant) -> None:
    """Also in a replay of the time before; what it cannot compare, it does not call the same."""
    stuck(consented_learner)
    evaluate_until(240)
    [hint] = list_hints(consented_learner)
    assert "negative" in hint.parts
    DeploymentPolicy.objects.update(face_evidence_in_hints=False)
    evaluate_until(260, since=250)
    body = RuleState.objects.get().body
    assert (body["baseline"], body["face_epoch"]) == (None, None)
    [replayed] = replay_session(consented_learner.session)
    assert all(set(firing.verdict.parts) == {"wrong", "unmastered"} for firing in replayed.firings)
    assert replayed.is_same is not False
    assert replayed.is_face_erased


def test_hints_come_where_expressions_are_excluded(consented_learner: Participant) -> None:
    LearnerProfile.objects.create(user=consented_learner.user, expressions_do_not_fit=True)
    stuck(consented_learner)
    evaluate_until(240)
    [hint] = list_hints(consented_learner)
    assert set(hint.parts) == {"wrong", "unmastered"}
    assert not LearnerBaseline.objects.exists()


def test_reset_starts_a_new_baseline(consented_learner: Participant) -> None:
    stuck(consented_learner, windows=5)
    evaluate_until(60)
    BaselineReset.objects.create(participant=consented_learner, asked_at=at_second(61))
    evaluate_until(90, since=65)
    assert not LearnerBaseline.objects.exists()
    assert RuleState.objects.get().body["baseline"] is None
    [replayed] = replay_session(consented_learner.session)
    assert replayed.is_same


def test_reset_request_deletes_the_baseline_at_once(consented_learner: Participant) -> None:
    stuck(consented_learner, windows=5)
    evaluate_until(60)
    assert LearnerBaseline.objects.exists()
    request_baseline_reset(participant=consented_learner)
    assert not LearnerBaseline.objects.exists()


def test_windows_before_a_reset_are_not_calibrated(consented_learner: Participant) -> None:
    """Including the window that is open at the reset."""
    for number in range(8):
        add_window(consented_learner, number)
    BaselineReset.objects.create(participant=consented_learner, asked_at=at_second(34))
    evaluate_until(100)
    assert LearnerBaseline.objects.get().from_at == at_second(40)


def test_late_or_repeated_windows_give_no_second_hint(consented_learner: Participant) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    ObservationWindow.objects.filter(start_at=at_second(100)).update(
        evaluated_at=None, face_counted=False
    )
    evaluate_until(300, since=241)
    late = ObservationWindow.objects.get(start_at=at_second(100))
    assert late.evaluated_at is not None
    assert not late.face_counted
    assert len(list_hints(consented_learner)) == 1


def test_failure_for_one_learner_does_not_stop_others(
    learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [make_learner(learner.session) for _ in range(2)]
    for participant in (learner, *others):
        add_event(participant, 1, "step_opened")
        add_event(participant, 12, "self_report", value="hard")

    def fails_for_one(state: EvaluationState, settings: EffectiveSettings, *args: Any) -> Any:
        if settings.learner_id == learner.user_id:
            raise ZeroDivisionError
        return advance(state, settings, *args)

    monkeypatch.setattr(live_evaluation, "advance", fails_for_one)
    monkeypatch.setattr(live_evaluation, "BATCH_SIZE", 1)
    evaluate_until(30)
    assert [len(list_hints(participant)) for participant in (learner, *others)] == [0, 1, 1]
    assert not learner.rule_settings.exists()
    monkeypatch.undo()
    evaluate_until(60, since=40)
    assert len(list_hints(learner)) == 1


DAMAGED = {
    "not JSON of a state": {"format": 1, "doings": 7},
    "fields of other types": {"activity": {"wrong_answers": 3, "has_actions": True}},
    "no fields": {},
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_damaged_state_of_one_learner_does_not_stop_others(
    learner: Participant, damage: dict[str, Any]
) -> None:
    other = make_learner(learner.session)
    for participant in (learner, other):
        add_event(participant, 1, "step_opened")
    evaluate_until(10)
    state = RuleState.objects.get(participant=learner)
    state.body = (state.body | damage) if damage else {"format": 2}
    state.save()
    for participant in (learner, other):
        add_event(participant, 12, "self_report", value="hard")
    evaluate_until(30, since=20)
    assert [len(list_hints(participant)) for participant in (learner, other)] == [1, 1]


def test_invalid_rule_does_not_stop_others(learner: Participant) -> None:
    RuleVersion.objects.filter(rule__template="stuck").update(steps=3)
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(30)
    assert len(list_hints(learner)) == 1


def test_invalid_settings_of_one_learner_do_not_stop_a_replay(learner: Participant) -> None:
    other = make_learner(learner.session)
    for participant in (learner, other):
        add_event(participant, 1, "step_opened")
        add_event(participant, 12, "self_report", value="hard")
    evaluate_until(30)
    SettingsSnapshot.objects.filter(participant=learner).update(body={"versions": [1]})
    results = {result.participant: result for result in replay_session(learner.session)}
    assert results[other].is_same
    assert not results[learner].is_same


def test_learner_whose_rows_cannot_be_stored_does_not_stop_others(
    learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_learner(learner.session)
    for participant in (learner, other):
        add_event(participant, 1, "step_opened")
        add_event(participant, 12, "self_report", value="hard")
    write = firings.write_hints

    def fails_for_one(fired: Sequence[tuple[Participant, Sequence[Firing]]]) -> list[uuid.UUID]:
        if any(participant.pk == learner.pk for participant, _ in fired):
            raise ValueError
        return write(fired)

    monkeypatch.setattr(live_evaluation, "write_hints", fails_for_one)
    evaluate_until(30)
    assert [len(list_hints(participant)) for participant in (learner, other)] == [0, 1]
    monkeypatch.undo()
    evaluate_until(60, since=40)
    assert len(list_hints(learner)) == 1


def test_snapshots_store_every_weight(learner: Participant) -> None:
    """A later release may change a default."""
    add_event(learner, 1, "step_opened")
    evaluate_until(20)
    assert SettingsSnapshot.objects.get().body["weights"] == asdict(DEFAULT_WEIGHTS)


def test_late_event_is_evaluated_once(learner: Participant) -> None:
    add_event(learner, 1, "step_opened")
    evaluate_until(120)
    event = add_event(learner, 70, "answered", value="wrong")  # delayed by the network
    evaluate_until(200, since=121)
    evaluate_until(200, since=150)
    assert event.evaluation.evaluated_at > at_second(110)
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_clock_that_goes_back_gives_no_second_hint(learner: Participant) -> None:
    add_event(learner, 1, "step_opened")
    fail(learner)
    evaluate_until(240)
    evaluate_until(200, since=100)
    assert len(list_hints(learner)) == 1


def test_reported_difficulty_fires_at_once(learner: Participant) -> None:
    add_event(learner, 1, "step_opened")
    evaluate_until(10)
    add_event(learner, 12, "self_report", value="hard")
    evaluate_due(until=at_second(13))
    [hint] = list_hints(learner)
    assert hint.occasion.startswith("e")
    assert hint.why == "You said that it is hard."


def test_rule_edited_while_firing_gives_one_hint(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    rule = create_rule(lesson=learner.session.lesson, title="Soon", spec=SOON, user=teacher)
    add_event(learner, 1, "step_opened")
    fail(learner)
    evaluate_until(110)
    first = rule.versions.get()
    add_version(rule=rule, spec=replace(SOON, threshold=0.55), user=teacher)
    evaluate_until(240, since=120)
    [hint] = list_hints(learner)
    assert (hint.rule, hint.version) == (rule, first)
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_edited_rule_restarts_persistence() -> None:
    """The persistence belongs to other evidence; the firings still count."""
    state = create_state(0.0)
    for version, spec in ((1, RuleSpec()), (2, RuleSpec(evidence="confusion"))):
        apply_settings(state, EffectiveSettings(rules=(ActiveRule(7, version, spec),)))
        if version == 1:
            state.progress[7] = RuleProgress((True,), held_windows=6, fire_count=1)
    assert state.progress[7] == RuleProgress(fire_count=1)


def test_due_hint_is_withheld_when_switched_off(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    hint = Hint.objects.create(
        participant=learner, occasion="x", kind="hint", title="", body="", fired_at=at_second(0)
    )
    set_switch(off=True, user=teacher, learner=learner.user)
    hint.refresh_from_db()
    assert (hint.state, hint.withheld_because) == ("withheld", "switched_off")


def test_withdrawal_erases_unreadable_state(consented_learner: Participant) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    state = RuleState.objects.get()
    state.body["format"] = 0
    state.save()
    withdraw_consent(participant=consented_learner)
    erase_for_consent(consent_id=get_consent(consented_learner).pk)
    assert RuleState.objects.get().body == {}
    add_event(consented_learner, 245, "answered", value="wrong")
    evaluate_until(260, since=250)
    assert RuleState.objects.get().body["hint_count"] == 1


def test_simulated_class_replays_as_live(face_policy: DeploymentPolicy) -> None:
    made = create_simulated_session(participants=6, windows=72, started_at=NOON)
    for number, windows in enumerate(made):
        ObservationWindow.objects.bulk_create(windows)
        evaluate_due(until=at_second(10 * number + 16 + number % 3))
    session = Participant.objects.earliest("joined_at").session
    replayed = replay_session(session)
    assert sum(len(result.firings) for result in replayed) == Hint.objects.count() >= 1
    assert all(result.is_same for result in replayed)


def add_failures(learner: Participant, *, until: int) -> None:
    for second in range(60, until, 30):
        add_event(learner, second, "answered", value="wrong")


@pytest.fixture
def shown_however_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firings, "MAX_HINT_DELAY", timedelta(days=100_000))


@pytest.mark.usefixtures("shown_however_late")
def test_hints_rise_and_end_with_the_teacher(learner: Participant) -> None:
    """One hint after each cooldown while the learner is stuck, at most four a lesson."""
    step = learner.session.lesson.steps.first()
    assert step is not None
    step.hints.all().delete()
    for level in (1, 2, 3):
        StepHint.objects.create(step=step, level=level, text=f"Text {level}")
    add_event(learner, 1, "step_opened")
    add_failures(learner, until=2000)
    evaluate_until(2000)
    hints = list_hints(learner)
    assert [(hint.kind, hint.level) for hint in hints] == [
        ("hint", 1),
        ("hint", 2),
        ("hint", 3),
        ("tell_teacher", None),
    ]
    pauses = [(b.fired_at - a.fired_at).total_seconds() for a, b in pairwise(hints)]
    assert all(300 <= pause <= 330 for pause in pauses)


@pytest.mark.usefixtures("shown_however_late")
def test_without_step_hints_the_teacher_is_offered_second(learner: Participant) -> None:
    StepHint.objects.all().delete()
    add_event(learner, 1, "step_opened")
    add_failures(learner, until=900)
    evaluate_until(900)
    assert [hint.kind for hint in list_hints(learner)] == ["hint", "tell_teacher", "hint"]


def test_hint_stores_which_sources_reached_the_threshold(
    consented_learner: Participant, learner: Participant
) -> None:
    stuck(consented_learner)
    evaluate_until(240)
    [hint] = list_hints(consented_learner)
    assert set(hint.sources) == {"interaction", "face", "fused"}
    assert hint.sources["fused"]
    withdraw_consent(participant=consented_learner)
    erase_for_consent(consent_id=get_consent(consented_learner).pk)
    hint.refresh_from_db()
    assert hint.sources == {}


def test_hint_without_a_face_stores_the_interaction_only(learner: Participant) -> None:
    add_event(learner, 1, "step_opened")
    fail(learner)
    evaluate_until(240)
    [hint] = list_hints(learner)
    assert hint.sources == {"interaction": True}


def test_window_of_another_network_is_no_evidence(consented_learner: Participant) -> None:
    stuck(consented_learner)
    ObservationWindow.objects.update(model="5" * 64)
    evaluate_until(240)
    [hint] = list_hints(consented_learner)
    assert set(hint.parts) == {"wrong", "unmastered"}
    assert not ObservationWindow.objects.filter(face_counted=True).exists()
