"""Valid launches and what they change."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.lessons.actions import end_session, start_session
from fer_lms.lessons.models import Course, Enrolment, Lesson, LessonSession, Participant, Role
from fer_lms.lti.models import Deployment, LtiResourceLink, LtiUser, Platform
from fer_lms.people.models import User
from tests.lti.conftest import Visitor, get_error_code, register
from tests.lti.platform import LTI, MEMBERSHIP, REMOVED, LmsPlatform

INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"


def get_role(sub: str = "student-1") -> str | None:
    enrolment = Enrolment.objects.filter(user__lti_identities__sub=sub, active=True).first()
    return enrolment.role if enrolment else None


def test_student_launch_opens_lesson(visitor: Visitor) -> None:
    response = visitor.launch()
    assert response.status_code == 302
    page = visitor.client.get(response["Location"])
    assert page.status_code == 200
    assert "Adding fractions" in page.content.decode()
    assert Course.objects.get().title == "Mathematics 5b"
    assert not Lesson.objects.get().steps.exists()
    person = LtiUser.objects.get().user
    assert (person.first_name, person.last_name, person.email) == ("Ada", "Example", "")
    assert not person.has_usable_password()
    assert Participant.objects.get().role == Role.STUDENT


def test_second_launch_creates_nothing(visitor: Visitor) -> None:
    first, second = visitor.launch(), visitor.launch()
    assert first["Location"] == second["Location"]
    for model in (User, LtiUser, Course, Lesson, LtiResourceLink, Participant, LessonSession):
        assert model._default_manager.count() == 1, model


def test_teacher_launch_opens_editor_of_new_lesson(visitor: Visitor) -> None:
    response = visitor.launch(visitor.lms.teacher_link())
    assert response["Location"] == f"/lessons/{Lesson.objects.get().pk}/edit/"
    assert visitor.client.get(response["Location"]).status_code == 200
    listed = visitor.client.get("/api/v1/lessons/").json()
    assert "Adding fractions" in str(listed)
    assert not Participant.objects.exists()


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([MEMBERSHIP + "Learner"], Role.STUDENT),
        (["Learner"], Role.STUDENT),
        ([MEMBERSHIP + "Instructor"], Role.TEACHER),
        (["Instructor"], Role.TEACHER),
        ([INSTITUTION + "Instructor", MEMBERSHIP + "Learner"], Role.STUDENT),
        ([INSTITUTION + "Student", MEMBERSHIP + "Instructor"], Role.TEACHER),
        ([INSTITUTION + "Instructor"], None),
        ([INSTITUTION + "Administrator"], None),
        (["http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin"], None),
        ([MEMBERSHIP + "Mentor"], None),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"], None),
        (["http://example.org/role#Instructor"], None),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#None"], None),
        ([MEMBERSHIP.lower() + "instructor"], None),
        ([], None),
    ],
)
def test_only_context_roles_grant_access(
    visitor: Visitor, roles: list[str], role: Role | None
) -> None:
    response = visitor.launch(visitor.lms.resource_link(roles=roles))
    assert response.status_code == 302
    assert get_role() == role
    assert visitor.client.get(response["Location"]).status_code == 200
    if role is None:
        assert response["Location"] == "/lti/no-role"
        assert not Participant.objects.exists()


def test_teacher_becomes_student(visitor: Visitor) -> None:
    visitor.launch(visitor.lms.teacher_link(sub="x"))
    place = Participant.objects.create(
        session=LessonSession.objects.create(
            lesson=Lesson.objects.get(), engagement_preset="transparent"
        ),
        user=LtiUser.objects.get().user,
        role=Role.TEACHER,
    )
    visitor.launch(visitor.lms.resource_link(sub="x"))
    place.refresh_from_db()
    assert get_role("x") == Role.STUDENT
    assert place.role == Role.STUDENT
    assert visitor.client.get("/api/v1/lessons/").json() == []


def test_student_without_role_loses_access(visitor: Visitor) -> None:
    lesson = visitor.launch()["Location"]
    visitor.launch(visitor.lms.resource_link(roles=[]))
    assert get_role() is None
    assert visitor.client.get(lesson).status_code == 404


def test_test_user_is_marked_and_never_teacher(visitor: Visitor) -> None:
    test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    roles = [MEMBERSHIP + "Learner", MEMBERSHIP + "Instructor", test_user]
    visitor.launch(visitor.lms.resource_link(roles=roles))
    assert LtiUser.objects.get().test_user
    assert User.objects.get().is_placeholder
    assert get_role() == Role.STUDENT


def test_names_and_titles_are_updated(visitor: Visitor) -> None:
    visitor.launch()
    visitor.launch(
        visitor.lms.resource_link(
            given_name="Grace", context={"id": "3", "title": "Mathematics 6b"}
        )
    )
    visitor.launch(visitor.lms.resource_link(given_name=REMOVED, family_name=REMOVED))
    assert User.objects.get().first_name == "Grace"
    assert Course.objects.get().title == "Mathematics 5b"


def test_same_sub_on_two_platforms_is_two_users(visitor: Visitor) -> None:
    with LmsPlatform(name="other") as other:
        other.tool = visitor.lms.tool
        register(other)
        visitor.launch()
        Visitor(other).launch()
    assert User.objects.count() == Course.objects.count() == 2


def test_same_context_id_in_two_deployments_is_two_courses(
    visitor: Visitor, platform: Platform
) -> None:
    Deployment.objects.create(platform=platform, deployment_id="8")
    visitor.launch()
    visitor.launch(visitor.lms.resource_link(deployment_id="8"))
    assert Course.objects.count() == 2
    assert User.objects.count() == 1


def test_link_without_context_gets_own_course(visitor: Visitor) -> None:
    for link in ("11", "11", "12"):
        claims = visitor.lms.resource_link(context=REMOVED, resource_link={"id": link})
        assert visitor.launch(claims).status_code == 302
    assert Course.objects.count() == 2


def test_custom_lesson_must_be_of_same_course(visitor: Visitor) -> None:
    visitor.launch()
    chosen = Lesson.objects.create(course=Course.objects.get(), title="Chosen")
    foreign = Lesson.objects.create(course=Course.objects.create(title="Other"), title="Foreign")
    custom = "https://purl.imsglobal.org/spec/lti/claim/custom"
    visitor.launch(visitor.lms.resource_link(**{custom: {"lesson": str(chosen.pk)}}))
    assert LtiResourceLink.objects.get().lesson == chosen
    for wrong in (str(foreign.pk), "0", "x", "9" * 30, "\u0661", ""):
        visitor.launch(visitor.lms.resource_link(**{custom: {"lesson": wrong}}))
        assert LtiResourceLink.objects.get().lesson == chosen


def test_session_stays_open_for_days(visitor: Visitor) -> None:
    first = visitor.launch()["Location"]
    LessonSession.objects.update(started_at=timezone.now() - timedelta(days=6))
    assert visitor.launch()["Location"] == first
    assert LessonSession.objects.count() == 1


def test_launch_into_closed_session_starts_no_other(visitor: Visitor, lms: LmsPlatform) -> None:
    visitor.launch()
    session = end_session(session=LessonSession.objects.get())
    newcomer = Visitor(lms)
    closed = newcomer.launch(lms.resource_link(sub="newcomer"))["Location"]
    assert closed == f"/sessions/{session.pk}/closed/"
    page = newcomer.client.get(closed).content.decode()
    assert "This lesson is closed" in page
    assert session.participants.count() == 1
    assert visitor.launch()["Location"] == f"/sessions/{session.pk}/"
    assert LessonSession.objects.count() == 1


def test_launch_leads_to_session_that_teacher_started_anew(visitor: Visitor) -> None:
    visitor.launch()
    session = end_session(session=LessonSession.objects.get())
    fresh = start_session(lesson=session.lesson)
    assert visitor.launch()["Location"] == f"/sessions/{fresh.pk}/"


def test_memberships_url_is_stored_if_allowed(visitor: Visitor) -> None:
    claim = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
    for url in (f"{visitor.lms.url}/nrps", "http://169.254.169.254/", "file:///etc/passwd"):
        service = {"context_memberships_url": url, "service_versions": ["2.0"]}
        visitor.launch(visitor.lms.resource_link(**{claim: service}))
        context = Course.objects.get().lti_context
        if url.startswith("file"):
            assert context.memberships_url != url
    assert context.roster_due_at is not None


def test_inactive_account_is_refused(visitor: Visitor) -> None:
    visitor.launch()
    User.objects.update(is_active=False)
    assert get_error_code(visitor.launch()) == "LTI-10"


def test_session_key_changes_at_launch(visitor: Visitor) -> None:
    visitor.launch()
    before = visitor.client.cookies["sessionid"].value
    visitor.launch()
    assert visitor.client.cookies["sessionid"].value != before
    old = Client()
    old.cookies["sessionid"] = before
    assert old.get("/api/v1/lessons/").status_code == 403


@pytest.mark.parametrize("name", ["sessionid", "csrftoken"])
def test_launch_cookies_are_partitioned(visitor: Visitor, name: str) -> None:
    page = visitor.launch()
    lesson = visitor.client.get(page["Location"])
    cookie = (page.cookies.get(name) or lesson.cookies[name]).OutputString()
    for word in ("SameSite=None", "Secure", "Partitioned"):
        assert word in cookie


def test_other_sessions_have_default_cookies(client: Client, db: None) -> None:
    user = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    user.set_password("pass")
    user.save()
    entered = client.post("/admin/login/", {"username": "admin", "password": "pass"})
    for name in ("sessionid", "csrftoken"):
        cookie = entered.cookies[name].OutputString()
        assert "SameSite=Lax" in cookie
        assert "Partitioned" not in cookie


def test_frame_ancestors_name_the_platform(visitor: Visitor, client: Client) -> None:
    lesson = visitor.client.get(visitor.launch()["Location"])
    assert f"frame-ancestors {visitor.lms.url};" in lesson["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in lesson
    assert "camera=(self)" in lesson["Permissions-Policy"]
    for path in ("/admin/login/", "/privacy/"):
        page = client.get(path)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"
    admin = visitor.client.get("/admin/login/")
    assert "frame-ancestors 'none'" in admin["Content-Security-Policy"]


def test_inactive_platform_cannot_frame(visitor: Visitor, platform: Platform) -> None:
    lesson = visitor.launch()["Location"]
    platform.active = False
    platform.save()
    assert visitor.client.get(lesson).status_code == 403  # says so in the frame, and nothing else
    page = visitor.client.get("/privacy/")
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert get_error_code(visitor.client.post("/lti/login", visitor.lms.initiation())) == "LTI-02"


def test_header_origins_are_safe(platform: Platform) -> None:
    platform.issuer = "https://a.example; script-src *"
    platform.auth_login_url = "https://user@b.example/auth"
    platform.page_origins = ["https://C.example:8443/path", "javascript:x", "https://d.example,e"]
    assert platform.frame_ancestors == ["https://c.example:8443"]


def test_data_privacy_launch_opens_own_data(visitor: Visitor) -> None:
    left_out = dict.fromkeys(("resource_link", "context", "roles", "target_link_uri"), REMOVED)
    privacy = visitor.lms.resource_link(message_type="DataPrivacyLaunchRequest", **left_out)
    for claims in (privacy, visitor.lms.resource_link(), privacy):  # before a lesson, and after
        entered = visitor.launch(claims)
    assert entered["Location"] == "/my-data/"
    page = visitor.client.get("/my-data/")
    assert page.status_code == 200
    assert "Ada" in page.content.decode()
    own = privacy | {LTI + "for_user": {"user_id": "student-1"}}
    assert visitor.launch(own)["Location"] == "/my-data/"


def test_data_privacy_launch_for_another_user_is_refused(visitor: Visitor) -> None:
    visitor.launch()
    claims: dict[str, Any] = visitor.lms.resource_link(
        message_type="DataPrivacyLaunchRequest", sub="admin"
    )
    claims["https://purl.imsglobal.org/spec/lti/claim/for_user"] = {"user_id": "student-1"}
    assert get_error_code(visitor.launch(claims)) == "LTI-13"
