"""A guardian's no reaches everything, whichever link it comes by; a wish that comes later waits for
an answer of its own; and nobody's yes is stretched to longer times than were named."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fer_lms.consent.actions import (
    StaleConsentText,
    change_grants,
    grant_consent,
    withdraw_consent,
)
from fer_lms.consent.guardian_actions import (
    AlreadyAnswered,
    answer_by_link,
    enter_paper_consent,
    renew_link,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token
from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.consent.permissions import active_consent
from fer_lms.consent.queries import (
    current_text_version,
    disclosed_terms,
    get_consent_status,
)
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import join_session
from fer_lms.lessons.models import Participant, Role
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_withdrawn
from tests.factories import grant_all, make_session, make_window
from tests.policy.drafts import make_administrator, sign_complete

pytestmark = pytest.mark.django_db
CAMERA = ["capture", "server_processing"]


def wish(learner: Participant, *grants: str) -> Consent:
    return grant_consent(
        participant=learner,
        text_version=current_text_version(),
        grants=dict.fromkeys(grants, True),
    )


def open_question() -> GuardianConsent:
    return GuardianConsent.objects.get(state="asked")


def agree(given: list[str]) -> GuardianConsent:
    return answer_by_link(guardian_consent=open_question(), given=given, signed_name="B. Parent")


def new_text() -> None:
    ConsentText.objects.create(version="2027-1", locale="en", form="standard", body={"points": []})


def camera_is_on(learner: Participant) -> bool:
    return active_consent(learner).capture


@pytest.fixture
def read(learner: Participant, school: DeploymentPolicy) -> GuardianConsent:
    """A guardian agreed, and something was read."""
    wish(learner, *CAMERA)
    answer = agree(CAMERA)
    make_window(learner, consent_epoch=2)
    return answer


def take_back(client: Client, answer: GuardianConsent) -> str:
    address = reverse("guardian-withdraw", args=[create_link_token(answer, "withdraw")])
    assert "Withdraw your consent?" in client.get(address).content.decode()
    return client.post(address, follow=True).content.decode()


# --- A guardian takes back -----------------------------------------------------------------------


def test_the_link_of_an_earlier_text_takes_the_later_yes_back(
    client: Client, learner: Participant, read: GuardianConsent
) -> None:
    new_text()
    wish(learner, *CAMERA)
    agree(CAMERA)
    assert camera_is_on(learner)
    assert "Your consent is withdrawn" in take_back(client, read)
    assert not camera_is_on(learner)
    erase_withdrawn()
    assert not ObservationWindow.objects.exists()
    assert set(GuardianConsent.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_what_was_read_goes_while_a_later_question_waits(
    client: Client, learner: Participant, read: GuardianConsent
) -> None:
    new_text()
    wish(learner, *CAMERA)
    take_back(client, read)
    erase_withdrawn()
    assert not ObservationWindow.objects.exists()
    assert not GuardianConsent.objects.filter(state="asked").exists()
    wish(learner, *CAMERA)
    assert not camera_is_on(learner), "the guardian is asked anew"
    open_question()


def test_every_sitting_ends_with_it(learner: Participant, read: GuardianConsent) -> None:
    new_text()
    other = join_session(session=make_session(), user=learner.user, role=Role.STUDENT)
    wish(other, *CAMERA)
    agree(CAMERA)
    withdraw_by_guardian(guardian_consent=read)
    assert not camera_is_on(other)
    erase_withdrawn()
    assert not ObservationWindow.objects.exists(), "read in a sitting where nobody was asked again"
    with pytest.raises(AlreadyAnswered):
        withdraw_by_guardian(guardian_consent=read)


def test_who_is_old_enough_by_now_decides_alone(
    learner: Participant, read: GuardianConsent
) -> None:
    new_text()
    wish(learner, *CAMERA)
    answer = enter_paper_consent(
        guardian_consent=open_question(),
        actor=make_administrator(),
        given=[],
        reference="ID seen",
        of_age=True,
    )
    withdraw_by_guardian(guardian_consent=read)
    assert camera_is_on(learner)
    withdraw_by_guardian(guardian_consent=answer, actor=make_administrator())
    assert not camera_is_on(learner), "entered by mistake"


# --- A no after a question was asked again -------------------------------------------------------


def test_a_no_while_the_guardian_is_waited_for_erases(
    learner: Participant, read: GuardianConsent
) -> None:
    new_text()
    wish(learner, *CAMERA)
    wish(learner)
    assert erase_withdrawn() == 1
    assert not ObservationWindow.objects.exists()


@pytest.mark.parametrize("given", [[], ["own_view"]], ids=["no", "all but the camera"])
def test_a_guardians_no_to_the_camera_erases(
    learner: Participant, read: GuardianConsent, given: list[str]
) -> None:
    new_text()
    wish(learner, *CAMERA, "own_view")
    agree(given)
    assert erase_withdrawn() == 1
    assert not ObservationWindow.objects.exists()


def test_a_first_no_has_nothing_to_erase(learner: Participant, school: DeploymentPolicy) -> None:
    wish(learner, "capture")
    agree([])
    wish(learner)
    assert erase_withdrawn() == 0
    assert Consent.objects.get().receipt == ""


# --- A wish that comes later ---------------------------------------------------------------------


def add(learner: Participant, grant: str) -> Consent:
    version = current_text_version()
    return change_grants(participant=learner, changes={grant: True}, text_version=version)


def test_a_later_wish_waits_and_the_rest_goes_on(
    client: Client, learner: Participant, read: GuardianConsent
) -> None:
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    body = {"own_view": True, "text_version": current_text_version()}
    told = client.patch(path, body, content_type="application/json")
    assert (told.status_code, told.json()["awaiting"]) == (202, ["own_view"])
    assert (told.json()["state"], told.json()["granted"]["capture"]) == ("granted", True)
    assert open_question().asked_for == ["own_view"]
    answer = agree(["own_view"])
    counts = active_consent(learner)
    assert (counts.capture, counts.own_view) == (True, True)
    assert answer.given == [*CAMERA, "own_view"]
    read.refresh_from_db()
    assert (read.state, read.given) == ("replaced", CAMERA)
    withdraw_by_guardian(guardian_consent=read)
    assert not camera_is_on(learner)


def test_a_no_to_the_later_wish_leaves_the_rest(
    learner: Participant, read: GuardianConsent
) -> None:
    add(learner, "own_view")
    agree([])
    counts = active_consent(learner)
    assert (counts.capture, counts.own_view) == (True, False)
    assert Consent.objects.get().awaiting_guardian == []
    assert erase_withdrawn() == 0
    add(learner, "own_view")
    assert not GuardianConsent.objects.filter(state="asked").exists(), "asked and answered"


def test_a_wish_while_it_is_asked_widens_the_question(
    learner: Participant, school: DeploymentPolicy
) -> None:
    wish(learner, *CAMERA)
    add(learner, "own_view")
    assert open_question().asked_for == [*CAMERA, "own_view"]
    agree([*CAMERA, "own_view"])
    assert active_consent(learner).own_view


def test_one_question_is_open_at_a_time(learner: Participant, read: GuardianConsent) -> None:
    add(learner, "own_view")
    refused = agree([])
    add(learner, "support_view")
    with pytest.raises(AlreadyAnswered):
        renew_link(guardian_consent=refused, actor=make_administrator())


def test_a_yes_in_another_sitting_rests_on_the_wider_answer(
    learner: Participant, read: GuardianConsent
) -> None:
    other = join_session(session=make_session(), user=learner.user, role=Role.STUDENT)
    wish(other, *CAMERA)
    epoch = Consent.objects.get(participant=other).epoch
    add(learner, "own_view")
    agree(["own_view"])
    assert camera_is_on(other)
    found = Consent.objects.get(participant=other)
    assert (found.own_view, found.epoch) == (False, epoch), "nothing changed there"


def test_what_was_taken_back_meanwhile_stays_so(
    learner: Participant, read: GuardianConsent
) -> None:
    add(learner, "own_view")
    withdraw_consent(participant=learner)
    agree(["own_view"])
    assert not camera_is_on(learner)
    assert not active_consent(learner).own_view


# --- The numbers that the question names ---------------------------------------------------------


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
def test_nobody_agreed_to_more_than_was_named(
    learner: Participant, then: dict[str, int], now: dict[str, int], counts: bool
) -> None:
    adults = {"minimum_age": 18, "on_device_only": False}
    sign_complete("uk", **adults, **then)
    grant_all(learner)
    assert camera_is_on(learner)
    sign_complete("uk", **adults, **now)
    assert camera_is_on(learner) is counts
    assert get_consent_status(learner)["ask_again"] is not counts
    if not counts:
        with pytest.raises(StaleConsentText):
            add(learner, "own_view")
        grant_all(learner)
        assert camera_is_on(learner)


def test_a_guardian_is_asked_again_too(learner: Participant, read: GuardianConsent) -> None:
    sign_complete("uk", on_device_only=False, kept_days=60)
    assert not camera_is_on(learner)
    wish(learner, *CAMERA)
    assert not camera_is_on(learner)
    agree(CAMERA)
    assert camera_is_on(learner)
    read.refresh_from_db()
    assert read.state == "replaced"


def test_a_question_with_old_numbers_is_no_longer_answered(
    client: Client, learner: Participant, school: DeploymentPolicy
) -> None:
    wish(learner, *CAMERA)
    question = open_question()
    address = reverse("guardian", args=[create_link_token(question, "answer")])
    sign_complete("uk", on_device_only=False, kept_days=60)
    assert not can_answer(question)
    assert client.get(address).status_code == 410
    assert get_consent_status(learner)["ask_again"], "who waits for it is not left waiting"
    wish(learner, *CAMERA)
    assert open_question() != question
    assert question.expires_at > timezone.now() + timedelta(days=1)


def test_a_page_with_old_numbers_is_not_taken_for_a_yes(
    client: Client, learner: Participant
) -> None:
    sign_complete("uk", minimum_age=18, on_device_only=False, kept_days=7)
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    shown = client.get(path).json()
    assert shown["promised"] == disclosed_terms() == {"kept_days": 7, "small_group": 5}
    sign_complete("uk", minimum_age=18, on_device_only=False, kept_days=60)
    body = {name: shown[name] for name in ("text_version", "promised")} | {"capture": True}
    assert client.post(path, body, content_type="application/json").status_code == 409
    body["promised"] = client.get(path).json()["promised"]
    assert client.post(path, body, content_type="application/json").status_code == 200
