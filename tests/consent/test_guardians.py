"""Consent of learners who need a guardian: it waits, and is limited to what a guardian agreed."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from fer_lms.audit.models import AuditEvent
from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.guardian_actions import (
    GuardianConsentStateError,
    answer_by_link,
    enter_paper_consent,
    renew_link,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import create_link_token, find_guardian_consent
from fer_lms.consent.models import GRANTS, Consent, ConsentText, GuardianConsent
from fer_lms.consent.permissions import get_active_consent, get_permissions
from fer_lms.consent.queries import (
    get_consent_status,
)
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import grant_all, make_session, make_user
from tests.policy.drafts import make_administrator, sign_complete

pytestmark = pytest.mark.django_db
CAMERA = ["capture", "server_processing"]


def request_consent(learner: Participant) -> GuardianConsent:
    """Grant everything as the learner and return the request to the guardian."""
    grant_all(learner)
    return GuardianConsent.objects.get(person=learner.user)


def get_stored_consent(learner: Participant) -> Consent:
    return Consent.objects.get(participant=learner)


def has_frame_permission(learner: Participant, policy: DeploymentPolicy) -> bool:
    permissions = get_permissions([learner.pk], policy)
    return learner.pk in permissions and permissions[learner.pk].permits_frames


def test_consent_waits_for_guardian(learner: Participant, school: DeploymentPolicy) -> None:
    guardian_consent = request_consent(learner)
    asked_for = [grant for grant in GRANTS if grant != "research"]  # not permitted by this policy
    assert (guardian_consent.state, guardian_consent.asked_for) == ("asked", asked_for)
    assert get_stored_consent(learner).state == "pending_guardian"
    assert not any(get_consent_status(learner)["granted"].values())
    assert not has_frame_permission(learner, school)


def test_grants_are_limited_to_guardian_consent(
    learner: Participant, school: DeploymentPolicy
) -> None:
    guardian_consent = request_consent(learner)
    answer_by_link(guardian_consent=guardian_consent, given=CAMERA, signed_name="B. Parent")
    consent = get_active_consent(learner)
    assert [grant for grant in GRANTS if getattr(consent, grant)] == CAMERA
    assert (consent.epoch, consent.state) == (2, "granted")
    assert has_frame_permission(learner, school)


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "asked"},
        {"state": "refused"},
        {"state": "withdrawn"},
        {"text_version": "2020-1"},
        {"kept_days": 1},
        {"small_group": 30},
    ],
    ids=str,
)
def test_each_term_of_the_guardians_answer_counts(
    learner: Participant, school: DeploymentPolicy, answer: dict[str, object]
) -> None:
    """Whatever the learner's own row permits: withdrawal changes it only afterwards."""
    guardian_consent = request_consent(learner)
    answer_by_link(guardian_consent=guardian_consent, given=CAMERA, signed_name="B. Parent")
    GuardianConsent.objects.update(**answer)
    assert not has_frame_permission(learner, school)


def test_guardian_refusal_keeps_camera_off(learner: Participant, school: DeploymentPolicy) -> None:
    answer_by_link(guardian_consent=request_consent(learner), given=[], signed_name="")
    assert get_consent_status(learner)["guardian"] == "refused"
    assert get_consent_status(learner)["state"] == "none"
    grant_all(learner)  # asking again does not go round the guardian
    assert not has_frame_permission(learner, school)
    assert GuardianConsent.objects.count() == 1


def test_guardian_cannot_grant_more_than_requested(
    learner: Participant, school: DeploymentPolicy
) -> None:
    guardian_consent = request_consent(learner)
    GuardianConsent.objects.update(asked_for=["capture"])
    answer_by_link(
        guardian_consent=guardian_consent, given=[*CAMERA, "research"], signed_name="B. Parent"
    )
    assert GuardianConsent.objects.get().given == ["capture"]
    assert not get_stored_consent(learner).server_processing


def test_guardian_consent_applies_to_later_sessions(
    learner: Participant, school: DeploymentPolicy
) -> None:
    answer_by_link(guardian_consent=request_consent(learner), given=CAMERA, signed_name="B. Parent")
    again = Participant.objects.create(session=make_session(), user=learner.user, role="student")
    grant_all(again)
    assert has_frame_permission(again, school)


def test_guardian_withdrawal_ends_every_session(
    learner: Participant, school: DeploymentPolicy
) -> None:
    guardian_consent = answer_by_link(
        guardian_consent=request_consent(learner), given=CAMERA, signed_name="B. Parent"
    )
    withdraw_by_guardian(guardian_consent=guardian_consent)
    assert not has_frame_permission(learner, school)
    assert (get_stored_consent(learner).state, get_stored_consent(learner).erase_through_epoch) == (
        "withdrawn",
        2,
    )
    with pytest.raises(GuardianConsentStateError):
        withdraw_by_guardian(guardian_consent=guardian_consent)
    grant_all(learner)
    assert not has_frame_permission(learner, school), "the guardian is asked anew"
    assert GuardianConsent.objects.filter(state="asked").count() == 1


def test_guardian_cannot_restore_withdrawn_consent(
    learner: Participant, school: DeploymentPolicy
) -> None:
    guardian_consent = request_consent(learner)
    withdraw_consent(participant=learner)
    answer_by_link(guardian_consent=guardian_consent, given=CAMERA, signed_name="B. Parent")
    assert not has_frame_permission(learner, school)
    assert get_stored_consent(learner).state == "withdrawn"


def test_link_is_signed_for_one_purpose(learner: Participant, school: DeploymentPolicy) -> None:
    guardian_consent = request_consent(learner)
    token = create_link_token(guardian_consent, "answer")
    assert find_guardian_consent(token, "answer") == guardian_consent
    assert find_guardian_consent(token, "withdraw") is None
    assert find_guardian_consent(token[:-1] + "_", "answer") is None
    assert find_guardian_consent(guardian_consent.pk.hex, "answer") is None


def test_link_expires_and_works_once(learner: Participant, school: DeploymentPolicy) -> None:
    guardian_consent = request_consent(learner)
    GuardianConsent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(GuardianConsentStateError):
        answer_by_link(guardian_consent=guardian_consent, given=CAMERA, signed_name="B. Parent")
    renew_link(guardian_consent=guardian_consent, actor=make_administrator())
    answer_by_link(guardian_consent=guardian_consent, given=CAMERA, signed_name="B. Parent")
    with pytest.raises(GuardianConsentStateError):
        answer_by_link(guardian_consent=guardian_consent, given=[], signed_name="")


def test_new_text_needs_new_guardian_consent(
    learner: Participant, school: DeploymentPolicy
) -> None:
    guardian_consent = request_consent(learner)
    ConsentText.objects.create(version="2027-1", locale="en", form="easy", body={"points": []})
    with pytest.raises(GuardianConsentStateError):
        answer_by_link(guardian_consent=guardian_consent, given=CAMERA, signed_name="B. Parent")


def test_signed_form_is_entered_by_staff_and_audited(
    learner: Participant, school: DeploymentPolicy
) -> None:
    guardian_consent, administrator = request_consent(learner), make_administrator()
    for nobody in (make_user(), make_user(is_staff=True)):
        with pytest.raises(PermissionDenied):
            enter_paper_consent(
                guardian_consent=guardian_consent, actor=nobody, given=CAMERA, reference="F 12"
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        enter_paper_consent(
            guardian_consent=guardian_consent, actor=administrator, given=CAMERA, reference=""
        )
    enter_paper_consent(
        guardian_consent=guardian_consent, actor=administrator, given=CAMERA, reference="F 12"
    )
    assert has_frame_permission(learner, school)
    line = AuditEvent.objects.get(action="guardian.given")
    assert (line.actor, line.subject, line.details["way"]) == (
        administrator.public_id,
        str(guardian_consent.pk),
        "paper",
    )
    assert "F 12" not in str(line.details), "opaque ids only"


def test_learner_of_age_needs_no_guardian(learner: Participant, school: DeploymentPolicy) -> None:
    guardian_consent = request_consent(learner)
    enter_paper_consent(
        guardian_consent=guardian_consent,
        actor=make_administrator(),
        given=[],
        reference="ID seen",
        of_age=True,
    )
    assert has_frame_permission(learner, school)


def test_stricter_policy_ends_consent_without_guardian(learner: Participant) -> None:
    adults = sign_complete("uk", minimum_age=18, on_device_only=False)
    grant_all(learner)
    assert has_frame_permission(learner, adults)
    strict = sign_complete("uk", on_device_only=False)
    assert not has_frame_permission(learner, strict)
    assert get_consent_status(learner)["ask_again"]
    assert has_frame_permission(learner, sign_complete("uk", minimum_age=18, on_device_only=False))


def test_on_device_only_forbids_frames(learner: Participant) -> None:
    policy = sign_complete("uk", minimum_age=18, on_device_only=True, permits_research=False)
    grant_all(learner)
    consent = get_stored_consent(learner)
    assert (consent.capture, consent.server_processing, consent.research) == (True, False, False)
    Consent.objects.update(server_processing=True)  # said under an earlier policy
    assert not has_frame_permission(learner, policy)
    assert not get_active_consent(learner).permits_frames


def test_new_text_ends_consent(learner: Participant, policy: DeploymentPolicy) -> None:
    grant_all(learner)
    assert has_frame_permission(learner, policy)
    ConsentText.objects.create(version="2027-1", locale="en", form="easy", body={"points": []})
    assert not has_frame_permission(learner, policy)
    assert (get_consent_status(learner)["state"], get_consent_status(learner)["ask_again"]) == (
        "none",
        True,
    )
