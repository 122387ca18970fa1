"""Launches that must fail: no session, no changes, one log line."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import structlog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fer_lms.lessons.models import Course
from fer_lms.lti.launch.logins import _create_signer
from fer_lms.lti.models import Deployment, LaunchState, Platform
from fer_lms.people.models import User
from tests.lti.cases import CASES, HEADER, KNOWN_BAD, NOW, OF_OUR_OWN, other_spelling
from tests.lti.conftest import Visitor, get_error_code, register
from tests.lti.platform import (
    CLIENT_ID,
    rsa_key,
    sign_raw,
)


def nothing_changed(client: Client) -> bool:
    somebody = User.objects.exists() or Course.objects.exists()
    return not somebody and "sessionid" not in client.cookies


@pytest.mark.parametrize("case", CASES)
def test_refused(visitor: Visitor, platform: Platform, case: str) -> None:
    token, code = CASES[case]
    Deployment.objects.create(platform=platform, deployment_id="off", active=False)
    Deployment.objects.create(platform=platform, deployment_id="deployment")
    other = Platform.objects.create(
        name="other", issuer="https://other.example", client_id=CLIENT_ID, active=True
    )
    Deployment.objects.create(platform=other, deployment_id="of the other")
    parameters = visitor.login()
    claims = visitor.lms.resource_link() | {"nonce": parameters["nonce"]}
    with structlog.testing.capture_logs() as logged:
        response = visitor.post(state=parameters["state"], id_token=token(visitor.lms, claims))
    assert get_error_code(response) == code
    assert nothing_changed(visitor.client)
    refusals = [line for line in logged if line["event"] == "lti_refused"]
    assert [line["code"] for line in refusals] == [code]
    assert refusals[0]["reference"] in response.content.decode()
    assert refusals[0]["reason"] not in response.content.decode()
    assert set(visitor.lms.requested_paths) <= {"/keys.json"}
    # A failed launch does not consume the login: the valid message is still accepted.
    right = visitor.post(state=parameters["state"], id_token=visitor.lms.sign(claims))
    assert right.status_code == 302


def test_number_of_cases() -> None:
    assert len(KNOWN_BAD) == 12
    assert len(OF_OUR_OWN) >= 20


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT_ID], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"azp": CLIENT_ID},
        {"iat": lambda: int(NOW()) + 25},
        {"iat": lambda: int(NOW()) - 25},
        {"exp": lambda: int(NOW()) + 23 * 3600},
        {"exp": lambda: NOW() + 60.5},
        {"nbf": lambda: int(NOW()) + 25},
        {"sub": "s" * 255},
        {"given_name": 7, "family_name": None},
        {"resource_link": {"id": "11", "title": "x" * 500}},
        {"context": {"id": "c", "title": "line\nbreak"}},
        {"target_link_uri": "http://testserver/"},
        {"something_else": {"a": [1, None, "b"]}},
    ],
)
def test_accepted(visitor: Visitor, changes: dict[str, Any]) -> None:
    """Valid values at the limits are accepted."""
    values = {name: value() if callable(value) else value for name, value in changes.items()}
    assert visitor.launch(visitor.lms.resource_link(**values)).status_code == 302


def test_replayed_launch_is_refused(visitor: Visitor) -> None:
    parameters = visitor.login()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": parameters["nonce"]})
    assert visitor.post(state=parameters["state"], id_token=token).status_code == 302
    # The same browser, another one, and one with the stolen cookie.
    stolen = Client()
    stolen.cookies = visitor.client.cookies
    for client in (visitor.client, Client(), stolen):
        response = client.post("/lti/launch", {"state": parameters["state"], "id_token": token})
        assert get_error_code(response) == "LTI-03"


def test_nonce_of_another_login_is_refused(visitor: Visitor) -> None:
    first = visitor.login()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": first["nonce"]})
    visitor.post(state=first["state"], id_token=token)
    other_browser = Visitor(visitor.lms)
    for browser in (visitor, other_browser):
        fresh = browser.login()
        assert get_error_code(browser.post(state=fresh["state"], id_token=token)) == "LTI-05"


def test_token_from_another_browser_is_refused(visitor: Visitor) -> None:
    parameters = visitor.login()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": parameters["nonce"]})
    sent = {"state": parameters["state"], "id_token": token}
    assert get_error_code(Client().post("/lti/launch", sent)) == "LTI-04"
    other = Visitor(visitor.lms)
    other.login()
    assert get_error_code(other.post(**sent)) == "LTI-04"
    assert visitor.post(**sent).status_code == 302


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "LTI-01"),
        ({"state": "x"}, "LTI-01"),
        ({"id_token": "a.b.c"}, "LTI-01"),
        ({"state": "x", "id_token": "a.b.c"}, "LTI-03"),
        ({"state": ["x", "y"], "id_token": "a.b.c"}, "LTI-01"),
        ({"error": "login_required", "state": "x"}, "LTI-12"),
    ],
)
def test_malformed_launch_posts_are_refused(
    platform: Platform, client: Client, sent: dict[str, Any], code: str
) -> None:
    assert get_error_code(client.post("/lti/launch", sent)) == code


def test_launch_by_get_is_refused(platform: Platform, client: Client) -> None:
    assert get_error_code(client.get("/lti/launch")) == "LTI-01"


def test_unreadable_bodies_are_refused(platform: Platform, client: Client) -> None:
    huge = client.post("/lti/launch", b"state=" + b"x" * 3_000_000, content_type=FORM)
    assert get_error_code(huge) == "LTI-01"
    many = client.post("/lti/launch", b"a=1&" * 2000, content_type=FORM)
    assert get_error_code(many) == "LTI-01"
    broken = client.post("/lti/launch", b"x", content_type="multipart/form-data")
    assert get_error_code(broken) == "LTI-01"
    strange = client.post("/lti/launch", b"\xff\x00", content_type="text/plain")
    assert get_error_code(strange) == "LTI-01"


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": ""}, "LTI-01"),
        ({"login_hint": ""}, "LTI-01"),
        ({"target_link_uri": ""}, "LTI-01"),
        ({"login_hint": "x" * 5000}, "LTI-01"),
        ({"lti_storage_target": "x" * 300}, "LTI-01"),
        ({"lti_deployment_id": "a\x00b"}, "LTI-01"),
        ({"iss": ["a", "b"]}, "LTI-01"),
        ({"iss": "https://unknown.example"}, "LTI-02"),
        ({"client_id": "unknown"}, "LTI-02"),
        ({"target_link_uri": "https://attacker.example/"}, "LTI-11"),
    ],
)
def test_invalid_login_initiations_are_refused(
    visitor: Visitor, changes: dict[str, Any], code: str
) -> None:
    response = visitor.client.post("/lti/login", visitor.lms.initiation() | changes)
    assert get_error_code(response) == code
    assert not LaunchState.objects.exists()


def test_ambiguous_issuer_needs_client_id(visitor: Visitor) -> None:
    register_again = {"client_id": "tool-2", "name": "twice"}
    register(visitor.lms, **register_again)
    initiation = visitor.lms.initiation()
    assert visitor.client.post("/lti/login", initiation).status_code == 302
    del initiation["client_id"]
    assert get_error_code(visitor.client.post("/lti/login", initiation)) == "LTI-02"


def test_launch_of_another_deployment_is_refused(visitor: Visitor, platform: Platform) -> None:
    Deployment.objects.create(platform=platform, deployment_id="8")
    parameters = visitor.login(lti_deployment_id="8")
    claims = visitor.lms.resource_link() | {"nonce": parameters["nonce"]}
    response = visitor.post(state=parameters["state"], id_token=visitor.lms.sign(claims))
    assert get_error_code(response) == "LTI-08"


def test_unknown_deployment_is_refused(visitor: Visitor, platform: Platform) -> None:
    other = Platform.objects.create(name="b", issuer="https://b.example", client_id="1")
    Deployment.objects.create(platform=other, deployment_id="of another")
    Deployment.objects.create(platform=platform, deployment_id="off", active=False)
    Deployment.objects.create(platform=platform, deployment_id="8")
    wrong = {"of another": "", "off": "", "7 ": "", "unknown": "", "7": "8"}
    for deployment, of_login in wrong.items():
        parameters = visitor.login(lti_deployment_id=of_login)
        claims = visitor.lms.resource_link(nonce=parameters["nonce"], deployment_id=deployment)
        with structlog.testing.capture_logs() as logged:
            visitor.post(state=parameters["state"], id_token=visitor.lms.sign(claims))
        reason = "other_deployment" if of_login else "wrong_deployment"
        logged_errors = [(line["code"], line["reason"], line["platform"]) for line in logged]
        assert logged_errors == [("LTI-08", reason, platform.pk)]


def test_platform_switched_off_during_login_is_refused(
    visitor: Visitor, platform: Platform
) -> None:
    parameters = visitor.login()
    Platform.objects.update(active=False)
    claims = visitor.lms.resource_link() | {"nonce": parameters["nonce"]}
    response = visitor.post(state=parameters["state"], id_token=visitor.lms.sign(claims))
    assert get_error_code(response) == "LTI-02"


def test_login_expires(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = timezone.now() - timedelta(minutes=16)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: earlier)
        parameters = visitor.login()
    claims = visitor.lms.resource_link() | {"nonce": parameters["nonce"]}
    response = visitor.post(state=parameters["state"], id_token=visitor.lms.sign(claims))
    assert get_error_code(response) == "LTI-03"


def test_authentication_request_parameters(visitor: Visitor) -> None:
    parameters = visitor.login()
    assert {name: parameters[name] for name in parameters if name not in ("state", "nonce")} == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://testserver/lti/launch",
        "login_hint": "hint-1",
        "lti_message_hint": "message-1",
    }
    assert min(len(parameters["state"]), len(parameters["nonce"])) >= 43
    again = visitor.login(lti_message_hint="")
    assert "lti_message_hint" not in again
    assert again["state"] != parameters["state"]
    assert again["nonce"] != parameters["nonce"]


def test_login_url_keeps_its_query(visitor: Visitor, platform: Platform) -> None:
    platform.auth_login_url += "?tenant=1"
    platform.save()
    assert visitor.login()["tenant"] == "1"


def test_log_has_reason_and_reference(visitor: Visitor, platform: Platform) -> None:
    """The page shows code and reference; only the log has the reason."""
    Platform.objects.create(name="b", issuer=platform.issuer, client_id="2")
    posts = {
        "unknown_state": ("/lti/launch", {"state": "x", "id_token": "x"}),
        "login_incomplete": ("/lti/login", {}),
        "no_such_target": ("/lti/login", visitor.lms.initiation(target_link_uri="x")),
        "unknown_platform": ("/lti/login", visitor.lms.initiation(iss="x")),
        "ambiguous_platform": ("/lti/login", visitor.lms.initiation(client_id="")),
        "inactive_platform": ("/lti/login", visitor.lms.initiation(client_id="2")),
        "login_out_of_bounds": ("/lti/login", visitor.lms.initiation(client_id="x" * 256)),
    }
    for reason, (path, sent) in posts.items():
        with structlog.testing.capture_logs() as logged:
            visitor.client.post(path, sent)
        assert [line["reason"] for line in logged] == [reason]


def test_login_of_anybody_stores_nothing(visitor: Visitor) -> None:
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            visitor.login()
    assert not LaunchState.objects.exists()
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_state_contains_no_secret_and_only_digests_are_stored(visitor: Visitor) -> None:
    parameters = visitor.login()
    cookie = next(morsel.value for morsel in visitor.client.cookies.values())
    fields = str(_create_signer().unsign_object(parameters["state"]))
    claims = visitor.lms.resource_link() | {"nonce": parameters["nonce"]}
    visitor.post(state=parameters["state"], id_token=visitor.lms.sign(claims))
    stored = str(LaunchState.objects.values().get())
    for secret in (parameters["nonce"], cookie):
        assert secret not in fields + parameters["state"] + stored
    assert parameters["state"] not in stored


@pytest.mark.parametrize("place", [0, 20, -1])
def test_changed_state_is_unknown(visitor: Visitor, place: int) -> None:
    parameters = visitor.login()
    letters = list(parameters["state"])
    letters[place] = "A" if letters[place] != "A" else "B"
    with structlog.testing.capture_logs() as logged:
        visitor.post(state="".join(letters), id_token="x")
    assert [line["reason"] for line in logged] == ["unknown_state"]


def test_state_of_a_removed_platform_is_unknown(visitor: Visitor) -> None:
    parameters = visitor.login()
    Platform.objects.all().delete()
    with structlog.testing.capture_logs() as logged:
        visitor.post(state=parameters["state"], id_token="x")
    assert [line["reason"] for line in logged] == ["unknown_state"]


def test_non_canonical_signature_decodes_alike() -> None:
    """Both spellings of the signature in the case above decode to the same bytes."""
    token = sign_raw(HEADER, {}, rsa_key("lms"))
    other = other_spelling(*token.split("."))
    assert token != other
    decoded = [base64.urlsafe_b64decode(value.split(".")[2] + "==") for value in (token, other)]
    assert decoded[0] == decoded[1]
