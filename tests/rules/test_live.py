"""Live evaluation processes every event once and in order, also repeated or late ones."""

from dataclasses import asdict, replace
from datetime import timedelta
from itertools import pairwise

import pytest

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.lessons.models import Participant, StepHint
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rules import firings
from fer_lms.rules.actions import add_version, create_rule, set_switch
from fer_lms.rules.engine.evaluation import apply_settings, create_state
from fer_lms.rules.engine.matching import RuleProgress
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import Hint, RuleState, SettingsSnapshot
from fer_lms.rules.trials.replay import replay_session
from tests.bench.simulated_session import create_simulated_session
from tests.factories import NOON, make_teacher_of
from tests.rules.recorded_input import (
    add_event,
    at_second,
    evaluate_until,
    fail,
    get_consent,
    list_hints,
    stuck,
)

SOON = RuleSpec(threshold=0.5, release=0.35, held_windows=1)


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
