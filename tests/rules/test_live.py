"""The rules at work: once a moment, in order, whatever comes twice, late or at the same time."""

import pytest

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_for_consent
from fer_lms.rules.live import evaluate_due
from fer_lms.rules.models import Hint, RuleState
from fer_lms.rules.replay import replay_session
from tests.factories import grant_all
from tests.rules.scenes import TENSE, after, consent_of, did, hints, let_pass, seen


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
    assert replayed.same


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
