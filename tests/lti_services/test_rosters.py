"""Roster synchronisation: complete lists only, and nobody loses access by accident."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.models import Enrolment, Participant, Role
from fer_lms.lti.models import LtiContext, LtiUser
from fer_lms.lti.protocol.tool_keys import get_key_set
from fer_lms.lti.services import rosters
from fer_lms.lti.services.memberships import fetch_members
from fer_lms.lti.services.rosters import sync_due_rosters, sync_roster, try_sync_roster
from fer_lms.outbound import OutboundError
from tests.factories import NOON, make_user
from tests.lti.conftest import Visitor
from tests.lti.platform import CLIENT_ID, MEMBERSHIP
from tests.lti_services.services import Services, student, teacher


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def roster_at_once(platform: Any, url: str) -> Any:
        return real(platform, url, sleep=lambda _seconds: None)

    real = fetch_members
    monkeypatch.setattr("fer_lms.lti.services.rosters.fetch_members", roster_at_once)


def roles() -> dict[str, str]:
    """Return the role of every enrolled user by `sub`."""
    held = Enrolment.objects.filter(active=True).values_list("user__lti_identities__sub", "role")
    return {str(sub): role for sub, role in held}


ALL = {"teacher-1": "teacher", "student-1": "student", "student-2": "student"} | {
    "student-3": "student"
}


def test_all_pages_are_enrolled(services: Services, course: LtiContext) -> None:
    counts = sync_roster(context=course)
    assert roles() == ALL
    assert (counts.members, counts.new, counts.left) == (4, 3, 0)
    assert [page.get("from") for page in services.pages_asked] == [None, "2"]
    assert services.pages_asked[0]["limit"] == "200"


def test_members_are_stored_without_names_before_launch(
    services: Services, course: LtiContext
) -> None:
    sync_roster(context=course)
    person = LtiUser.objects.get(sub="student-1").user
    assert (person.first_name, person.last_name, person.email) == ("", "", "")
    assert not person.has_usable_password()
    came = LtiUser.objects.get(sub="teacher-1").user
    assert came.last_name == "Family0"  # as the platform says now


def test_token_request(services: Services, course: LtiContext) -> None:
    sync_roster(context=course)
    (token_request,) = services.token_requests
    assert token_request["grant_type"] == "client_credentials"
    assert token_request["scope"] == (
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
    )
    assertion = token_request["client_assertion"]
    kid = jwt.get_unverified_header(assertion)["kid"]
    (key,) = [jwk for jwk in get_key_set()["keys"] if jwk["kid"] == kid]
    claims = jwt.decode(
        assertion,
        jwt.PyJWK(key).key,
        algorithms=["RS256"],
        audience=f"{services.lms.url}/token",
        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
    )
    assert claims["iss"] == claims["sub"] == CLIENT_ID


def test_unlisted_member_loses_access(
    services: Services, course: LtiContext, visitor: Visitor
) -> None:
    came = visitor.launch(visitor.lms.resource_link(**services.claim))
    assert visitor.client.get(came["Location"]).status_code == 200
    sync_roster(context=course)
    services.members.remove(student(1))
    LtiUser.objects.update(launched_at=timezone.now() - timedelta(hours=1))
    assert sync_roster(context=course).left == 1
    assert "student-1" not in roles()
    assert visitor.client.get(came["Location"]).status_code == 404
    assert AuditEvent.objects.filter(action="lti.role_changed").exists()


@pytest.mark.parametrize("status", ["Inactive", "Deleted"])
def test_inactive_member_loses_access(services: Services, course: LtiContext, status: str) -> None:
    sync_roster(context=course)
    services.members[1] = student(1, status=status)
    sync_roster(context=course)
    assert "student-1" not in roles()


def test_returning_member_regains_access(services: Services, course: LtiContext) -> None:
    sync_roster(context=course)
    gone = services.members.pop()
    sync_roster(context=course)
    services.members.append(gone)
    sync_roster(context=course)
    assert roles() == ALL
    assert LtiUser.objects.count() == 4


def test_launch_during_sync_keeps_access(
    services: Services, course: LtiContext, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fetch_members

    def list_then_somebody_comes(platform: Any, url: str) -> Any:
        members = real(platform, url)
        visitor.launch(visitor.lms.resource_link(sub="late-comer", **services.claim))
        return members

    monkeypatch.setattr("fer_lms.lti.services.rosters.fetch_members", list_then_somebody_comes)
    sync_roster(context=course)
    assert roles()["late-comer"] == "student"


def test_launched_teacher_is_not_downgraded(services: Services, course: LtiContext) -> None:
    """Moodle lists non-editing teachers as learners."""
    services.members = [teacher(roles=["Learner"]), student(1), teacher(user_id="t-2")]
    sync_roster(context=course)
    services.members[2]["roles"] = ["Learner"]
    sync_roster(context=course)
    assert roles() == {"teacher-1": "teacher", "student-1": "student", "t-2": "student"}


PERSON = "http://purl.imsglobal.org/vocab/lis/v2/{}/person#{}"
AS_MOODLE_SENDS = [
    MEMBERSHIP + "Instructor",
    PERSON.format("institution", "Administrator"),
    PERSON.format("system", "Administrator"),
]


def test_unlisted_administrator_keeps_access_during_session(
    services: Services, course: LtiContext, visitor: Visitor
) -> None:
    visitor.launch(visitor.lms.resource_link(sub="2", roles=AS_MOODLE_SENDS, **services.claim))
    sync_roster(context=course)
    assert roles() == ALL | {"2": "teacher"}
    assert len(visitor.client.get("/api/v1/lessons/").json()) == 1
    half_a_day = timezone.now() - timedelta(hours=12, seconds=1)
    LtiUser.objects.filter(sub="2").update(administrator_at=half_a_day, launched_at=half_a_day)
    assert sync_roster(context=course).left == 1
    assert roles() == ALL


@pytest.mark.parametrize(
    "now_as",
    [
        [MEMBERSHIP + "Instructor"],
        AS_MOODLE_SENDS[1:],
        [MEMBERSHIP + "Learner", *AS_MOODLE_SENDS[1:]],
    ],
)
def test_exemption_follows_latest_launch(
    services: Services, course: LtiContext, visitor: Visitor, now_as: list[str]
) -> None:
    for sent in (AS_MOODLE_SENDS, now_as):
        visitor.launch(visitor.lms.resource_link(sub="2", roles=sent, **services.claim))
    sync_roster(context=course)
    assert roles() == ALL


def test_exemption_needs_teacher_role(
    services: Services, course: LtiContext, visitor: Visitor
) -> None:
    services.members.append(student(1, user_id="2"))
    sync_roster(context=course)
    elsewhere = {"context": {"id": "4", "title": "Another"}, "resource_link": {"id": "12"}}
    visitor.launch(visitor.lms.resource_link(sub="2", roles=AS_MOODLE_SENDS, **elsewhere))
    services.members.pop()
    assert sync_roster(context=course).left == 1


def test_other_roles_are_ignored(services: Services, course: LtiContext) -> None:
    institution = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"
    services.members = [teacher(), student(1, roles=[institution]), student(2, roles=[])]
    sync_roster(context=course)
    assert roles() == {"teacher-1": "teacher"}


def test_users_of_other_sources_stay_enrolled(services: Services, course: LtiContext) -> None:
    Enrolment.objects.create(course=course.course, user=make_user(), role=Role.TEACHER)
    sync_roster(context=course)
    assert roles()["None"] == "teacher"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"members": []}, "empty_roster"),
        ({"members": [{"roles": ["Learner"]}]}, "member_without_id"),
        ({"members": [{"user_id": "\ud800", "roles": []}]}, "member_without_id"),
        ({"members": [{"user_id": "a\0", "roles": []}]}, "member_without_id"),
        ({"members": ["student-1"]}, "member_is_no_object"),
        ({"members": [student(1, roles={"role": "Learner"})]}, "member_without_roles"),
        ({"members": [student(1, user_id=True)]}, "member_without_id"),
        ({"failures": [403]}, "status"),
        ({"failures": [503, 503, 503]}, "status"),
        ({"next_link": "https://elsewhere.example/members"}, "foreign_next_page"),
    ],
)
def test_incomplete_list_changes_nothing(
    services: Services, course: LtiContext, change: dict[str, Any], reason: str
) -> None:
    sync_roster(context=course)
    for name, value in change.items():
        setattr(services, name, value)
    with pytest.raises(OutboundError) as caught:
        sync_roster(context=course)
    assert caught.value.reason == reason
    assert roles() == ALL


def test_page_loops_end(services: Services, course: LtiContext) -> None:
    services.next_link = f"{services.memberships_url}?limit=200"
    with pytest.raises(OutboundError) as caught:
        sync_roster(context=course)
    assert caught.value.reason == "pages_without_end"


def test_busy_platform_is_retried(services: Services, course: LtiContext) -> None:
    services.failures = [503, 429]
    sync_roster(context=course)
    assert roles() == ALL


def test_failure_backs_off(services: Services, course: LtiContext) -> None:
    now = timezone.now()
    waits = []
    for _ in range(3):
        services.failures = [403]
        assert try_sync_roster(context=course, now=now) is None
        course.refresh_from_db()
        assert course.roster_due_at is not None
        waits.append(course.roster_due_at - now)
    assert waits == [timedelta(minutes=m) for m in (10, 20, 40)]
    assert (course.roster_error, course.roster_failures) == ("status", 3)
    assert try_sync_roster(context=course, now=now) is not None
    course.refresh_from_db()
    assert (course.roster_error, course.roster_failures) == ("", 0)


def test_concurrent_first_launch_is_retried(
    services: Services, course: LtiContext, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def comes_in_between(platform: Any, members: Any) -> Any:
        found = real(platform, members)
        if "student-1" not in found:
            LtiUser.objects.create(platform=platform, sub="student-1", user=make_user())
        return found

    real = rosters._get_identities
    monkeypatch.setattr(rosters, "_get_identities", comes_in_between)
    assert try_sync_roster(context=course) is None
    course.refresh_from_db()
    assert course.roster_error == "changed_meanwhile"
    monkeypatch.undo()
    assert try_sync_roster(context=course) is not None
    assert roles() == ALL


def test_due_roster_is_claimed_once(services: Services, course: LtiContext) -> None:
    assert sync_due_rosters() == 1  # a new address is due at once
    assert sync_due_rosters() == 0
    assert sync_due_rosters(now=timezone.now() + timedelta(hours=5)) == 1


@pytest.mark.parametrize("what", ["platform", "deployment"])
def test_inactive_source_is_not_synchronised(course: LtiContext, what: str) -> None:
    target = course.deployment.platform if what == "platform" else course.deployment
    target.active = False
    target.save()
    assert sync_due_rosters() == 0


def test_query_count_is_constant(
    services: Services, course: LtiContext, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    services.page_size = 500
    services.members += [student(n) for n in range(10, 400)]
    with django_assert_max_num_queries(40):
        sync_roster(context=course)
    assert Enrolment.objects.count() == 394


def test_teacher_requests_sync(services: Services, course: LtiContext, visitor: Visitor) -> None:
    sync_due_rosters()
    page = visitor.client.get("/lti/roster").content.decode()
    assert "3 students, 1 teacher" in page
    assert "You can update again in a minute" in page
    LtiContext.objects.update(roster_synced_at=timezone.now() - timedelta(hours=1))
    assert "Update now" in visitor.client.get("/lti/roster").content.decode()
    assert visitor.client.post("/lti/roster").status_code == 302
    assert "update is running" in visitor.client.get("/lti/roster").content.decode()
    assert sync_due_rosters() == 1


def test_students_cannot_see_roster_page(
    services: Services, course: LtiContext, visitor: Visitor
) -> None:
    visitor.launch(visitor.lms.resource_link(**services.claim))
    assert Participant.objects.exists()
    assert visitor.client.get("/lti/roster").status_code == 404
    visitor.client.logout()
    assert visitor.client.get("/lti/roster").status_code == 404


def test_sync_command(
    services: Services, course: LtiContext, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = course.deployment.platform_id
    call_command("lti_platform", "sync", str(platform))
    assert "members=4" in capsys.readouterr().out
    services.failures = [403]
    with pytest.raises(CommandError, match="could not be synchronised"):
        call_command("lti_platform", "sync", str(platform))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"memberships_url": ""}, "does not provide the list"),
        ({}, "for the first time"),
        ({"roster_error": "status"}, "could not be fetched"),
        ({"roster_synced_at": NOON}, "Updated from your learning platform"),
        ({"roster_synced_at": NOON, "roster_error": "status"}, "could not be updated since"),
    ],
)
def test_page_shows_one_state(
    course: LtiContext, visitor: Visitor, fields: dict[str, Any], sentence: str
) -> None:
    LtiContext.objects.update(**fields)
    page = visitor.client.get("/lti/roster").content.decode()
    sentences = (
        *("does not provide the list", "for the first time", "could not be fetched"),
        *("Updated from your learning platform", "could not be updated since"),
    )
    assert [known for known in sentences if known in page] == [sentence]
