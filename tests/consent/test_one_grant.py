"""A single grant is given and refused; the others stay as they are."""

from typing import Any

import pytest
from django.test import Client

from fer_lms.consent.actions import change_grants, withdraw_consent
from fer_lms.consent.forms import GrantsForm
from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import grant_all, make_supporter

pytestmark = pytest.mark.django_db
EMPTY_TEXT = {"title": "", "intro": "", "points": []}


def patch(learner: Participant, **body: Any) -> Any:
    client = Client()
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    return client.patch(path, body, content_type="application/json")


def test_refused_grant_keeps_others_and_raises_epoch(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    link = make_supporter(learner, first_name="Ada", last_name="Ott")
    grant_all(learner)
    answer = patch(learner, support_view=False).json()
    assert answer["granted"] == {
        "capture": True,
        "server_processing": True,
        "own_view": True,
        "support_view": False,
        "research": policy.permits_research,
    }
    assert (answer["epoch"], answer["state"]) == (2, "granted")
    assert answer["supporters"] == [{"id": str(link.pk), "name": "Ada Ott", "sees": False}]
    assert Consent.objects.get().erase_through_epoch is None


def test_separate_grant_is_stored(learner: Participant, policy: DeploymentPolicy) -> None:
    link = make_supporter(learner)
    grant_all(learner)
    patch(learner, support_view=False)
    shown = {"text_version": get_current_text_version(), "supporters": [str(link.pk)]}
    answer = patch(learner, support_view=True, **shown).json()
    assert (answer["granted"]["support_view"], answer["epoch"]) == (True, 3)
    assert answer["supporters"][0]["sees"]


def test_answer_about_other_supporters_is_rejected(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    link = make_supporter(learner)
    grant_all(learner)
    make_supporter(learner)
    shown = {"text_version": get_current_text_version(), "supporters": [str(link.pk)]}
    assert patch(learner, support_view=True, **shown).status_code == 409
    client = Client()
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    body = {"capture": True, "support_view": True, **shown}
    assert client.post(path, body, content_type="application/json").status_code == 409
    assert Consent.objects.get().epoch == 1


def test_grant_needs_current_text_and_refusal_does_not(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    version = get_current_text_version()
    assert patch(learner, own_view=True, text_version=version).status_code == 409, "no yes yet"
    grant_all(learner)
    assert patch(learner, own_view=True).status_code == 409
    ConsentText.objects.create(version="2099-1", locale="en", form="easy", body=EMPTY_TEXT)
    for text_version in (version, "2099-1"):
        assert patch(learner, own_view=True, text_version=text_version).status_code == 409
    assert patch(learner, support_view=False).status_code == 200
    assert not Consent.objects.get().support_view


def test_withdrawn_consent_cannot_be_extended(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    grant_all(learner)
    withdraw_consent(participant=learner)
    version = get_current_text_version()
    assert patch(learner, support_view=True, text_version=version).status_code == 409
    assert patch(learner, support_view=False).json()["state"] == "withdrawn"


def test_camera_cannot_be_changed_separately(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    grant_all(learner)
    answer = patch(learner, capture=False, support_view=False).json()
    assert answer["granted"]["capture"]
    assert patch(learner, capture=False).status_code == 400
    assert Consent.objects.get().epoch == 2


def test_refusal_while_guardian_is_pending(learner: Participant, school: DeploymentPolicy) -> None:
    grant_all(learner)
    change_grants(participant=learner, changes={"support_view": False})
    assert Consent.objects.get().awaiting_guardian == ["capture", "server_processing", "own_view"]


def test_guardian_form_names_supporters(learner: Participant, school: DeploymentPolicy) -> None:
    grant_all(learner)
    guardian_consent = GuardianConsent.objects.get()
    assert "Nobody is named yet." in str(GrantsForm(guardian_consent=guardian_consent)["given"])
    make_supporter(learner, first_name="Ada", last_name="Ott")
    assert "Named now: Ada Ott." in str(GrantsForm(guardian_consent=guardian_consent)["given"])
