from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fer_lms.consent.actions import StaleConsentError, grant_consent, mark_erased, withdraw_consent
from fer_lms.consent.models import Consent, ConsentText
from fer_lms.consent.permissions import get_face_evidence_epochs, get_permissions
from fer_lms.consent.queries import (
    get_consent,
    get_current_text_version,
    get_texts,
)
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import grant_all, make_learner

pytestmark = pytest.mark.django_db


def grant(participant: Participant, **grants: bool) -> Consent:
    return grant_consent(participant=participant, text_version="2026-11-6", grants=grants)


def test_absent_grants_are_refused(learner: Participant) -> None:
    grant_all(learner)
    consent = grant(learner, capture=True)
    assert (consent.capture, consent.own_view, consent.research) == (True, False, False)
    assert (consent.epoch, consent.text_version) == (2, "2026-11-6")
    assert consent.granted_at is not None


def test_server_processing_requires_capture(learner: Participant) -> None:
    consent = grant(learner, server_processing=True)
    assert not consent.permits_frames
    assert Consent.objects.get().server_processing is False


def test_scores_need_no_server_processing(learner: Participant) -> None:
    consent = grant(learner, capture=True)
    assert (consent.permits_scores, consent.permits_frames) == (True, False)


def test_answer_to_another_text_is_rejected(learner: Participant) -> None:
    with pytest.raises(StaleConsentError):
        grant_consent(participant=learner, text_version="2025-1", grants={"capture": True})
    assert not Consent.objects.exists()


def test_withdrawal_clears_grants_and_requests_erasure(learner: Participant) -> None:
    grant_all(learner)
    consent = withdraw_consent(participant=learner)
    assert (consent.state, consent.epoch, consent.erase_through_epoch) == ("withdrawn", 2, 1)
    assert not consent.permits_scores


def test_withdrawal_without_consent(learner: Participant) -> None:
    consent = withdraw_consent(participant=learner)
    assert (consent.state, consent.epoch) == ("withdrawn", 1)


def test_new_consent_keeps_pending_erasure(learner: Participant) -> None:
    grant_all(learner)
    withdraw_consent(participant=learner)
    consent = grant_all(learner)
    assert (consent.state, consent.epoch, consent.erase_through_epoch) == ("granted", 3, 1)


def test_erasure_stores_receipt(learner: Participant) -> None:
    grant_all(learner)
    mark_erased(consent=withdraw_consent(participant=learner), receipt="r")
    consent = Consent.objects.get()
    assert (consent.erase_through_epoch, consent.receipt) == (None, "r")
    assert consent.erased_at is not None


def test_database_rejects_grants_after_withdrawal(learner: Participant) -> None:
    grant_all(learner)
    withdraw_consent(participant=learner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.update(capture=True)


def test_no_answer_permits_nothing(learner: Participant, policy: DeploymentPolicy) -> None:
    other = grant_all(make_learner(learner.session))
    assert get_consent(learner).state == "none"
    camera_only = make_learner(learner.session)
    grant(camera_only, capture=True)
    everybody = [learner.pk, other.participant_id, camera_only.pk]
    permissions = get_permissions(everybody, policy)
    permitting = {pk: item.frames_epoch for pk, item in permissions.items() if item.permits_frames}
    assert permitting == {other.participant_id: 1}
    assert not get_permissions([learner.pk], policy)


def test_text_states_default_retention(learner: Participant) -> None:
    standard = get_texts(get_current_text_version())["en"]["standard"]
    how_long = next(point for point in standard["points"] if point["heading"] == "For how long")
    assert "30 days" in how_long["body"]
    assert "{" not in str([point["body"] for point in standard["points"]])


@pytest.mark.usefixtures("policy")
def test_text_states_retention_of_policy() -> None:
    easy = get_texts(get_current_text_version())["en"]["easy"]
    assert "7 days" in str(easy["points"])


def test_newest_text_is_current() -> None:
    assert get_current_text_version() == "2026-11-6"
    ConsentText.objects.create(version="2027-1", locale="en", form="easy", body={"points": []})
    assert get_current_text_version() == "2027-1"


def test_text_names_hints_where_faces_may_lead_to_them(policy: DeploymentPolicy) -> None:
    version = get_current_text_version()
    without = get_texts(version)["en"]
    policy.face_evidence_in_hints = True
    policy.save()
    told = get_texts(version)["en"]
    for form in ("standard", "easy"):
        assert told[form]["points"][:-1] == without[form]["points"]
        assert told[form]["points"][-1]["heading"] == "Hints"


def test_face_is_used_in_hints_only_after_the_text_named_them(
    face_policy: DeploymentPolicy, learner: Participant
) -> None:
    consent = grant_all(learner)
    epochs = {learner.pk: consent.frames_epoch}
    assert get_face_evidence_epochs([learner.pk], face_policy) == epochs
    assert get_face_evidence_epochs([learner.pk], None) == {}
    face_policy.face_evidence_in_hints = False
    assert get_face_evidence_epochs([learner.pk], face_policy) == {}
    face_policy.face_evidence_in_hints = True
    face_policy.valid_from = timezone.now() + timedelta(seconds=1)
    assert get_face_evidence_epochs([learner.pk], face_policy) == {}
    Consent.objects.update(granted_at=None)
    assert get_face_evidence_epochs([learner.pk], face_policy) == {}


def test_face_is_not_used_in_hints_without_a_camera(
    face_policy: DeploymentPolicy, learner: Participant
) -> None:
    grant(learner, own_view=True)
    assert learner.pk in get_permissions([learner.pk], face_policy)
    assert get_face_evidence_epochs([learner.pk], face_policy) == {}


def test_without_a_policy_consents_of_the_current_text_are_active(learner: Participant) -> None:
    consent = grant_all(learner)
    assert get_permissions([learner.pk], None) == {learner.pk: consent}
