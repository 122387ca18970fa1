"""Course roles for the LTI roles that Moodle and Canvas send."""

import pytest

from fer_lms.lessons.models import Role
from fer_lms.lti.protocol.roles import (
    MEMBERSHIP,
    TEST_USER,
    is_administrator_teacher,
    is_test_user,
    map_course_role,
)

CANVAS_ASSISTANT = [
    f"{MEMBERSHIP}/instructor#TeachingAssistant",
    f"{MEMBERSHIP}#Instructor",
]
"""Roles that Canvas sends for an assistant: its own spelling, and an instructor's role."""


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["Learner"], Role.STUDENT),
        (["Instructor", "Learner"], Role.TEACHER),
        (["Instructor", TEST_USER], None),
        (["Instructor", "Learner", TEST_USER], Role.STUDENT),
        (CANVAS_ASSISTANT, None),
        ([*CANVAS_ASSISTANT, "Learner"], Role.STUDENT),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistantSection", "Instructor"], None),
        ([*CANVAS_ASSISTANT, f"{MEMBERSHIP}#ContentDeveloper"], None),
        ([*CANVAS_ASSISTANT, f"{MEMBERSHIP}/Instructor#PrimaryInstructor"], Role.TEACHER),
        (["http://example.org/Instructor#TeachingAssistant", "Instructor"], Role.TEACHER),
        (["Mentor"], None),
        ([], None),
        (["urn:lti:role:ims/lis/Learner"], Role.STUDENT),
        (["urn:lti:role:ims/lis/Learner/GuestLearner"], Role.STUDENT),
        (["urn:lti:role:ims/lis/Instructor"], Role.TEACHER),
        (["urn:lti:role:ims/lis/Instructor/PrimaryInstructor"], Role.TEACHER),
        (["urn:lti:role:ims/lis/TeachingAssistant", "Instructor"], None),
        (["urn:lti:role:ims/lis/TeachingAssistant/TeachingAssistantSection"], None),
        (["urn:lti:instrole:ims/lis/Instructor"], None),
        (["urn:lti:sysrole:ims/lis/Administrator"], None),
        ([f" {MEMBERSHIP}#Learner "], Role.STUDENT),
        (["https://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], Role.STUDENT),
        (["https://purl.imsglobal.org.example/vocab/lis/v2/membership#Instructor"], None),
        (["https://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], None),
        (["urn:lti:role:ims/lis/", "urn:lti:role:ims/lis/Learner/"], Role.STUDENT),
    ],
)
def test_roles(roles: list[str], role: Role | None) -> None:
    assert map_course_role(roles) == role
    assert is_test_user(roles) == (TEST_USER in roles)


SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"


@pytest.mark.parametrize(
    ("roles", "does"),
    [
        (["Instructor", f"{SYSTEM}SysAdmin"], True),
        (["Instructor", f"{SYSTEM}SysSupport"], True),
        (["Instructor", f"{SYSTEM}Administrator"], True),
        (["Instructor", f"{INSTITUTION}Administrator"], True),
        (["Instructor", f"{INSTITUTION}Instructor"], False),
        (["Instructor", "Administrator"], False),
        (["Learner", f"{SYSTEM}Administrator"], False),
        ([f"{SYSTEM}Administrator"], False),
        ([*CANVAS_ASSISTANT, f"{SYSTEM}Administrator"], False),
    ],
)
def test_is_administrator_teacher(roles: list[str], does: bool) -> None:
    assert is_administrator_teacher(roles) is does
