"""The pages of a guardian's links, and the admin page that creates the links."""

import re

import pytest
from django.test import Client

from fer_lms.consent.guardians import create_link_token
from fer_lms.consent.models import Consent, GuardianConsent
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import grant_all, make_supporter, make_teacher, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def guardian_consent(learner: Participant, school: DeploymentPolicy) -> GuardianConsent:
    grant_all(learner)
    return GuardianConsent.objects.get()


def get_link_path(guardian_consent: GuardianConsent, purpose: str = "answer") -> str:
    if purpose == "answer":
        return f"/guardian/{create_link_token(guardian_consent, 'answer')}/"
    return f"/guardian/take-back/{create_link_token(guardian_consent, 'withdraw')}/"


def test_get_request_stores_no_answer(client: Client, guardian_consent: GuardianConsent) -> None:
    page = client.get(get_link_path(guardian_consent))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "May this lesson use your camera?" in page.content.decode()
    assert "checked" not in page.content.decode()
    assert (
        "Do you want to use"
        in client.get(get_link_path(guardian_consent) + "?form=easy").content.decode()
    )
    assert GuardianConsent.objects.get().state == "asked"


def test_consent_pages_name_the_controller(
    client: Client, guardian_consent: GuardianConsent, learner: Participant
) -> None:
    stated = ("Fatigue at dangerous machines", "School of Mines", "privacy@school.example")
    for path in (get_link_path(guardian_consent), "/retention/"):
        page = client.get(path).content.decode()
        assert all(words in page for words in stated)
    client.force_login(learner.user)
    state = client.get(f"/api/v1/sessions/{learner.session_id}/consent").json()
    assert tuple(state["responsible"].values()) == stated


def test_guardian_consent_needs_tick_and_name(
    client: Client, guardian_consent: GuardianConsent
) -> None:
    assert (
        "Tick what you agree to"
        in client.post(get_link_path(guardian_consent), {"yes": "1"}).content.decode()
    )
    assert GuardianConsent.objects.get().state == "asked"
    answer = {"yes": "1", "given": ["capture", "server_processing"], "name": "B. Parent"}
    page = client.post(get_link_path(guardian_consent), answer).content.decode()
    assert "You agreed" in page
    assert Consent.objects.get().permits_frames
    take_back = re.search(r'href="(/guardian/take-back/[^"]+)"', page)
    assert take_back is not None
    client.post(take_back.group(1))
    assert "Your consent is withdrawn" in client.get(take_back.group(1)).content.decode()
    assert not Consent.objects.get().permits_frames


def test_guardian_refusal_needs_neither(client: Client, guardian_consent: GuardianConsent) -> None:
    path = get_link_path(guardian_consent)
    for page in (client.post(path, {"no": "1"}), client.post(path, {"no": "1"}), client.get(path)):
        assert (page.status_code, "You said no" in page.content.decode()) == (200, True)
    assert GuardianConsent.objects.get().state == "refused"
    late = {"yes": "1", "given": ["capture"], "name": "B. Parent"}
    assert "ask the school for a new link" in client.post(path, late).content.decode()
    assert GuardianConsent.objects.get().state == "refused"


def test_forged_links_are_rejected(client: Client, guardian_consent: GuardianConsent) -> None:
    other_purpose = get_link_path(guardian_consent).replace("/guardian/", "/guardian/take-back/")
    assert client.post(other_purpose).status_code == 404
    assert client.get("/guardian/" + guardian_consent.pk.hex + "/").status_code == 404


def test_staff_can_hand_over_the_link(
    client: Client, guardian_consent: GuardianConsent, learner: Participant
) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    base = f"/admin/consent/guardianconsent/{guardian_consent.pk}/"
    assert 'data-testid="hand-over"' in client.get(base + "change/").content.decode()
    assert get_link_path(guardian_consent) in client.get(base + "hand-over/").content.decode()
    assert client.get(base + "renew/").status_code == 200
    paper = {"given": ["capture"], "reference": "F 12"}
    client.post(base + "paper/", paper)
    assert GuardianConsent.objects.get().way == "paper"
    make_supporter(learner, first_name="Ada", last_name="Ott")
    assert "Named now: Ada Ott." in client.get(base + "supporters/").content.decode()
    client.post(base + "supporters/", {"reference": "F 13"})
    found = GuardianConsent.objects.get()
    assert (found.given, found.reference) == (["capture", "support_view"], "F 12, F 13")
    client.post(base + "withdraw/")
    assert GuardianConsent.objects.get().state == "withdrawn"


def test_changed_supporters_need_a_new_answer(
    client: Client, guardian_consent: GuardianConsent, learner: Participant
) -> None:
    make_supporter(learner, first_name="Ada", last_name="Ott")
    shown = find_shown_supporters(client.get(get_link_path(guardian_consent)).content.decode())
    make_supporter(learner, first_name="Ben", last_name="Ito")
    answer = {"yes": "1", "given": ["capture", "support_view"], "name": "B. Parent"}
    again = client.post(get_link_path(guardian_consent), answer | {"shown": shown}).content.decode()
    assert "The support persons have changed" in again
    assert "Ada Ott, Ben Ito" in again
    client.post(get_link_path(guardian_consent), answer | {"shown": find_shown_supporters(again)})
    assert GuardianConsent.objects.get().given == ["capture", "support_view"]


def find_shown_supporters(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    "page", ["change", "hand-over", "paper", "supporters", "renew", "withdraw"]
)
def test_teachers_and_other_staff_are_rejected(
    client: Client, guardian_consent: GuardianConsent, learner: Participant, page: str
) -> None:
    address = f"/admin/consent/guardianconsent/{guardian_consent.pk}/{page}/"
    client.force_login(make_teacher(learner.session).user)
    assert client.get(address).status_code == 302, "to the login"
    client.force_login(make_user(is_staff=True))
    assert client.get(address).status_code == 403


def test_learner_sees_pending_guardian(
    client: Client, learner: Participant, school: DeploymentPolicy
) -> None:
    client.force_login(learner.user)
    path = f"/api/v1/sessions/{learner.session_id}/consent"
    version = client.get(path).json()["text_version"]
    body = {"text_version": version, "capture": True, "locale": "en", "form": "easy"}
    answer = client.post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "pending_guardian")
    assert "guardian/" not in answer.content.decode(), "the link is not the learner's"
    row = Consent.objects.get()
    assert (row.text_locale, row.text_form) == ("en", "easy")
    assert client.delete(path).json()["state"] == "withdrawn"
