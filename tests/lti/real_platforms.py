"""Messages and answers in the form that real platforms send them, with made-up values.

Each platform's peculiarities are public: Moodle's and Canvas's own source, the issues of LTI
libraries, and the documentation of the others.
"""

from dataclasses import dataclass, field
from typing import Any

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
NRPS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
STUDENT = f"{LIS}membership#Learner"
TEACHER = f"{LIS}membership#Instructor"


@dataclass(frozen=True)
class RealPlatform:
    """What one product sends. `claims` are those of a student's launch."""

    claims: dict[str, Any]
    student_name: str
    course_title: str
    token_type: str = "application/json; charset=utf-8"
    token: dict[str, Any] = field(default_factory=dict)
    key_type: str = "application/json"
    key_parameters: dict[str, Any] = field(default_factory=dict)
    roster_type: str = NRPS_TYPE
    members: tuple[dict[str, Any], ...] = ()
    """A teacher "t", two students "s-1" and "s-2", and others without access."""
    links: tuple[str, ...] = ()
    """Link headers of a first page; {next} and {here} are addresses."""


MOODLE = RealPlatform(
    claims={
        "sub": "5",
        "given_name": "Stu",
        "family_name": "Dént",
        "name": "Stu Dént",
        "email": "stu@school.example",
        "roles": [STUDENT],
        "context": {"id": "2", "label": "M5", "title": "Maths 5", "type": ["CourseSection"]},
        "resource_link": {"id": "7", "title": "Fractions", "description": ""},
        "custom": {"lesson": "x", "context_id_history": "", "other": "$ResourceLink.id.history"},
        "ext": {"user_username": "stu", "lms": "moodle-2"},
        "launch_presentation": {"document_target": "iframe", "locale": "en"},
    },
    student_name="Stu Dént",
    course_title="Maths 5",
    token_type="text/html; charset=UTF-8",
    key_type="text/html; charset=utf-8",
    key_parameters={"alg": "RS256", "use": "sig"},
    members=(
        {"status": "Active", "roles": ["Instructor"], "user_id": "t", "lis_person_sourcedid": ""},
        {"status": "Active", "roles": ["Learner"], "user_id": "s-1", "name": "Stu One"},
        {"status": "Active", "roles": ["Learner"], "user_id": "s-2", "ext_user_username": "two"},
        {"status": "Active", "roles": [], "user_id": "guest"},
    ),
    links=("<{next}>; rel=next",),
)
CANVAS = RealPlatform(
    claims={
        "azp": "tool-1",
        "sub": "a1b2c3d4-0000-4000-8000-1234567890ab",
        "given_name": "Ada",
        "family_name": None,
        "name": "Ada",
        "locale": "en",
        "errors": {"errors": {}},
        "roles": [f"{LIS}institution/person#Student", STUDENT, f"{LIS}system/person#User"],
        "context": {
            "id": "4dde05e8ca1973bcca9bffc13e1548820eee93a3",
            "label": "M5",
            "title": "Maths 5",
            "type": [f"{LIS}course#CourseOffering"],
            "validation_context": None,
            "errors": {"errors": {}},
        },
        "resource_link": {
            "id": "b1c2",
            "title": "Fractions",
            "description": None,
            "validation_context": None,
        },
        "custom": {"lesson": "$Canvas.unknown", "context_id_history": None},
        "lti1p1": {"user_id": "535fa085f22b4655f48cd5a36a9215f64c062838"},
        "lti11_legacy_user_id": "535fa085f22b4655f48cd5a36a9215f64c062838",
        "tool_platform": None,
    },
    student_name="Ada",
    course_title="Maths 5",
    roster_type=f"{NRPS_TYPE}; charset=utf-8",
    key_parameters={"alg": "RS256", "use": "sig"},
    members=(
        {"status": "Active", "user_id": "t", "roles": [TEACHER], "lti11_legacy_user_id": "9"},
        {"status": "Active", "user_id": "s-1", "roles": [STUDENT], "picture": "", "email": None},
        {"status": "Inactive", "user_id": "gone", "roles": [STUDENT]},
        {
            "status": "Active",
            "user_id": "s-2",
            "roles": [STUDENT],
            "name": "Bea",
            "given_name": None,
        },
        {
            "status": "Active",
            "user_id": "assistant",
            "roles": [TEACHER, f"{LIS}membership/instructor#TeachingAssistant"],
        },
    ),
    links=(
        '<{here}>; rel="current",<{next}>; rel="next",<{here}>; rel="first",<{next}>; rel="last"',
    ),
)
OPEN_EDX = RealPlatform(
    claims={
        "azp": "tool-1",
        "sub": "0fd1a2b3-0000-4000-8000-000000000001",
        "roles": [f"{LIS}system/person#None", f"{LIS}institution/person#None", STUDENT],
        "context": {
            "id": "course-v1:School+M5+2026",
            "type": [f"{LIS}course#CourseOffering"],
            "title": "Maths 5 - School",
            "label": "course-v1:School+M5+2026",
        },
        "resource_link": {"id": "block-v1:School+M5+2026+type@lti_consumer+block@0a1b2c"},
        "custom": {},
        "launch_presentation": {"document_target": "iframe", "return_url": ""},
    },
    student_name="",
    course_title="Maths 5 - School",
    key_parameters={"alg": "RS256", "use": "sig"},
    members=(
        {"status": "Active", "user_id": "t", "roles": [TEACHER, f"{LIS}membership#Administrator"]},
        {"status": "Active", "user_id": "s-1", "roles": [STUDENT], "name": "Stu"},
        {"status": "Active", "user_id": "s-2", "roles": [STUDENT], "middle_name": ""},
    ),
    links=('<{next}>; rel="next"',),
)
BLACKBOARD = RealPlatform(
    claims={
        "azp": "tool-1",
        "sub": "5fb3f2f3a1b24e0f",
        "given_name": "Stu",
        "family_name": "Dent",
        "name": "Stu Dent",
        "locale": "en_US",
        "roles": [f"{LIS}institution/person#Student", STUDENT],
        "context": {
            "id": "c0ffee",
            "label": "M5_2026",
            "title": "Maths\u200b 5",
            "type": ["Course"],
        },
        "resource_link": {"id": "_1234_1", "title": "Fractions\r\n", "description": None},
        "custom": None,
        "lis": {"person_sourcedid": "stu", "course_section_sourcedid": "M5_2026"},
        "lti1p1": {"oauth_consumer_key": "", "user_id": ""},
    },
    student_name="Stu Dent",
    course_title="Maths 5",
    key_parameters={"alg": "RS256"},
    members=(
        {"user_id": "t", "roles": [f"{LIS}membership#Instructor"], "status": "Active"},
        {"user_id": "s-1", "roles": [STUDENT], "status": "Active", "message": {"custom": {}}},
        {"user_id": "s-2", "roles": [STUDENT], "status": None},
        {"user_id": "gone", "roles": [STUDENT], "status": "Deleted"},
    ),
    links=('<{here}>; rel="differences"', '<{next}>;rel="next"'),
)
BRIGHTSPACE = RealPlatform(
    claims={
        "sub": "8b7c_201",
        "given_name": "",
        "family_name": "",
        "name": "Stu Dent",
        "roles": [
            f"{LIS}institution/person#Student",
            f"{LIS}membership#Learner",
            f"{LIS}membership#Mentor",
        ],
        "context": {"id": "6609", "label": "M5", "title": "Maths 5"},
        "resource_link": {"id": "d2l-1", "title": "Fractions", "description": ""},
        "custom": {"context_id_history": "", "resource_link_id_history": ""},
        "http://www.brightspace.com": {"tenant_id": "x", "user_id": 201, "ResourceLink.id": 7},
    },
    student_name="Stu Dent",
    course_title="Maths 5",
    key_type="application/octet-stream",
    token={"expires_in": "3600"},
    members=(
        {"status": "Active", "user_id": "t", "roles": [TEACHER], "name": "T"},
        {"status": "Active", "user_id": "s-1", "roles": [STUDENT], "given_name": "\u202eevil"},
        {"status": "active", "user_id": "s-2", "roles": [STUDENT]},
        {"status": "Active", "user_id": "observer", "roles": [f"{LIS}membership#Mentor"]},
    ),
    links=('<{next}>; title="page, 2"; rel="next last"',),
)
SAKAI = RealPlatform(
    claims={
        "sub": "0b0bbd1b-a1ba-42c2-bdb0-ffe44e5abec6",
        "given_name": "-",
        "family_name": ".",
        "name": "Stu\u00a0Dent ",
        "locale": "en_US",
        "roles": [STUDENT],
        "context": {"id": "a77ed1b6-ceea-4339", "label": "Maths 5", "type": ["CourseSection"]},
        "resource_link": {"id": "content:12", "title": ""},
        "custom": {"context_id_history": ""},
        "lti1p1": {"user_id": "0b0bbd1b"},
    },
    student_name="Stu Dent",
    course_title="Maths 5",
    token_type="application/json;charset=UTF-8",
    roster_type="application/json",
    members=(
        {"user_id": "t", "roles": [TEACHER], "lti11_legacy_user_id": "t"},
        {"user_id": "s-1", "roles": [STUDENT], "section": "A"},
        {"user_id": "s-2", "roles": f"{LIS}membership#Learner"},
        {"user_id": "maintainer", "roles": None},
    ),
)
REAL_PLATFORMS = {
    "Moodle": MOODLE,
    "Canvas": CANVAS,
    "Open edX": OPEN_EDX,
    "Blackboard": BLACKBOARD,
    "Brightspace": BRIGHTSPACE,
    "Sakai": SAKAI,
}
