"""Guardians' withdrawals, later grants and changed terms.

A guardian's refusal applies to every link and session, a later grant needs its own answer, and no
consent extends to longer retention than was disclosed.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fer_lms.consent.actions import (
    StaleConsentError,
    change_grants,
    grant_consent,
    withdraw_consent,
)
from fer_lms.consent.guardian_actions import (
    GuardianConsentStateError,
    answer_by_link,
    enter_paper_consent,
    renew_link,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token
from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.consent.permissions import get_active_consent
from fer_lms.consent.queries import (
    get_consent_status,
    get_current_text_version,
    get_disclosed_terms,
)
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import join_session
from fer_lms.lessons.models import Participant, Role
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_withdrawn_readings
from tests.factories import grant_all, make_session, make_window
from tests.policy.drafts import make_administrator, sign_complete

pytestmark = pytest.mark.django_db
CAMERA = ["capture", "server_processing"]


def grant_as_learner(learner: Participant, *grants: str) -> Consent:
    return grant_consent(
        participant=learner,
        text_version=get_current_text_version(),
        grants=dict.fromkeys(grants, True),
    )


def get_open_request() -> GuardianConsent:
    return GuardianConsent.objects.get(state="asked")


def agree_as_guardian(given: list[str]) -> GuardianConsent:
    return answer_by_link(guardian_consent=get_open_request(), given=given, signed_name="B. Parent")


def add_new_text() -> None:
    ConsentText.objects.create(version="2027-1", locale="en", form="standard", body={"points": []})


def is_camera_permitted(learner: Participant) -> bool:
    return get_active_consent(learner).capture


@pytest.fixture
def read(learner: Participant, school: DeploymentPolicy) -> GuardianConsent:
    """Consent of a guardian, with a window."""
    grant_as_learner(learner, *CAMERA)
    answer = agree_as_guardian(CAMERA)
    make_window(learner, consent_epoch=2)
    return answer


def withdraw_by_link(client: Client, answer: GuardianConsent) -> str:
    address = reverse("guardian-withdraw", args=[create_link_token(answer, "withdraw")])
    assert "Withdraw your consent?" in client.get(address).content.decode()
    return client.post(address, follow=True).content.decode()


# --- Withdrawal by a guardian


def test_link_of_earlier_text_withdraws_later_consent(
    client: Client, learner: Participant, read: GuardianConsent
) -> None:
    add_new_text()
    grant_as_learner(learner, *CAMERA)
    agree_as_guardian(CAMERA)
    assert is_camera_permitted(learner)
    assert "Your consent is withdrawn" in withdraw_by_link(client, read)
    assert not is_camera_permitted(learner)
    erase_withdrawn_readings()
    assert not ObservationWindow.objects.exists()
    assert set(GuardianConsent.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_withdrawal_erases_while_later_request_is_open(
    client: Client, learner: Participant, read: GuardianConsent
) -> None:
    add_new_text()
    grant_as_learner(learner, *CAMERA)
    withdraw_by_link(client, read)
    erase_withdrawn_readings()
    assert not ObservationWindow.objects.exists()
    assert not GuardianConsent.objects.filter(state="asked").exists()
    grant_as_learner(learner, *CAMERA)
    assert not is_camera_permitted(learner), "the guardian is asked anew"
    get_open_request()


def test_guardian_withdrawal_ends_all_sessions(learner: Participant, read: GuardianConsent) -> None:
    add_new_text()
    other = join_session(session=make_session(), user=learner.user, role=Role.STUDENT)
    grant_as_learner(other, *CAMERA)
    agree_as_guardian(CAMERA)
    withdraw_by_guardian(guardian_consent=read)
    assert not is_camera_permitted(other)
    erase_withdrawn_readings()
    assert not ObservationWindow.objects.exists(), "read in a session without renewed consent"
    with pytest.raises(GuardianConsentStateError):
        withdraw_by_guardian(guardian_consent=read)


def test_learner_now_of_age_keeps_consent(learner: Participant, read: GuardianConsent) -> None:
    add_new_text()
    grant_as_learner(learner, *CAMERA)
    answer = enter_paper_consent(
        guardian_consent=get_open_request(),
        actor=make_administrator(),
        given=[],
        reference="ID seen",
        of_age=True,
    )
    withdraw_by_guardian(guardian_consent=read)
    assert is_camera_permitted(learner)
    withdraw_by_guardian(guardian_consent=answer, actor=make_administrator())
    assert not is_camera_permitted(learner), "entered by mistake"


# --- Refusal of a later request


def test_refusal_while_guardian_is_pending_erases(
    learner: Participant, read: GuardianConsent
) -> None:
    add_new_text()
    grant_as_learner(learner, *CAMERA)
    grant_as_learner(learner)
    assert erase_withdrawn_readings() == 1
    assert not ObservationWindow.objects.exists()


@pytest.mark.parametrize("given", [[], ["own_view"]], ids=["no", "all but the camera"])
def test_guardian_refusal_of_camera_erases(
    learner: Participant, read: GuardianConsent, given: list[str]
) -> None:
    add_new_text()
    grant_as_learner(learner, *CAMERA, "own_view")
    agree_as_guardian(given)
    assert erase_withdrawn_readings() == 1
    assert not ObservationWindow.objects.exists()


def test_first_refusal_erases_nothing(learner: Participant, school: DeploymentPolicy) -> None:
    grant_as_learner(learner, "capture")
    agree_as_guardian([])
    grant_as_learner(learner)
    assert erase_withdrawn_readings() == 0
    assert Consent.objects.get().receipt == ""


# --- Later grants


def add(learner: Participant, grant: str) -> Consent:
    version = get_current_text_version()
    return change_grants(participant=learner, changes={grant: True}, text_version=version)


def test_later_grant_waits_and_others_stay_active(
    client: Client, learner: Participant, read: GuardianConsent
) -> None:
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    body = {"own_view": True, "text_version": get_current_text_version()}
    response = client.patch(path, body, content_type="application/json")
    assert (response.status_code, response.json()["awaiting"]) == (202, ["own_view"])
    assert (response.json()["state"], response.json()["granted"]["capture"]) == ("granted", True)
    assert get_open_request().asked_for == ["own_view"]
    answer = agree_as_guardian(["own_view"])
    counts = get_active_consent(learner)
    assert (counts.capture, counts.own_view) == (True, True)
    assert answer.given == [*CAMERA, "own_view"]
    read.refresh_from_db()
    assert (read.state, read.given) == ("replaced", CAMERA)
    withdraw_by_guardian(guardian_consent=read)
    assert not is_camera_permitted(learner)


def test_refusal_of_later_grant_keeps_others(learner: Participant, read: GuardianConsent) -> None:
    add(learner, "own_view")
    agree_as_guardian([])
    counts = get_active_consent(learner)
    assert (counts.capture, counts.own_view) == (True, False)
    assert Consent.objects.get().awaiting_guardian == []
    assert erase_withdrawn_readings() == 0
    add(learner, "own_view")
    assert not GuardianConsent.objects.filter(state="asked").exists(), "asked and answered"


def test_later_grant_extends_open_request(learner: Participant, school: DeploymentPolicy) -> None:
    grant_as_learner(learner, *CAMERA)
    add(learner, "own_view")
    assert get_open_request().asked_for == [*CAMERA, "own_view"]
    agree_as_guardian([*CAMERA, "own_view"])
    assert get_active_consent(learner).own_view


def test_only_one_request_is_open(learner: Participant, read: GuardianConsent) -> None:
    add(learner, "own_view")
    refused = agree_as_guardian([])
    add(learner, "support_view")
    with pytest.raises(GuardianConsentStateError):
        renew_link(guardian_consent=refused, actor=make_administrator())


def test_consent_in_another_session_uses_extended_answer(
    learner: Participant, read: GuardianConsent
) -> None:
    other = join_session(session=make_session(), user=learner.user, role=Role.STUDENT)
    grant_as_learner(other, *CAMERA)
    epoch = Consent.objects.get(participant=other).epoch
    add(learner, "own_view")
    agree_as_guardian(["own_view"])
    assert is_camera_permitted(other)
    found = Consent.objects.get(participant=other)
    assert (found.own_view, found.epoch) == (False, epoch), "nothing changed there"


def test_grant_refused_meanwhile_stays_refused(learner: Participant, read: GuardianConsent) -> None:
    add(learner, "own_view")
    withdraw_consent(participant=learner)
    agree_as_guardian(["own_view"])
    assert not is_camera_permitted(learner)
    assert not get_active_consent(learner).own_view


# --- Disclosed terms


@pytest.mark.parametrize(
    ("then", "now", "counts"),
    [
        ({"kept_days": 7}, {"kept_days": 90}, False),
        ({"kept_days": 90}, {"kept_days": 7}, True),
        ({"small_group": 9}, {"small_group": 6}, False),
        ({"small_group": 6}, {"small_group": 9}, True),
    ],
    ids=str,
)
def test_policy_beyond_disclosed_terms_ends_consent(
    learner: Participant, then: dict[str, int], now: dict[str, int], counts: bool
) -> None:
    adults = {"minimum_age": 18, "on_device_only": False}
    sign_complete("uk", **adults, **then)
    grant_all(learner)
    assert is_camera_permitted(learner)
    sign_complete("uk", **adults, **now)
    assert is_camera_permitted(learner) is counts
    assert get_consent_status(learner)["ask_again"] is not counts
    if not counts:
        with pytest.raises(StaleConsentError):
            add(learner, "own_view")
        grant_all(learner)
        assert is_camera_permitted(learner)


def test_policy_beyond_disclosed_terms_ends_guardian_consent(
    learner: Participant, read: GuardianConsent
) -> None:
    sign_complete("uk", on_device_only=False, kept_days=60)
    assert not is_camera_permitted(learner)
    grant_as_learner(learner, *CAMERA)
    assert not is_camera_permitted(learner)
    agree_as_guardian(CAMERA)
    assert is_camera_permitted(learner)
    read.refresh_from_db()
    assert read.state == "replaced"


def test_request_with_outdated_terms_cannot_be_answered(
    client: Client, learner: Participant, school: DeploymentPolicy
) -> None:
    grant_as_learner(learner, *CAMERA)
    guardian_consent = get_open_request()
    address = reverse("guardian", args=[create_link_token(guardian_consent, "answer")])
    sign_complete("uk", on_device_only=False, kept_days=60)
    assert not can_answer(guardian_consent)
    assert client.get(address).status_code == 410
    assert get_consent_status(learner)["ask_again"], "who waits for it is not left waiting"
    grant_as_learner(learner, *CAMERA)
    assert get_open_request() != guardian_consent
    assert guardian_consent.expires_at > timezone.now() + timedelta(days=1)


def test_answer_with_outdated_terms_is_rejected(client: Client, learner: Participant) -> None:
    sign_complete("uk", minimum_age=18, on_device_only=False, kept_days=7)
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    shown = client.get(path).json()
    assert shown["disclosed_terms"] == get_disclosed_terms() == {"kept_days": 7, "small_group": 5}
    sign_complete("uk", minimum_age=18, on_device_only=False, kept_days=60)
    body = {name: shown[name] for name in ("text_version", "disclosed_terms")} | {"capture": True}
    assert client.post(path, body, content_type="application/json").status_code == 409
    body["disclosed_terms"] = client.get(path).json()["disclosed_terms"]
    assert client.post(path, body, content_type="application/json").status_code == 200
