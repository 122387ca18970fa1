"""What somebody may do in a course, from the roles that the platform names.

Only roles in the course itself count. Being a teacher of the institution, or an administrator of
the whole platform, gives nothing in a course; what is not known gives nothing either. An assistant
teaches nothing, even where the platform calls them an instructor as well.
"""

import re
from collections.abc import Collection, Iterable

from fer_lms.lessons.models import Role

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
INSTRUCTORS = {
    "Instructor",  # short forms are for roles in the course (LTI 1.3, A.2.1.1)
    f"{MEMBERSHIP}#Instructor",
}
"""Teachers, unless an assistant's role stands beside: Canvas sends both of its assistants."""
TEACHERS = {
    f"{MEMBERSHIP}/Instructor#Instructor",
    f"{MEMBERSHIP}/Instructor#Lecturer",
    f"{MEMBERSHIP}/Instructor#PrimaryInstructor",
    f"{MEMBERSHIP}/Instructor#SecondaryInstructor",
}
ASSISTANT = re.compile(re.escape(MEMBERSHIP) + r"/[Ii]nstructor#TeachingAssistant\w*", re.ASCII)
"""Of a section, group, course... too. Canvas writes `instructor` small."""
STUDENTS = {
    "Learner",
    f"{MEMBERSHIP}#Learner",
    f"{MEMBERSHIP}/Learner#Learner",
    f"{MEMBERSHIP}/Learner#NonCreditLearner",
    f"{MEMBERSHIP}/Learner#GuestLearner",
}


ADMINISTRATORS = {
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#SysSupport",
}


def role_in_course(roles: Iterable[str]) -> Role | None:
    """Teacher, student, or None: no rights in the course."""
    named = set(roles)
    if is_test_user(named):
        return Role.STUDENT if named & STUDENTS else None
    if named & TEACHERS or (named & INSTRUCTORS and not any(map(ASSISTANT.fullmatch, named))):
        return Role.TEACHER
    return Role.STUDENT if named & STUDENTS else None


def teaches_as_administrator(roles: Collection[str]) -> bool:
    """A teacher of the course by way of administering the platform: Moodle lets its administrators
    in as teachers everywhere, and its lists of members do not name them."""
    return role_in_course(roles) == Role.TEACHER and not ADMINISTRATORS.isdisjoint(roles)


def is_test_user(roles: Collection[str]) -> bool:
    """The platform's stand-in for a student: not a person."""
    return TEST_USER in roles
