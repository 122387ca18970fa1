"""Live evaluation uses the face as consent, policy and baseline allow."""

import pytest

from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.models import ConsentText
from fer_lms.engagement.actions import request_baseline_reset
from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.lessons.models import LearnerProfile, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_for_consent
from fer_lms.rules.models import RuleState
from fer_lms.rules.queries import list_verdicts
from fer_lms.rules.trials.replay import replay_session
from tests.factories import grant_all, make_learner
from tests.rules.recorded_input import (
    add_event,
    add_window,
    at_second,
    evaluate_until,
    fail,
    get_consent,
    list_hints,
    stuck,
)


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


@pytest.mark.parametrize("ends", ["text", "policy", "restart and text"])
def test_reasons_of_a_face_end_with_its_permission(
    consented_learner: Participant, ends: str
) -> None:
    """Also for a learner who does nothing more, and whose state no evaluation changes."""
    stuck(consented_learner)
    evaluate_until(100)
    if "restart" in ends:
        state = RuleState.objects.get()
        del state.body["hint_count"]
        state.save()
    evaluate_until(240, since=110)
    assert list_verdicts(consented_learner)
    if "text" in ends:
        ConsentText.objects.create(version="2099-1", locale="en", form="easy", body={"points": []})
    else:
        DeploymentPolicy.objects.update(face_evidence_in_hints=False)
    assert list_verdicts(consented_learner) == []


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
