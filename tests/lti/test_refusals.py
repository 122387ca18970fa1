"""Every refusal can be read in the frame that asked, and gives away nothing.

Who opens a lesson in the frame of an LMS that is not registered, or not switched on, must read why:
the browser would show an empty frame where `frame-ancestors` left the LMS out.
"""

import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory

from fer_lms.error_views import REASONS, build_error_response
from fer_lms.lti.launch import views
from fer_lms.lti.models import Platform
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.request_limits import build_busy_response
from tests.access.routes import all_routes
from tests.lti.conftest import Visitor

pytestmark = pytest.mark.django_db
ANY_SITE = "frame-ancestors http: https:"
NOT_IN_FRAMES = ("admin/", "api/", "guardian/", "healthz", "readyz", "metrics", "jsi18n/", "demo/")
"""Routes for machines, administrators and guardians, which no page in a frame links to."""
VALUES: dict[str, object] = {
    "session_id": uuid.uuid4(),
    "link_id": uuid.uuid4(),
    "lesson_id": 999_999,
    "token_id": 999_999,
    "webhook_id": uuid.uuid4(),
    "secret": "none",
}
CANARIES = ("Ada", "Example", "Mathematics 5b", "Adding fractions", "student-1")


def check_readable(response: Any) -> None:
    """Check that a refusal is a page with text, without data, for the frame of any site."""
    text = response.content.decode()
    assert response.headers["Content-Type"].startswith("text/html"), response.headers
    heading = re.search(r"<h1>([^<]+)</h1>", text)
    assert heading, text
    assert heading.group(1).strip()
    assert re.search(r"<p[^>]*>[^<]{20,}", text), "no sentence that says what to do"
    assert ANY_SITE in response.headers.get("Content-Security-Policy", ANY_SITE)
    assert "X-Frame-Options" not in response.headers
    assert "<form" not in text
    links = re.findall(r"<a [^>]*>", text)
    assert [link for link in links if "_blank" not in link] == []
    assert [canary for canary in CANARIES if canary in text] == []


@pytest.mark.parametrize("kind", ErrorKind, ids=lambda kind: kind.name)
@pytest.mark.parametrize("address", ["/lti/login", "/lti/launch", "/lti/window/x", "/lti/register"])
def test_every_error_code(
    client: Client, monkeypatch: pytest.MonkeyPatch, kind: ErrorKind, address: str
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise LtiError(kind, "reason", person="Ada Example")

    for name in ("start_login", "get_pending_login", "redeem_window_pass"):
        monkeypatch.setattr(views, name, refuse)
    monkeypatch.setattr("fer_lms.lti.registration.views.get_unused_invite", refuse)
    sent = {"iss": "x", "login_hint": "x", "state": "x", "id_token": "x"}
    is_get = address == "/lti/window/x"
    response = client.get(address) if is_get else client.post(address, sent)
    assert response.status_code == kind.status
    check_readable(response)
    assert kind.code in response.content.decode()


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("active", [False, True])
def test_platform_that_may_not_launch(
    visitor: Visitor, platform: Platform, active: bool, local: bool
) -> None:
    """Not switched on, or another than the registered ones; plain http included."""
    Platform.objects.update(active=active, local=local)
    sent = visitor.lms.initiation() if not active else visitor.lms.initiation(iss="http://other")
    check_readable(visitor.client.post("/lti/login", sent))


@pytest.mark.parametrize("status", sorted(REASONS))
def test_every_status(client: Client, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    def respond(request: Any, *_args: object, **_named: object) -> Any:
        return build_error_response(request, status)

    monkeypatch.setattr(views, "render", respond)
    response = client.get("/lti/no-role")
    assert response.status_code == status
    check_readable(response)


def build_routes() -> list[str]:
    addresses = set()
    for route in all_routes("fer_lms.urls"):
        if not route.path.startswith(NOT_IN_FRAMES):
            addresses.add(route.address(VALUES))
    return sorted(addresses)


@pytest.mark.parametrize("method", ["get", "post", "put"])
@pytest.mark.parametrize("address", build_routes())
def test_every_route_without_a_session(client: Client, address: str, method: str) -> None:
    """A signed-out person, as after a session has ended, in whatever frame."""
    strict = Client(enforce_csrf_checks=True)
    response = getattr(strict, method)(address, follow=True)
    if response.status_code >= 400 or response.request["PATH_INFO"] == "/":
        check_readable(response)
    else:
        open_paths = ("/lti/", "/privacy/", "/retention/", "/language/")
        assert response.request["PATH_INFO"].startswith(open_paths)


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_every_route_of_a_student(visitor: Visitor, method: str) -> None:
    """A launched student at other people's addresses: any frame, or that of the platform."""
    visitor.launch()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.client.cookies
    refused = 0
    for address in build_routes():
        response = getattr(strict, method)(address)
        if response.status_code >= 400:
            refused += 1
            check_readable(response)
    assert refused > 5


def test_refusals_outside_of_the_views(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unusable text, an unknown host, an overloaded process and a fault of ours."""
    check_readable(client.get("/lti/login?iss=%00"))
    check_readable(client.post("/lti/login", b"x", content_type="text/plain; charset=utf-16"))
    client.raise_request_exception = False
    check_readable(client.get("/lti/login", headers={"host": "attacker.example"}))

    def fail(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError("Ada Example")

    monkeypatch.setattr(views, "validate_target_uri", fail)
    check_readable(client.post("/lti/login", {"iss": "x"}))
    busy = build_busy_response(RequestFactory().get("/lti/login"))
    assert (busy.status_code, busy["Retry-After"]) == (503, "5")
    assert "Wait a few seconds" in busy.content.decode()


def test_administration_is_never_framed(client: Client) -> None:
    response = client.get("/admin/nowhere/", follow=True)
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert settings.X_FRAME_OPTIONS == "DENY"
    with pytest.raises(SuspiciousOperation):
        RequestFactory().get("/", headers={"host": "attacker.example"}).get_host()
