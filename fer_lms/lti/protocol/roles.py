"""Mapping of LTI roles to roles in a course (LTI 1.3, appendix A.2).

Only context (course) roles are mapped; institution and system roles grant no role in a course,
and unknown roles are ignored.
"""

import re
from collections.abc import Collection, Iterable

from fer_lms.lessons.models import Role

LIS_VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2"
MEMBERSHIP = f"{LIS_VOCABULARY}/membership"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
INSTRUCTORS = {
    "Instructor",  # short forms are context roles
    f"{MEMBERSHIP}#Instructor",
}
"""Teachers unless an assistant role is present: Canvas sends both for assistants."""
TEACHERS = {
    f"{MEMBERSHIP}/Instructor#Instructor",
    f"{MEMBERSHIP}/Instructor#Lecturer",
    f"{MEMBERSHIP}/Instructor#PrimaryInstructor",
    f"{MEMBERSHIP}/Instructor#SecondaryInstructor",
}
ASSISTANT = re.compile(re.escape(MEMBERSHIP) + r"/[Ii]nstructor#TeachingAssistant\w*", re.ASCII)
"""Includes the roles for sections, groups and so on. Canvas writes `instructor` in lower case."""
STUDENTS = {
    "Learner",
    f"{MEMBERSHIP}#Learner",
    f"{MEMBERSHIP}/Learner#Learner",
    f"{MEMBERSHIP}/Learner#NonCreditLearner",
    f"{MEMBERSHIP}/Learner#GuestLearner",
}
ADMINISTRATORS = {
    f"{LIS_VOCABULARY}/institution/person#Administrator",
    f"{LIS_VOCABULARY}/system/person#Administrator",
    f"{LIS_VOCABULARY}/system/person#SysAdmin",
    f"{LIS_VOCABULARY}/system/person#SysSupport",
}


LEGACY_PREFIX = "urn:lti:role:ims/lis/"
"""Context roles of LTI 1.1, which some platforms still list on rosters."""


def normalize_role(role: str) -> str:
    """Return a role in the spelling of the vocabulary.

    Platforms also send `https:`, spaces around it, and the context roles of LTI 1.1
    (`urn:lti:role:ims/lis/Learner`, sub-roles after a slash). Roles of an institution or a system
    stay what they are.
    """
    role = role.strip()
    if role.startswith("https://purl.imsglobal.org/"):
        return "http" + role.removeprefix("https")
    if not role.startswith(LEGACY_PREFIX):
        return role
    principal, _, sub_role = role.removeprefix(LEGACY_PREFIX).partition("/")
    if principal == "TeachingAssistant":
        return f"{MEMBERSHIP}/Instructor#TeachingAssistant"
    return f"{MEMBERSHIP}/{principal}#{sub_role}" if sub_role else f"{MEMBERSHIP}#{principal}"


def map_course_role(roles: Iterable[str]) -> Role | None:
    """Return the course role that LTI roles grant; None if they grant no access."""
    role_set = {normalize_role(role) for role in roles}
    if is_test_user(role_set):
        return Role.STUDENT if role_set & STUDENTS else None
    if role_set & TEACHERS or (
        role_set & INSTRUCTORS and not any(map(ASSISTANT.fullmatch, role_set))
    ):
        return Role.TEACHER
    return Role.STUDENT if role_set & STUDENTS else None


def is_administrator_teacher(roles: Collection[str]) -> bool:
    """Return whether an administrator of the platform launches as a teacher.

    Moodle gives its administrators a teacher role in every course but does not list them as
    members.
    """
    names = {normalize_role(role) for role in roles}
    return map_course_role(names) == Role.TEACHER and not ADMINISTRATORS.isdisjoint(names)


def is_test_user(roles: Collection[str]) -> bool:
    """Return whether this is a platform's test user, which is not a person."""
    return any(normalize_role(role) == TEST_USER for role in roles)
