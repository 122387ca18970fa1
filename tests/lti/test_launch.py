"""Launches that hold, and what they change."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.lessons.models import Course, Enrolment, Lesson, LessonSession, Participant, Role
from fer_lms.lti.models import Deployment, LtiResourceLink, LtiUser, Platform
from fer_lms.people.models import User
from tests.lti.conftest import Visitor, code_of, register
from tests.lti.platform import LTI, MEMBERSHIP, REMOVED, LmsPlatform

INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"


def role_of(sub: str = "student-1") -> str | None:
    enrolment = Enrolment.objects.filter(user__lti_identities__sub=sub, active=True).first()
    return enrolment.role if enrolment else None


def test_a_student_reaches_the_lesson(visitor: Visitor) -> None:
    response = visitor.launch()
    assert response.status_code == 302
    page = visitor.client.get(response["Location"])
    assert page.status_code == 200
    assert "Adding fractions" in page.content.decode()
    assert Course.objects.get().title == "Mathematics 5b"
    assert "not written this lesson yet" in Lesson.objects.get().steps.get().body
    person = LtiUser.objects.get().user
    assert (person.first_name, person.last_name, person.email) == ("Ada", "Example", "")
    assert not person.has_usable_password()
    assert Participant.objects.get().role == Role.STUDENT


def test_coming_again_makes_nothing_twice(visitor: Visitor) -> None:
    first, second = visitor.launch(), visitor.launch()
    assert first["Location"] == second["Location"]
    for model in (User, LtiUser, Course, Lesson, LtiResourceLink, Participant, LessonSession):
        assert model._default_manager.count() == 1, model


def test_a_teacher_reaches_the_lessons(visitor: Visitor) -> None:
    response = visitor.launch(visitor.lms.teacher_link())
    assert response["Location"].startswith("/lessons/#lesson-")
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
def test_rights_come_from_roles_in_the_course_alone(
    visitor: Visitor, roles: list[str], role: Role | None
) -> None:
    response = visitor.launch(visitor.lms.resource_link(roles=roles))
    assert response.status_code == 302
    assert role_of() == role
    assert visitor.client.get(response["Location"]).status_code == 200
    if role is None:
        assert response["Location"] == "/lti/no-role"
        assert not Participant.objects.exists()


def test_a_teacher_who_is_a_learner_now_teaches_no_longer(visitor: Visitor) -> None:
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
    assert role_of("x") == Role.STUDENT
    assert place.role == Role.STUDENT
    assert visitor.client.get("/api/v1/lessons/").json() == []


def test_a_student_without_a_role_now_loses_access(visitor: Visitor) -> None:
    lesson = visitor.launch()["Location"]
    visitor.launch(visitor.lms.resource_link(roles=[]))
    assert role_of() is None
    assert visitor.client.get(lesson).status_code == 404


def test_a_test_user_is_marked_and_never_teaches(visitor: Visitor) -> None:
    test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    roles = [MEMBERSHIP + "Learner", MEMBERSHIP + "Instructor", test_user]
    visitor.launch(visitor.lms.resource_link(roles=roles))
    assert LtiUser.objects.get().test_user
    assert User.objects.get().is_placeholder
    assert role_of() == Role.STUDENT


def test_names_and_titles_follow_the_platform(visitor: Visitor) -> None:
    visitor.launch()
    visitor.launch(
        visitor.lms.resource_link(
            given_name="Grace", context={"id": "3", "title": "Mathematics 6b"}
        )
    )
    visitor.launch(visitor.lms.resource_link(given_name=REMOVED, family_name=REMOVED))
    assert User.objects.get().first_name == "Grace"
    assert Course.objects.get().title == "Mathematics 5b"


def test_one_person_on_two_platforms_is_two(visitor: Visitor) -> None:
    with LmsPlatform(name="other") as other:
        other.tool = visitor.lms.tool
        register(other)
        visitor.launch()
        Visitor(other).launch()
    assert User.objects.count() == Course.objects.count() == 2


def test_the_same_course_id_in_another_deployment_is_another_course(
    visitor: Visitor, platform: Platform
) -> None:
    Deployment.objects.create(platform=platform, deployment_id="8")
    visitor.launch()
    visitor.launch(visitor.lms.resource_link(deployment_id="8"))
    assert Course.objects.count() == 2
    assert User.objects.count() == 1


def test_a_link_outside_every_course_has_one_of_its_own(visitor: Visitor) -> None:
    for link in ("11", "11", "12"):
        claims = visitor.lms.resource_link(context=REMOVED, resource_link={"id": link})
        assert visitor.launch(claims).status_code == 302
    assert Course.objects.count() == 2


def test_a_link_names_a_lesson_of_its_own_course_only(visitor: Visitor) -> None:
    visitor.launch()
    chosen = Lesson.objects.create(course=Course.objects.get(), title="Chosen")
    foreign = Lesson.objects.create(course=Course.objects.create(title="Other"), title="Foreign")
    custom = "https://purl.imsglobal.org/spec/lti/claim/custom"
    visitor.launch(visitor.lms.resource_link(**{custom: {"lesson": str(chosen.pk)}}))
    assert LtiResourceLink.objects.get().lesson == chosen
    for wrong in (str(foreign.pk), "0", "x", "9" * 30, "\u0661", ""):
        visitor.launch(visitor.lms.resource_link(**{custom: {"lesson": wrong}}))
        assert LtiResourceLink.objects.get().lesson == chosen


def test_yesterdays_sitting_is_ended(visitor: Visitor) -> None:
    visitor.launch()
    LessonSession.objects.update(started_at=timezone.now() - timedelta(hours=13))
    visitor.launch()
    assert LessonSession.objects.filter(ended_at=None).count() == 1
    assert LessonSession.objects.count() == 2


def test_a_roster_address_is_kept_where_it_may_be_asked(visitor: Visitor) -> None:
    claim = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
    for url in (f"{visitor.lms.url}/nrps", "http://169.254.169.254/", "file:///etc/passwd"):
        service = {"context_memberships_url": url, "service_versions": ["2.0"]}
        visitor.launch(visitor.lms.resource_link(**{claim: service}))
        context = Course.objects.get().lti_context
        if url.startswith("file"):
            assert context.memberships_url != url
    assert context.roster_due_at is not None


def test_an_account_that_was_closed_stays_closed(visitor: Visitor) -> None:
    visitor.launch()
    User.objects.update(is_active=False)
    assert code_of(visitor.launch()) == "LTI-10"


def test_the_session_key_changes_at_launch(visitor: Visitor) -> None:
    visitor.launch()
    before = visitor.client.cookies["sessionid"].value
    visitor.launch()
    assert visitor.client.cookies["sessionid"].value != before
    old = Client()
    old.cookies["sessionid"] = before
    assert old.get("/api/v1/lessons/").status_code == 403


@pytest.mark.parametrize("name", ["sessionid", "csrftoken"])
def test_cookies_of_a_launch_live_in_frames(visitor: Visitor, name: str) -> None:
    page = visitor.launch()
    lesson = visitor.client.get(page["Location"])
    cookie = (page.cookies.get(name) or lesson.cookies[name]).OutputString()
    for word in ("SameSite=None", "Secure", "Partitioned"):
        assert word in cookie


def test_other_sessions_have_ordinary_cookies(client: Client, db: None) -> None:
    user = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    user.set_password("pass")
    user.save()
    entered = client.post("/admin/login/", {"username": "admin", "password": "pass"})
    for name in ("sessionid", "csrftoken"):
        cookie = entered.cookies[name].OutputString()
        assert "SameSite=Lax" in cookie
        assert "Partitioned" not in cookie


def test_only_the_platform_may_frame_its_pages(visitor: Visitor, client: Client) -> None:
    lesson = visitor.client.get(visitor.launch()["Location"])
    assert f"frame-ancestors {visitor.lms.url};" in lesson["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in lesson
    assert "camera=(self)" in lesson["Permissions-Policy"]
    for path in ("/", "/admin/login/", "/privacy/"):
        page = client.get(path)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"
    admin = visitor.client.get("/admin/login/")
    assert "frame-ancestors 'none'" in admin["Content-Security-Policy"]


def test_a_platform_that_was_switched_off_may_frame_nothing(
    visitor: Visitor, platform: Platform
) -> None:
    lesson = visitor.launch()["Location"]
    platform.active = False
    platform.save()
    assert visitor.client.get(lesson).status_code == 403  # says so in the frame, and nothing else
    page = visitor.client.get("/privacy/")
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert code_of(visitor.client.post("/lti/login", visitor.lms.initiation())) == "LTI-02"


def test_origins_in_headers_hold_nothing_else(platform: Platform) -> None:
    platform.issuer = "https://a.example; script-src *"
    platform.auth_login_url = "https://user@b.example/auth"
    platform.page_origins = ["https://C.example:8443/path", "javascript:x", "https://d.example,e"]
    assert platform.frame_origins == ["https://c.example:8443"]


def test_a_data_privacy_launch_leads_to_ones_own_data(visitor: Visitor) -> None:
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


def test_nobody_elses_data(visitor: Visitor) -> None:
    visitor.launch()
    claims: dict[str, Any] = visitor.lms.resource_link(
        message_type="DataPrivacyLaunchRequest", sub="admin"
    )
    claims["https://purl.imsglobal.org/spec/lti/claim/for_user"] = {"user_id": "student-1"}
    assert code_of(visitor.launch(claims)) == "LTI-13"
