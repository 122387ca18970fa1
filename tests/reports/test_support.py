"""Access of support persons: the learner's own report if shared, else one answer."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from fer_lms.audit.models import AuditEvent
from fer_lms.consent.actions import change_grants, grant_consent, withdraw_consent
from fer_lms.consent.guardian_actions import (
    GuardianConsentStateError,
    answer_by_link,
    enter_paper_consent,
    enter_supporters_consent,
    withdraw_by_guardian,
)
from fer_lms.consent.models import GRANTS, Consent, ConsentText, GuardianConsent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.models import Participant, Role, Supporter
from fer_lms.lessons.support_actions import end_support
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import save_correction
from fer_lms.rights.actions import erase_person
from tests.factories import (
    grant_all,
    make_learner,
    make_session,
    make_supporter,
    make_teacher,
    make_user,
    make_window,
)
from tests.policy.drafts import make_administrator, sign_complete

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(policy: DeploymentPolicy, learner: Participant) -> Supporter:
    """A supporter of a learner who consented and has one window."""
    link = make_supporter(learner)
    grant_all(learner)
    make_window(learner)
    return link


def request_supported(link: Supporter, path: str = "", user: User | None = None) -> Any:
    client = Client()
    client.force_login(user or link.supporter)
    return client.get(f"/api/v1/support/{link.pk}/{path}")


def report(link: Supporter, learner: Participant) -> Any:
    return request_supported(link, f"sessions/{learner.session_id}/report")


def shares(link: Supporter, learner: Participant) -> bool:
    """Assert that list and detail show nothing."""
    listed, response = request_supported(link).json()["sessions"], report(link, learner)
    assert (response.status_code == 200) == bool(listed)
    if response.status_code != 200:
        assert response.status_code == 404
        assert response.json() == {"detail": "Nothing is shared with you.", "reason": "not_found"}
    return bool(listed)


def page_of(link: Supporter) -> str:
    """Return the page content without the policy banner."""
    client = Client()
    client.force_login(link.supporter)
    answer = client.get(f"/support/{link.pk}/")
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1].split("</main>")[0]


def test_supporter_reads_same_report_as_learner(link: Supporter, learner: Participant) -> None:
    save_correction(window=learner.windows.get(), value="thinking", text="I was not frustrated")
    client = Client()
    client.force_login(learner.user)
    own = client.get(f"/api/v1/sessions/{learner.session_id}/my-report").json()
    seen = report(link, learner).json()
    assert {name: seen[name] for name in own} == own
    assert own["windows"][0]["correction"]["text"] == "I was not frustrated"
    assert seen["lesson"] == "Fractions"


def test_read_access_is_audited(link: Supporter, learner: Participant) -> None:
    request_supported(link)
    report(link, learner)
    row = AuditEvent.objects.get(action="support.viewed")
    assert (row.actor, row.subject) == (link.supporter.public_id, str(learner.user.public_id))
    assert row.details == {"session": str(learner.session_id)}


def test_supporter_can_only_read(link: Supporter, learner: Participant) -> None:
    client = Client()
    client.force_login(link.supporter)
    path = f"/api/v1/support/{link.pk}/sessions/{learner.session_id}/report"
    assert {client.post(path).status_code, client.delete(path).status_code} == {405}
    assert client.get(f"/api/v1/sessions/{learner.session_id}/my-report").status_code == 404


def change(**grants: bool) -> Callable[[Participant], object]:
    return lambda learner: change_grants(participant=learner, changes=grants)


def refuse_support(learner: Participant) -> None:
    grants = {grant: grant != "support_view" for grant in GRANTS}
    grant_consent(participant=learner, text_version=get_current_text_version(), grants=grants)


def never_asked(learner: Participant) -> None:
    Consent.objects.filter(participant=learner).delete()


def nothing_read(learner: Participant) -> None:
    learner.windows.all().delete()


def text_changed(_learner: Participant) -> None:
    ConsentText.objects.create(version="2099-1", locale="en", form="easy", body={"points": []})


def policy_over(_learner: Participant) -> None:
    now = timezone.now()
    DeploymentPolicy.objects.update(
        valid_from=now - timedelta(days=2), valid_until=now - timedelta(days=1)
    )


@pytest.mark.parametrize(
    "happens",
    [
        refuse_support,
        never_asked,
        nothing_read,
        text_changed,
        policy_over,
        lambda learner: withdraw_consent(participant=learner),
        change(support_view=False),
    ],
    ids=["refused", "never requested", "nothing read", "text", "policy", "withdrawn", "this one"],
)
def test_unshared_gives_same_answer_for_every_reason(
    link: Supporter, learner: Participant, happens: Callable[[Participant], object]
) -> None:
    assert shares(link, learner)
    before = page_of(link)
    happens(learner)
    assert not shares(link, learner)
    assert request_supported(link).json() == {
        "id": str(link.pk),
        "learner": learner.user.username,
        "course": link.course.title,
        "sessions": [],
        "sittings": [],
    }
    assert page_of(link) == before


def test_unknown_session_gives_same_answer(link: Supporter, learner: Participant) -> None:
    elsewhere = make_learner(make_session())
    for session_id in (uuid.uuid4(), elsewhere.session_id):
        answer = request_supported(link, f"sessions/{session_id}/report")
        assert answer.json() == {"detail": "Nothing is shared with you.", "reason": "not_found"}


def test_own_view_consent_is_not_required(link: Supporter, learner: Participant) -> None:
    change(own_view=False)(learner)
    assert shares(link, learner)


def test_ended_link_gives_no_access(link: Supporter, learner: Participant) -> None:
    end_support(link=link, actor=None)
    assert (request_supported(link).status_code, report(link, learner).status_code) == (404, 404)


@pytest.mark.parametrize("is_other_learner", [True, False])
def test_other_participations_in_the_course_are_not_shared(
    link: Supporter, learner: Participant, is_other_learner: bool
) -> None:
    """Of another learner who shares with their supporter, or of the same person as a teacher."""
    other = make_learner(make_session(lesson=learner.session.lesson))
    grant_all(other)
    make_window(other)
    if not is_other_learner:
        other.user, other.role = learner.user, Role.TEACHER
        other.save()
    listed = request_supported(link).json()["sessions"]
    assert [item["session_id"] for item in listed] == [str(learner.session_id)]
    assert report(link, other).status_code == 404


def test_other_course_is_not_shared(link: Supporter, learner: Participant) -> None:
    elsewhere = Participant.objects.create(
        session=make_session(), user=learner.user, role="student"
    )
    grant_all(elsewhere)
    make_window(elsewhere)
    assert report(link, elsewhere).status_code == 404
    assert [session["session_id"] for session in request_supported(link).json()["sessions"]] == [
        str(learner.session_id)
    ]


def test_consent_does_not_cover_later_supporters(link: Supporter, learner: Participant) -> None:
    later = make_supporter(learner)
    assert (shares(link, learner), shares(later, learner)) == (True, False)
    version = get_current_text_version()
    change_grants(participant=learner, changes={"support_view": True}, text_version=version)
    assert shares(later, learner)


def test_link_works_for_its_supporter_only(link: Supporter, learner: Participant) -> None:
    teacher = make_teacher(learner.session).user
    for stranger in (learner.user, teacher, make_user(), make_supporter(learner).supporter):
        path = f"sessions/{learner.session_id}/report"
        assert request_supported(link, path, user=stranger).status_code == 404
        assert request_supported(link, user=stranger).status_code == 404


def test_erased_learner_shares_nothing(link: Supporter, learner: Participant) -> None:
    erase_person(user=learner.user)
    assert request_supported(link).status_code == 404
    assert not Supporter.objects.exists()


def test_guardian_consent_is_required(learner: Participant) -> None:
    sign_complete("uk", on_device_only=False)
    link = make_supporter(learner)
    grant_all(learner)
    make_window(learner)
    assert not shares(link, learner)
    question = GuardianConsent.objects.get()
    given = ["capture", "server_processing", "support_view"]
    question = answer_by_link(guardian_consent=question, given=given, signed_name="B. Parent")
    assert shares(link, learner)
    withdraw_by_guardian(guardian_consent=question)
    assert not shares(link, learner)


def test_guardian_consent_does_not_cover_later_supporters(learner: Participant) -> None:
    sign_complete("uk", on_device_only=False)
    grant_all(learner)
    make_window(learner)
    given = ["capture", "server_processing", "support_view"]
    question = GuardianConsent.objects.get()
    question = answer_by_link(guardian_consent=question, given=given, signed_name="B. Parent")
    link = make_supporter(learner)
    version = get_current_text_version()
    change_grants(participant=learner, changes={"support_view": True}, text_version=version)
    assert not shares(link, learner)
    with pytest.raises(PermissionDenied):
        enter_supporters_consent(guardian_consent=question, actor=make_user(), reference="F 13")
    enter_supporters_consent(
        guardian_consent=question, actor=make_administrator(), reference="F 13"
    )
    assert shares(link, learner)
    assert AuditEvent.objects.filter(action="guardian.supporters_agreed").count() == 1
    withdraw_by_guardian(guardian_consent=question)
    with pytest.raises(GuardianConsentStateError):
        enter_supporters_consent(
            guardian_consent=question, actor=make_administrator(), reference="F 14"
        )


def test_guardian_is_not_asked_above_age(learner: Participant) -> None:
    sign_complete("uk", on_device_only=False)
    grant_all(learner)
    make_window(learner)
    question, administrator = GuardianConsent.objects.get(), make_administrator()
    enter_paper_consent(
        guardian_consent=question, actor=administrator, given=[], reference="ID seen", of_age=True
    )
    link = make_supporter(learner)
    assert not shares(link, learner)
    version = get_current_text_version()
    change_grants(participant=learner, changes={"support_view": True}, text_version=version)
    assert shares(link, learner)


def test_guardian_consent_to_camera_does_not_share(learner: Participant) -> None:
    sign_complete("uk", on_device_only=False)
    link = make_supporter(learner)
    grant_all(learner)
    make_window(learner)
    question = GuardianConsent.objects.get()
    answer_by_link(guardian_consent=question, given=["capture"], signed_name="B. Parent")
    version = get_current_text_version()
    change_grants(participant=learner, changes={"support_view": True}, text_version=version)
    assert not shares(link, learner)


def test_support_pages(link: Supporter, client: Client, learner: Participant) -> None:
    assert client.get("/support/").headers["Location"] == "/"
    client.force_login(link.supporter)
    assert client.get("/").headers["Location"] == "/support/"
    assert learner.user.username in client.get("/support/").content.decode()
    client.force_login(make_user())
    assert "You do not support any student" in client.get("/support/").content.decode()
    assert client.get(f"/support/{link.pk}/").status_code == 404
