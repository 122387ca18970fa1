"""Deep linking: a teacher selects a lesson; the signed response goes to the return URL."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import jwt
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fer_lms.lessons.models import Course, Lesson
from fer_lms.lti.launch.links import build_lesson_parameters
from fer_lms.lti.models import DeepLinkRequest
from fer_lms.lti.protocol.errors import LtiError
from fer_lms.lti.protocol.tool_keys import get_key_set
from fer_lms.lti.registration.tool_configuration import ToolUrls
from fer_lms.lti.services.content_selection import complete_deep_link_request
from tests.lti.conftest import TOOL, Visitor
from tests.lti.platform import CLIENT_ID, LTI, Claims
from tests.lti_services.services import Services, code

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


def dialog(visitor: Visitor, **changes: Any) -> Claims:
    settings = {
        "deep_link_return_url": f"{visitor.lms.url}/return?id=5",
        "accept_types": ["link", "ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "data": "csrf:op4que",
    }
    changed = {name: value for name, value in (settings | changes).items() if value is not None}
    return visitor.lms.teacher_link(
        message_type="LtiDeepLinkingRequest", **{DL + "deep_linking_settings": changed}
    )


def opened(visitor: Visitor, **changes: Any) -> str:
    """Launch a deep linking request; return the page's address."""
    response = visitor.launch(dialog(visitor, **changes))
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def send(visitor: Visitor, page: str, **fields: Any) -> Any:
    return visitor.client.post("/lti/deep-link", {"request": page.partition("=")[2]} | fields)


def answer_in(response: Any) -> tuple[str, Claims]:
    """Return (form action, verified claims of the response)."""
    text = response.content.decode()
    action = unescape(re.findall(r'action="([^"]+)"', text)[0])
    token = re.findall(r'name="JWT" value="([^"]+)"', text)[0]
    kid = jwt.get_unverified_header(token)["kid"]
    (key,) = [jwk for jwk in get_key_set()["keys"] if jwk["kid"] == kid]
    claims = jwt.decode(
        token,
        jwt.PyJWK(key).key,
        algorithms=["RS256"],
        audience=action.partition("/return")[0],
        options={"require": ["iss", "aud", "exp", "iat", "nonce"]},
    )
    return action, claims


@pytest.fixture
def lessons(visitor: Visitor) -> list[Lesson]:
    """Two lessons of the launched course."""
    visitor.launch(visitor.lms.teacher_link())
    course = Course.objects.get()
    return [Lesson.objects.get(), Lesson.objects.create(course=course, title="Decimals")]


def test_selected_lesson_is_returned_signed(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = opened(visitor)
    text = visitor.client.get(page).content.decode()
    assert "Adding fractions" in text
    assert "Decimals" in text
    response = send(visitor, page, action="select", lesson=lessons[1].pk)
    action, claims = answer_in(response)
    assert action == f"{visitor.lms.url}/return?id=5"
    assert claims["iss"] == CLIENT_ID
    assert claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[LTI + "version"] == "1.3.0"
    assert claims[LTI + "deployment_id"] == "7"
    assert claims[DL + "data"] == "csrf:op4que"
    assert claims[DL + "content_items"] == [
        {
            "type": "ltiResourceLink",
            "title": "Decimals",
            "text": "",
            "url": f"{TOOL}/lti/launch",
            "custom": build_lesson_parameters(lessons[1]),
        }
    ]


def test_returned_link_launches_lesson(visitor: Visitor, lessons: list[Lesson]) -> None:
    _, claims = answer_in(send(visitor, opened(visitor), action="select", lesson=lessons[1].pk))
    custom = claims[DL + "content_items"][0]["custom"]
    link = {"id": "99", "title": "Decimals"}
    came = visitor.launch(visitor.lms.resource_link(resource_link=link, **{LTI + "custom": custom}))
    assert "Decimals" in visitor.client.get(came["Location"]).content.decode()


def test_created_lesson_is_returned(visitor: Visitor, lessons: list[Lesson]) -> None:
    response = send(visitor, opened(visitor), action="create", title="Percentages")
    _, claims = answer_in(response)
    made = Lesson.objects.get(title="Percentages")
    assert claims[DL + "content_items"][0]["custom"] == build_lesson_parameters(made)


def test_cancel_returns_no_items(visitor: Visitor, lessons: list[Lesson]) -> None:
    _, claims = answer_in(send(visitor, opened(visitor), action="cancel"))
    assert claims[DL + "content_items"] == []
    assert Lesson.objects.count() == 2


def test_several_items_need_accept_multiple(visitor: Visitor, lessons: list[Lesson]) -> None:
    keys = [lesson.pk for lesson in lessons]
    refused = send(visitor, opened(visitor), action="select", lesson=keys)
    assert refused.status_code == 400
    assert "one lesson only" in refused.content.decode()
    taken = send(visitor, opened(visitor, accept_multiple=True), action="select", lesson=keys)
    assert len(answer_in(taken)[1][DL + "content_items"]) == 2


def test_absent_data_is_not_returned(visitor: Visitor, lessons: list[Lesson]) -> None:
    _, claims = answer_in(send(visitor, opened(visitor, data=None), action="cancel"))
    assert DL + "data" not in claims


def test_request_is_answered_once(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = opened(visitor)
    assert send(visitor, page, action="cancel").status_code == 200
    again = send(visitor, page, action="create", title="Twice")
    assert code(again) == "LTI-03"
    assert not Lesson.objects.filter(title="Twice").exists()


def test_one_of_two_concurrent_answers_succeeds(visitor: Visitor, lessons: list[Lesson]) -> None:
    opened(visitor)
    choice = DeepLinkRequest.objects.select_related("deployment__platform").get()
    complete_deep_link_request(request=choice, lessons=[], urls=ToolUrls(TOOL))
    with pytest.raises(LtiError) as caught:
        complete_deep_link_request(request=choice, lessons=[], urls=ToolUrls(TOOL))
    assert caught.value.reason == "choice_answered"


def test_request_expires(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = opened(visitor)
    DeepLinkRequest.objects.update(created_at=timezone.now() - timedelta(hours=3))
    assert code(visitor.client.get(page)) == "LTI-03"


def test_request_of_another_user_is_refused(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = opened(visitor)
    assert code(Client().get(page)) == "LTI-03"
    other = Visitor(visitor.lms)
    other.launch(other.lms.teacher_link(sub="teacher-2"))
    assert code(other.client.get(page)) == "LTI-03"
    assert code(visitor.client.get("/lti/deep-link")) == "LTI-01"


def test_former_teacher_is_refused(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = opened(visitor)
    visitor.launch(visitor.lms.resource_link(sub="teacher-1"))  # a student now
    assert code(visitor.client.get(page)) == "LTI-14"


def test_lesson_of_another_course_is_refused(visitor: Visitor, lessons: list[Lesson]) -> None:
    foreign = Lesson.objects.create(course=Course.objects.create(title="Other"), title="Secret")
    page = opened(visitor)
    assert "Secret" not in visitor.client.get(page).content.decode()
    for wanted in (foreign.pk, "x", "9" * 30, ""):
        assert send(visitor, page, action="select", lesson=wanted).status_code == 400


@pytest.mark.parametrize("title", ["", "  ", "a" * 201, "\u200b\u202e"])
def test_invalid_title_shows_form_again(
    visitor: Visitor, lessons: list[Lesson], title: str
) -> None:
    response = send(visitor, opened(visitor), action="create", title=title)
    assert response.status_code == 400
    assert "title of up to 200" in response.content.decode()
    assert Lesson.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"deep_link_return_url": "javascript:alert(1)"},
        {"deep_link_return_url": "ftp://127.0.0.1/"},
        {"deep_link_return_url": "http://user@127.0.0.1/"},
        {"deep_link_return_url": None},
        {"accept_types": ["link"]},
        {"accept_types": None},
        {"data": {"an": "object"}},
        {"data": "x" * 20_000},
    ],
)
def test_invalid_settings_are_refused(visitor: Visitor, changes: dict[str, Any]) -> None:
    assert code(visitor.launch(dialog(visitor, **changes))) == "LTI-07"


def test_student_is_refused(visitor: Visitor) -> None:
    claims = dialog(visitor) | visitor.lms.resource_link(message_type="LtiDeepLinkingRequest")
    assert code(visitor.launch(claims)) == "LTI-14"


def test_response_page_may_post_to_platform_only(
    visitor: Visitor, lessons: list[Lesson], services: Services
) -> None:
    response = send(visitor, opened(visitor), action="cancel")
    policy = response["Content-Security-Policy"]
    (directive,) = [part.strip() for part in policy.split(";") if "form-action" in part]
    assert directive == f"form-action 'self' {visitor.lms.url}"


def test_csrf_is_checked(visitor: Visitor, lessons: list[Lesson]) -> None:
    page = opened(visitor)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.client.cookies
    fields = {"request": page.partition("=")[2], "action": "cancel"}
    assert strict.post("/lti/deep-link", fields).status_code == 403
    assert DeepLinkRequest.objects.get().answered_at is None


def test_lesson_file_is_imported_and_returned(visitor: Visitor, lessons: list[Lesson]) -> None:
    document = {
        "format": "fer-lms.lesson",
        "version": 1,
        "title": "From a file",
        "summary": "",
        "minutes": 10,
        "steps": [{"title": "One", "body": "Read.", "picture": None}],
    }
    page = opened(visitor)
    broken = send(visitor, page, action="import", file=upload(b"{}"))
    assert broken.status_code == 400
    assert "field-error" in broken.content.decode()
    assert send(visitor, page, action="import").status_code == 400
    good = send(visitor, page, action="import", file=upload(json.dumps(document).encode()))
    made = Lesson.objects.get(title="From a file")
    assert made.steps.get().body == "Read."
    _, claims = answer_in(good)
    assert claims[DL + "content_items"][0]["custom"] == build_lesson_parameters(made)


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("lesson.json", data)
