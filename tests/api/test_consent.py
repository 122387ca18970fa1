import pytest
from django.test import Client

from fer_lms.consent.actions import mark_erased
from fer_lms.consent.models import GRANTS, Consent
from fer_lms.lessons.models import Participant

pytestmark = pytest.mark.django_db

ALL = {
    "capture": True,
    "server_processing": True,
    "own_view": True,
    "support_view": False,
    "research": False,
}


def path_of(learner: Participant) -> str:
    return f"/api/v1/sessions/{learner.session_id}/consent"


def answer_text(client: Client, learner: Participant, **grants: object) -> Consent:
    body = {"text_version": "2026-11-6"} | grants
    answer = client.post(path_of(learner), body, content_type="application/json")
    assert answer.status_code == 200, answer.json()
    return Consent.objects.get(participant=learner)


def test_nothing_is_granted_before_a_decision(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer = client.get(path_of(learner)).json()
    assert answer["text_version"] == "2026-11-6"
    assert set(answer["text"]["en"]) == {"standard", "easy"}
    assert answer["granted"] == dict.fromkeys(ALL, False)
    assert (answer["state"], answer["epoch"], answer["erased"]) == ("none", 0, False)
    assert not Consent.objects.exists()


def test_omitted_permissions_are_refused(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    consent = answer_text(client, learner, capture=True, server_processing=True, own_view=True)
    assert (consent.capture, consent.support_view, consent.research) == (True, False, False)
    assert consent.epoch == 1
    assert client.get(path_of(learner)).json()["granted"] == ALL


def test_new_decision_increments_the_epoch(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer_text(client, learner, capture=True)
    assert answer_text(client, learner).epoch == 2
    assert client.get(path_of(learner)).json()["state"] == "none"


def test_stale_text_version_is_a_conflict(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    body = {"text_version": "2020-1", "capture": True}
    answer = client.post(path_of(learner), body, content_type="application/json")
    assert answer.status_code == 409
    assert answer.json()["reason"] == "stale_consent_text"
    assert answer.json()["text_version"] == "2026-11-6"
    assert not Consent.objects.exists()


def test_decision_without_text_version_is_invalid(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer = client.post(path_of(learner), {"capture": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid")
    assert not Consent.objects.exists()


def test_withdrawal_revokes_all_permissions(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer_text(client, learner, **ALL)
    answer = client.delete(path_of(learner)).json()
    assert (answer["state"], answer["epoch"], answer["erased"]) == ("withdrawn", 2, False)
    consent = Consent.objects.get(participant=learner)
    assert not any(getattr(consent, grant) for grant in GRANTS)
    assert consent.erase_through_epoch == 1


def test_erasure_is_reported_with_its_receipt(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer_text(client, learner, **ALL)
    client.delete(path_of(learner))
    mark_erased(consent=Consent.objects.get(participant=learner), receipt="r-1")
    answer = client.get(path_of(learner)).json()
    assert (answer["erased"], answer["receipt"]) == (True, "r-1")


def test_request_without_csrf_token_is_refused(learner: Participant) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner.user)
    answer = strict.post(path_of(learner), {"text_version": "2026-11-6"}, "application/json")
    assert answer.status_code == 403
    assert not Consent.objects.exists()
