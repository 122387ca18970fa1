"""People view, download and erase their data; staff do it on request."""

import json

import pytest
from django.db.models.deletion import Collector
from django.test import Client

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.models import InteractionEvent, LearnerProfile, Participant
from fer_lms.people.models import User
from fer_lms.reports.actions import save_correction
from fer_lms.rights.actions import erase_person
from fer_lms.rights.queries import collect_personal_data
from tests.factories import grant_all, make_learner, make_user, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner_with_data(learner: Participant) -> Participant:
    learner.user.first_name = "Ada"
    learner.user.save()
    grant_all(learner)
    save_correction(window=make_window(learner), value="thinking", text="about the half")
    InteractionEvent.objects.create(participant=learner, kind="self_report", value="hard")
    LearnerProfile.objects.create(user=learner.user)
    return learner


@pytest.fixture
def learner_client(client: Client, learner_with_data: Participant) -> Client:
    client.force_login(learner_with_data.user)
    return client


def test_own_data_page(learner_client: Client, learner_with_data: Participant) -> None:
    page = learner_client.get("/my-data/").content.decode()
    for words in ("Ada", "Fractions", "I was thinking: about the half", "You called one step hard"):
        assert words in page
    assert "The camera was on for 10 seconds." in page


def test_json_download(learner_client: Client, learner_with_data: Participant) -> None:
    answer = learner_client.get("/my-data/export.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    found = json.loads(answer.content)
    [window] = found["participations"][0]["windows"]
    assert window["correction"]["words"] == "about the half"
    assert found["other"]["lessons.learnerprofile"]
    event = AuditEvent.objects.get(action="person.exported")
    assert event.actor == learner_with_data.user.public_id
    assert event.details == {"form": "json"}


def test_page_download(learner_client: Client) -> None:
    answer = learner_client.get("/my-data/export.html")
    assert answer.headers["Content-Type"].startswith("text/html")
    for words in ("I was thinking: about the half", "Neutral 100%", "Said how hard it is"):
        assert words in answer.content.decode()
    assert "<script" not in answer.content.decode()


def test_export_holds_every_row_that_erasure_deletes(learner_with_data: Participant) -> None:
    """The export covers tables of every app."""
    collector = Collector(using="default")
    collector.collect([learner_with_data.user])
    labels = {model._meta.label_lower for model in collector.data}
    labels |= {rows.model._meta.label_lower for rows in collector.fast_deletes if rows.exists()}
    found = json.dumps(collect_personal_data(learner_with_data.user), default=str)
    markers = {
        "people.user": '"person"',
        "lessons.enrolment": '"enrolments"',
        "lessons.participant": '"participations"',
        "lessons.interactionevent": '"self_report"',
        "consent.consent": '"consent"',
        "engagement.observationwindow": '"score_sums"',
        "reports.correction": '"about the half"',
    }
    assert {item for item in labels if markers.get(item, f'"{item}"') not in found} == set()


def test_export_holds_no_other_person(
    learner_client: Client, learner_with_data: Participant
) -> None:
    other = make_learner(learner_with_data.session, first_name="Grace")
    make_window(other)
    for address in ("/my-data/", "/my-data/export.json", "/my-data/export.html"):
        text = learner_client.get(address).content.decode()
        assert "Grace" not in text
        assert str(other.pk) not in text


@pytest.mark.parametrize("path", ["/my-data/", "/my-data/export.json", "/my-data/export.html"])
def test_signed_out_visitors_see_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302


def test_erasing_oneself(learner_client: Client, learner_with_data: Participant) -> None:
    public_id = str(learner_with_data.user.public_id)
    assert learner_client.post("/my-data/erase").status_code == 400
    assert User.objects.filter(pk=learner_with_data.user_id).exists(), "the box was not ticked"
    page = learner_client.post("/my-data/erase", {"sure": "yes"})
    assert not User.objects.filter(pk=learner_with_data.user_id).exists()
    event = AuditEvent.objects.get(action="person.erased")
    assert event.subject == public_id
    assert event.details["by_themselves"] is True
    assert event.details["receipt"] in page.content.decode()
    assert learner_client.get("/my-data/").status_code == 302


def test_staff_cannot_erase_themselves(client: Client) -> None:
    staff = make_user(is_staff=True)
    client.force_login(staff)
    assert client.post("/my-data/erase", {"sure": "yes"}).status_code == 400
    assert User.objects.filter(pk=staff.pk).exists()


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_staff_can_export(
    client: Client, administrator: User, learner_with_data: Participant
) -> None:
    address = f"/admin/people/user/{learner_with_data.user_id}/export.json"
    assert json.loads(client.get(address).content)["person"]["first_name"] == "Ada"
    event = AuditEvent.objects.get(action="person.exported")
    assert (event.actor, event.subject) == (
        administrator.public_id,
        str(learner_with_data.user.public_id),
    )


def test_staff_erase_by_typing_the_name(
    client: Client, administrator: User, learner_with_data: Participant
) -> None:
    address = f"/admin/people/user/{learner_with_data.user_id}/erase/"
    assert "camera numbers of ten seconds: 1" in client.get(address).content.decode()
    assert b"not the user name" in client.post(address, {"username": "somebody"}).content
    assert User.objects.filter(pk=learner_with_data.user_id).exists()
    client.post(address, {"username": learner_with_data.user.username})
    assert not User.objects.filter(pk=learner_with_data.user_id).exists()
    event = AuditEvent.objects.get(action="person.erased")
    assert (event.actor, event.details["by_themselves"]) == (administrator.public_id, False)


def test_receipt_can_be_searched(
    client: Client, administrator: User, learner_with_data: Participant
) -> None:
    receipt = erase_person(user=learner_with_data.user).receipt
    found = client.get("/admin/audit/auditevent/", {"q": receipt}).content.decode()
    assert "person.erased" in found
    other = client.get("/admin/audit/auditevent/", {"q": "made-up"}).content.decode()
    assert "0 audit log entries" in other


def test_admin_has_no_other_deletion(
    client: Client, administrator: User, learner_with_data: Participant
) -> None:
    assert client.post(f"/admin/people/user/{learner_with_data.user_id}/delete/").status_code == 403
    assert "erase" in client.get("/admin/people/user/").content.decode()


def test_staff_without_permission_are_rejected(
    client: Client, learner_with_data: Participant
) -> None:
    client.force_login(make_user(is_staff=True))
    for end in ("export.json", "erase/"):
        assert (
            client.get(f"/admin/people/user/{learner_with_data.user_id}/{end}").status_code == 403
        )


def test_admin_log_entries_are_erased(
    client: Client, administrator: User, learner_with_data: Participant
) -> None:
    from django.contrib.admin.models import LogEntry

    name = learner_with_data.user.username
    client.post(
        f"/admin/people/user/{learner_with_data.user_id}/password/",
        {"password1": "correct horse battery", "password2": "correct horse battery"},
    )
    assert LogEntry.objects.filter(object_repr__contains=name).exists()
    client.post(f"/admin/people/user/{learner_with_data.user_id}/erase/", {"username": name})
    assert not LogEntry.objects.filter(object_repr__contains=name).exists()
