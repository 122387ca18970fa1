"""Text that no database stores, in every part of a request: 4xx, and nothing of it in the logs."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import websockets
from django.conf import settings as django_settings
from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.log_privacy import RouteLogFilter

WORD = "canaryword"
SECRET = f"{WORD}\ud800"
pytestmark = pytest.mark.django_db


@pytest.fixture
def log_text() -> Iterator[io.StringIO]:
    """What the handler of the settings prints."""
    logging_settings: Any = django_settings.LOGGING
    config = logging_settings["formatters"]["json"]
    options = {name: value for name, value in config.items() if name != "()"}
    handler = logging.StreamHandler(text := io.StringIO())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**options))
    handler.addFilter(RouteLogFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield text
    root.removeHandler(handler)


@pytest.fixture
def signed_in(client: Client, learner: Participant) -> Client:
    client.force_login(learner.user)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("kind", ["self_report", SECRET])
@pytest.mark.parametrize("field", ["kind", "value", "key"])
def test_lone_surrogate_in_an_event_is_refused_and_not_logged(
    signed_in: Client, learner: Participant, log_text: io.StringIO, kind: str, field: str
) -> None:
    event = {"kind": "self_report", "value": "hard", field: SECRET}
    path = f"/api/v1/sessions/{learner.session_id}/events"
    response = signed_in.post(path, json.dumps({"events": [event]}), "application/json")
    assert response.status_code == 400
    assert response.json()["reason"] == "parse_error"
    assert WORD not in log_text.getvalue()


@pytest.mark.parametrize(
    "path",
    [
        "/%00/",
        "/lti/window/a%00b",
        "/guardian/%00/",
        "/?x=%00",
        "/api/v1/lessons/?a=%00b",
        "/lti/login?iss=%00",
    ],
)
def test_nul_in_an_address_is_a_bad_request(client: Client, path: str) -> None:
    client.raise_request_exception = False
    assert client.get(path).status_code == 400


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "lti-1", "other"])
@pytest.mark.parametrize("value", ["a\0b", '"a\\000b"'])
def test_nul_in_a_cookie_is_a_bad_request(client: Client, name: str, value: str) -> None:
    client.raise_request_exception = False
    response = client.get("/api/v1/lessons/", headers={"cookie": f"{name}={value}"})
    assert response.status_code in (400, 403)
    assert client.get("/", headers={"cookie": f"{name}={value}"}).status_code in (200, 302, 400)


@pytest.mark.parametrize("charset", ["base64", "idna", "utf-16", "rot13", "no-such", "punycode"])
@pytest.mark.parametrize("path", ["/", "/lti/login", "/api/v1/me/profile", "/admin/login/"])
def test_other_charsets_are_refused(signed_in: Client, charset: str, path: str) -> None:
    content_type = f"application/x-www-form-urlencoded; charset={charset}"
    assert signed_in.generic("POST", path, b"a=b", content_type).status_code == 415
    assert signed_in.get(path, headers={"content-type": content_type}).status_code in (415, 200)


def test_form_with_nul_is_a_bad_request(client: Client) -> None:
    client.raise_request_exception = False
    sent = {"iss": "a\0", "login_hint": "\0", "target_link_uri": "\0"}
    assert client.post("/lti/login", sent).status_code in (400, 403)
    login = {"username": "a\0b", "password": "c\0d"}
    assert client.post("/admin/login/", login).status_code in (200, 400)


@pytest.mark.parametrize(
    "status_path", ["/api/none", "/api/v1/sessions/x/", "/api/v1/steps/0/none"]
)
def test_errors_under_api_are_json(signed_in: Client, status_path: str) -> None:
    response = signed_in.get(status_path)
    assert response.status_code == 404
    assert response.json()["reason"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/steps/{n}/picture",
        "/api/v1/steps/{n}/",
        "/api/v1/lessons/{n}/",
        "/api/v1/lessons/{n}/rules/{n}/versions",
        "/api/v1/courses/{n}/lessons/",
        "/lessons/{n}/",
    ],
)
def test_id_that_fits_in_no_column_is_not_found(signed_in: Client, path: str) -> None:
    for number in (2**63, 10**30, 10**400):
        address = path.format(n=number)
        assert signed_in.get(address).status_code in (404, 405)
        sent = signed_in.put(address, "{}", content_type="application/json")
        assert sent.status_code in (400, 403, 404, 405)


def test_wrong_host_is_json_under_api(client: Client) -> None:
    response = client.get("/api/v1/lessons/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert response.json()["reason"] == "bad_request"


def test_unexpected_error_is_json_and_its_message_is_not_logged(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch, log_text: io.StringIO
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        try:
            raise KeyError(WORD)
        except KeyError as error:
            raise RuntimeError(f"not {WORD}") from error

    monkeypatch.setattr("fer_lms.api.sessions.profile_views.get_profile", fail)
    response = signed_in.get("/api/v1/me/profile")
    assert response.status_code == 500
    assert response.json()["reason"] == "server_error"
    [line] = [
        line for line in map(json.loads, log_text.getvalue().splitlines()) if "exception" in line
    ]
    assert line["exception"][0] == "builtins.RuntimeError"
    assert "builtins.KeyError" in line["exception"]
    assert any("test_unusable_text.py" in place for place in line["exception"])
    assert WORD not in log_text.getvalue()


@pytest.mark.parametrize(
    "logger", ["asyncio", "celery.app.trace", "uvicorn.error", "channels", "other"]
)
def test_exceptions_that_packages_log_have_no_values(log_text: io.StringIO, logger: str) -> None:
    try:
        raise ValueError(WORD)
    except ValueError as error:
        target = logging.getLogger(logger)
        target.error("Task failed\nfuture: %s" % WORD, exc_info=True)  # noqa: UP031
        target.error("Task %s raised: %s", "name", error)
        target.error("Task %(name)s: %(exc)s", {"name": "x", "exc": error})
        target.error("100 %% of %s", WORD, exc_info=error)
        structlog.get_logger("fer_lms.test").exception("own_event", n=1)
    lines = [json.loads(line) for line in log_text.getvalue().splitlines()]
    assert len(lines) == 5
    assert WORD not in log_text.getvalue()
    assert lines[-1]["event"] == "own_event"


async def test_unknown_socket_address_is_refused(web: str) -> None:
    for path in ("/ws/unknown/", "/", "/ws/capture/x", "/ws/%00"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://{web}{path}")
        assert refused.value.response.status_code == 403
