"""The commands replay_rules and measure_rules, and the system check."""

import json
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_for_consent
from fer_lms.rules.checks import check_weights
from fer_lms.rules.models import Hint
from tests.factories import grant_all
from tests.rules.recorded_input import (
    CALM,
    TENSE,
    add_event,
    add_window,
    evaluate_until,
    get_consent,
)


def run_replay(learner: Participant) -> dict[str, Any]:
    out = StringIO()
    call_command("replay_rules", str(learner.session_id), "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.fixture
def helped(learner: Participant) -> Participant:
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(30)
    return learner


def test_replay_is_deterministic(helped: Participant) -> None:
    first = run_replay(helped)
    assert (first["same"], first["fired"], first["fired_live"]) == (True, 1, 1)
    assert first["firings"][0]["replayed"][0]["why"] == "The student said that it is hard."
    assert run_replay(helped) == first
    out = StringIO()
    call_command("replay_rules", str(helped.session_id), stdout=out)
    assert "1 hints in the replay, 1 live: the same" in out.getvalue()


def test_replay_that_differs_exits_with_1(helped: Participant) -> None:
    Hint.objects.all().delete()
    with pytest.raises(SystemExit) as ended:
        run_replay(helped)
    assert ended.value.code == 1


def test_replay_of_erased_input_is_not_comparable(
    face_policy: DeploymentPolicy, learner: Participant
) -> None:
    grant_all(learner)
    add_event(learner, 1, "step_opened")
    for number in range(20):
        add_window(learner, number, TENSE if number >= 6 else CALM)
    for second in (60, 90, 110, 130):
        add_event(learner, second, "answered", value="wrong")
    evaluate_until(160)
    assert run_replay(learner)["same"] is True
    withdraw_consent(participant=learner)
    erase_for_consent(consent_id=get_consent(learner).pk)
    Hint.objects.filter(rule__isnull=False).update(occasion="w0")  # as if fired at another event
    after_erasure = run_replay(learner)
    assert (after_erasure["same"], after_erasure["firings"][0]["same"]) == (None, None)
    out = StringIO()
    call_command("replay_rules", str(learner.session_id), stdout=out)
    assert "cannot be compared" in out.getvalue()


@pytest.mark.parametrize("session", ["no-id", str(uuid.uuid4())])
@pytest.mark.django_db
def test_unknown_session_is_refused(session: str) -> None:
    with pytest.raises(CommandError):
        call_command("replay_rules", session)


@pytest.mark.parametrize("weights", [{"no_such": 1}, {"face_most": "much"}, [1]])
def test_system_check_reports_invalid_weights(settings: Settings, weights: object) -> None:
    settings.EVIDENCE_WEIGHTS = weights
    assert [error.id for error in check_weights()] == ["rules.E001"]


def test_default_weights_pass_system_check() -> None:
    assert check_weights() == []
