"""What fails for one learner or rule does not stop the evaluation of others."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import JSONField, Value

from fer_lms.lessons.models import Participant
from fer_lms.rules import firings, live_evaluation
from fer_lms.rules.engine.evaluation import Firing, advance
from fer_lms.rules.engine.state import EffectiveSettings, EvaluationState
from fer_lms.rules.engine.stored_state import parse_state
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import (
    InteractionRule,
    RuleState,
    RuleVersion,
    SessionRules,
    SettingsSnapshot,
)
from fer_lms.rules.trials.replay import replay_session
from tests.factories import NOON, make_learner, make_session
from tests.rules.recorded_input import add_event, at_second, evaluate_until, list_hints


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
    "further fields": {"mood": [1], "activity": {"mood": 1}, "face": {"mood": 1}},
    "no fields": {},
    "no object": ["format", 2],
    "text in place of a time": {"cursor": "noon"},
    "a time in the far future": {"active_until": 1e300},
    "a clock that was wrong": {"cursor": (NOON + timedelta(hours=3)).timestamp()},
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_damaged_state_of_one_learner_does_not_stop_others(
    learner: Participant, damage: Any
) -> None:
    other = make_learner(learner.session)
    for participant in (learner, other):
        add_event(participant, 1, "step_opened")
    evaluate_until(10)
    state = RuleState.objects.get(participant=learner)
    state.body = (state.body | damage) if isinstance(damage, dict) else damage
    state.body = state.body if damage else {"format": 2}
    state.save()
    for participant in (learner, other):
        add_event(participant, 12, "self_report", value="hard")
    evaluate_until(30, since=20)
    assert [len(list_hints(participant)) for participant in (learner, other)] == [1, 1]


@pytest.mark.parametrize("name", ["hint_count", "last_hint_at", "progress"])
def test_limits_hold_without_a_field_of_the_state(learner: Participant, name: str) -> None:
    """The hints that were given are counted again; a default would allow further ones."""
    RuleVersion.objects.update(max_per_lesson=1)
    InteractionRule.objects.exclude(template="says_hard").update(retired_at=NOON)
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(20)
    before = parse_state(RuleState.objects.get().body)
    state = RuleState.objects.get()
    del state.body[name]
    state.save()
    add_event(learner, 400, "self_report", value="hard")
    evaluate_due(until=at_second(410))
    after = parse_state(RuleState.objects.get().body)
    assert (after.hint_count, after.last_hint_at) == (before.hint_count, before.last_hint_at)
    assert len(list_hints(learner)) == 1


@pytest.mark.parametrize("ahead_s", [60, 3600])
def test_clock_that_was_ahead_does_not_silence_rules(learner: Participant, ahead_s: float) -> None:
    add_event(learner, 1, "step_opened")
    evaluate_until(20)
    RuleState.objects.update(active_until=at_second(2 * ahead_s))
    evaluate_due(until=at_second(20 + ahead_s))
    add_event(learner, 70, "self_report", value="hard")
    evaluate_until(80, since=30)
    [hint] = list_hints(learner)
    assert hint.fired_at < at_second(100)


@pytest.mark.parametrize(
    "fields",
    [
        {"versions": None},
        {"versions": {"1": 2}},
        {"versions": ["x"]},
        {"error_rates": [0.5]},
        {"error_rates": {"first": 0.5}},
        {"error_rates": {"1": None}},
    ],
    ids=str,
)
def test_damaged_rules_of_one_session_do_not_stop_others(
    learner: Participant, fields: dict[str, Any]
) -> None:
    other = make_learner(make_session())
    for participant in (learner, other):
        add_event(participant, 1, "step_opened")
    evaluate_until(10)
    SessionRules.objects.filter(session=learner.session).update(
        **{name: Value(value, JSONField()) for name, value in fields.items()}
    )
    for participant in (learner, other):
        add_event(participant, 12, "self_report", value="hard")
    evaluate_until(30, since=20)
    assert [len(list_hints(one)) for one in (learner, other)] == ["versions" not in fields, 1]


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
