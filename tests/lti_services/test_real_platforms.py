"""Launches, keys, tokens and rosters in the form in which each product sends them."""

import json
from typing import Any

import pytest

from fer_lms.lessons.models import Course, Enrolment, Lesson
from fer_lms.lti.models import KeySet, LtiContext, LtiUser
from fer_lms.lti.services.memberships import parse_members
from fer_lms.lti.services.rosters import sync_roster, try_sync_roster
from tests.lti.conftest import Visitor
from tests.lti.platform import REMOVED, Claims, Request, Response, build_jwk
from tests.lti.real_platforms import REAL_PLATFORMS, STUDENT, RealPlatform
from tests.lti_services.services import Services


@pytest.fixture(params=REAL_PLATFORMS, ids=lambda name: name)
def real(request: pytest.FixtureRequest) -> RealPlatform:
    return REAL_PLATFORMS[request.param]


@pytest.fixture
def answers(real: RealPlatform, services: Services) -> list[str]:
    """Let the test LMS answer as the product does; return the pages that were requested."""
    lms, pages = services.lms, []

    def keys(_request: Request) -> Response:
        found = [build_jwk(key, kid) for kid, key in lms.keys.items()]
        for jwk in found:
            del jwk["alg"], jwk["use"]
            jwk.update(real.key_parameters)
        return Response(json.dumps({"keys": found}), real.key_type)

    def token(_request: Request) -> Response:
        answer = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600, "scope": ""}
        return Response(json.dumps(answer | real.token), real.token_type)

    def members(request: Request) -> Response:
        page = request.query.get("page", "")
        pages.append(page)
        middle = 2 if real.links else len(real.members)
        rows = real.members[middle:] if page else real.members[:middle]
        urls = {"here": services.memberships_url, "next": f"{services.memberships_url}?page=2"}
        links = [] if page else [link.format(**urls) for link in real.links]
        body = json.dumps({"id": urls["here"], "context": {"id": "2"}, "members": rows})
        # Both spellings name the same header: this server sends one line for each.
        named: dict[str, Any] = dict(zip(("Link", "link"), links, strict=False))
        return Response(body, real.roster_type, **named)

    lms.routes |= {"/keys.json": keys, "/token": token, "/members": members}
    return pages


def build_claims(real: RealPlatform, visitor: Visitor, **more: Any) -> Claims:
    no_names = {"given_name": REMOVED, "family_name": REMOVED}
    return visitor.lms.resource_link(**no_names | real.claims | more)


def test_launch(real: RealPlatform, answers: list[str], visitor: Visitor) -> None:
    response = visitor.launch(build_claims(real, visitor))
    assert response.status_code == 302
    assert response["Location"].startswith("/sessions/")
    user = LtiUser.objects.get().user
    assert user.get_full_name() == real.student_name
    assert user.display_name == (real.student_name or f"Student {user.pk}")
    assert Course.objects.get().title == real.course_title
    assert Lesson.objects.get().title in ("Fractions", "Lesson")
    assert KeySet.objects.get().failure == ""


def test_roster(
    real: RealPlatform, answers: list[str], services: Services, visitor: Visitor
) -> None:
    visitor.launch(build_claims(real, visitor, **services.claim))
    counts = try_sync_roster(context=_get_context())
    assert _get_context().roster_error == ""
    assert counts is not None
    held = Enrolment.objects.filter(active=True).values_list("user__lti_identities__sub", "role")
    assert dict(held) == {"t": "teacher", "s-1": "student", "s-2": "student"}
    assert answers == (["", "2"] if real.links else [""])


def test_student_who_left_loses_the_open_lesson(
    real: RealPlatform, answers: list[str], services: Services, visitor: Visitor
) -> None:
    lesson = visitor.launch(build_claims(real, visitor, **services.claim))["Location"]
    assert visitor.client.get(lesson).status_code == 200
    sync_roster(context=_get_context())
    assert visitor.client.get(lesson).status_code == 404


def _get_context() -> LtiContext:
    return LtiContext.objects.select_related("deployment__platform", "course").get()


@pytest.mark.parametrize(
    ("row", "sub", "roles"),
    [
        ({"user_id": 7, "roles": [STUDENT]}, "7", (STUDENT,)),
        ({"user_id": "7", "roles": "Instructor, Learner"}, "7", ("Instructor", "Learner")),
        (
            {"user_id": "7", "status": "http://purl.imsglobal.org/vocab/lis/v2/status#Active"},
            "7",
            (),
        ),
        ({"user_id": "7", "roles": [None, f" {STUDENT}", ""]}, "7", (STUDENT,)),
        ({"user_id": "7", "roles": ""}, "7", ()),
    ],
)
def test_member_rows(row: dict[str, Any], sub: str, roles: tuple[str, ...]) -> None:
    (member,) = parse_members({"members": [row]})
    assert (member.sub, member.roles) == (sub, roles)


@pytest.mark.parametrize(
    "next_link",
    [
        "<?page=2>; rel=next",
        '</members?page=2>; rel="next"',
        '<members?page=2>; REL="NEXT"',
        "<{url}?page=2>; rel='next'",
        '<{url}?page=1>; rel="prev", < {url}?page=2 >;title="a, b";rel=next',
    ],
)
@pytest.mark.parametrize("last_page", [None, []])
@pytest.mark.parametrize("media_type", [None, "text/html", "application/json"])
def test_pages_of_a_roster(
    services: Services,
    course: LtiContext,
    next_link: str,
    last_page: list[Any] | None,
    media_type: str | None,
) -> None:
    """Three pages, in any form of link; the last one is empty, and JSON starts with a mark."""
    url, requested = services.memberships_url, []

    def members(request: Request) -> Response:
        page = request.query.get("page", "")
        requested.append(page)
        rows = {"": [{"user_id": "a", "roles": ["Learner"]}], "2": last_page}[page]
        link: dict[str, Any] = {} if page else {"Link": next_link.format(url=url)}
        text = "\ufeff" + json.dumps({"members": rows})
        return Response(text, media_type, **link)

    services.lms.routes["/members"] = members
    assert sync_roster(context=course) is not None
    assert requested == ["", "2"]


@pytest.mark.parametrize("expires_in", ["3600", "3600.0", None, -1, "soon"])
def test_token_of_any_life(services: Services, course: LtiContext, expires_in: Any) -> None:
    answer = {"access_token": "t0ken", "expires_in": expires_in, "token_type": "bearer"}
    text = "\ufeff" + json.dumps(answer)
    services.lms.routes["/token"] = lambda _request: Response(text, None)
    assert sync_roster(context=course) is not None


def test_roles_of_two_rows_are_joined(
    services: Services, course: LtiContext, visitor: Visitor
) -> None:
    """A teacher who is also listed as a student of another section stays a teacher."""
    rows = [{"user_id": "teacher-1", "roles": [role]} for role in ("Instructor", "Learner")]
    services.members = [*rows, {"user_id": "new", "roles": ["Instructor"]}, {"user_id": "new"}]
    sync_roster(context=course)
    held = Enrolment.objects.filter(active=True).values_list("user__lti_identities__sub", "role")
    assert dict(held) == {"teacher-1": "teacher", "new": "teacher"}
