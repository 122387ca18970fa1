"""Dynamic Registration: one-time invites, and platforms switched off until checked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from fer_lms.audit.models import AuditEvent
from fer_lms.lti.models import Platform, RegistrationInvite
from fer_lms.lti.protocol.errors import LtiError
from fer_lms.lti.registration.dynamic import (
    RegistrationRequest,
    create_invite,
    get_unused_invite,
    parse_platform_configuration,
    register_platform,
    validate_registration_request,
)
from fer_lms.lti.registration.platforms import (
    InvalidPlatformError,
    add_platform,
    set_platform_active,
)
from fer_lms.lti.registration.tool_configuration import ToolUrls
from fer_lms.people.models import User
from tests.lti.conftest import TOOL, Visitor
from tests.lti.platform import CLIENT_ID, LmsPlatform
from tests.lti_services.hostile import hostile_server
from tests.lti_services.services import Services, code

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CANVAS = {
    "issuer": "https://canvas.instructure.com",
    "authorization_endpoint": "https://sso.canvaslms.com/api/lti/authorize_redirect",
    "token_endpoint": "https://sso.canvaslms.com/login/oauth2/token",
    "jwks_uri": "https://sso.canvaslms.com/api/lti/security/jwks",
    "registration_endpoint": "https://school.instructure.com/api/lti/registrations",
    "authorization_server": "canvas.instructure.com",
    "https://purl.imsglobal.org/spec/lti-platform-configuration": {
        "product_family_code": "canvas",
        "https://canvas.instructure.com/lti/account_name": "Test University",
    },
}


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_superuser("admin")


@pytest.fixture
def secret(services: Services, administrator: User) -> str:
    return create_invite(actor=administrator, local=True)


def sent(lms: LmsPlatform, secret: str, **changes: str) -> dict[str, str]:
    """Build the parameters that the LMS adds to the registration address."""
    return {
        "invite": secret,
        "openid_configuration": f"{lms.url}/openid-configuration",
        "registration_token": "reg-t0ken",
    } | changes


def post(lms: LmsPlatform, secret: str, **changes: str) -> Any:
    """Post as from a frame of another site: without cookie and CSRF token."""
    return Client(enforce_csrf_checks=True).post("/lti/register", sent(lms, secret, **changes))


def test_get_registers_nothing(lms: LmsPlatform, services: Services, secret: str) -> None:
    for _ in range(2):
        page = Client().get(f"/lti/register?{urlencode(sent(lms, secret))}")
        assert page.status_code == 200
    assert lms.url in page.content.decode()
    assert lms.requested_paths == []
    assert "frame-ancestors http: https:" in page["Content-Security-Policy"]  # in our own network
    assert "X-Frame-Options" not in page


def test_registered_platform_is_switched_off(
    lms: LmsPlatform, services: Services, secret: str
) -> None:
    page = post(lms, secret)
    assert page.status_code == 200
    assert "not switched on yet" in page.content.decode()
    platform = Platform.objects.get()
    assert (platform.issuer, platform.client_id) == (lms.url, CLIENT_ID)
    assert platform.key_set_url == f"{lms.url}/keys.json"
    assert platform.deployments.get().deployment_id == "7"
    assert not platform.active
    login = Client().post("/lti/login", lms.initiation())
    assert code(login) == "LTI-02"
    assert AuditEvent.objects.filter(action="lti.platform_added").exists()


def test_launch_after_switching_on(
    lms: LmsPlatform, services: Services, secret: str, administrator: User
) -> None:
    post(lms, secret)
    admin = Client()
    admin.force_login(administrator)
    setup = "/admin/lti/platform/setup/"
    assert "not switched on" in admin.get(setup).content.decode()
    admin.post(setup, {"action": "on", "platform": Platform.objects.get().pk})
    assert Visitor(lms).launch().status_code == 302


def test_registration_request_body(lms: LmsPlatform, services: Services, secret: str) -> None:
    post(lms, secret)
    ((authorization, body),) = services.registrations
    assert authorization == "Bearer reg-t0ken"
    assert body["redirect_uris"] == [f"{TOOL}/lti/launch"]
    assert body["initiate_login_uri"] == f"{TOOL}/lti/login"
    assert body["jwks_uri"] == f"{TOOL}/lti/jwks.json"
    assert body["token_endpoint_auth_method"] == "private_key_jwt"
    assert body["scope"] == (
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
    )
    types = [message["type"] for message in body[TOOL_CONFIGURATION]["messages"]]
    known = ["LtiResourceLinkRequest", "LtiDeepLinkingRequest", "DataPrivacyLaunchRequest"]
    assert types == known
    assert "email" not in body[TOOL_CONFIGURATION]["claims"]


def test_invite_is_used_once(lms: LmsPlatform, services: Services, secret: str) -> None:
    post(lms, secret)
    assert code(post(lms, secret)) == "LTI-15"
    assert code(Client().get(f"/lti/register?{urlencode(sent(lms, secret))}")) == "LTI-15"
    assert Platform.objects.count() == 1
    assert len(services.registrations) == 1


def test_one_of_two_concurrent_registrations_succeeds(
    lms: LmsPlatform, services: Services, secret: str
) -> None:
    invite = get_unused_invite(secret)
    get_unused_invite(secret)
    request = RegistrationRequest(f"{lms.url}/openid-configuration", "t")
    register_platform(invite=invite, request=request, urls=ToolUrls(TOOL))
    with pytest.raises(LtiError):
        register_platform(invite=invite, request=request, urls=ToolUrls(TOOL))
    assert len(services.registrations) == 1


def test_invite_expires(lms: LmsPlatform, services: Services, secret: str) -> None:
    RegistrationInvite.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert code(post(lms, secret)) == "LTI-15"
    assert lms.requested_paths == []


def test_unknown_invite_makes_no_request(lms: LmsPlatform, services: Services, db: None) -> None:
    assert code(post(lms, "invented")) == "LTI-15"
    assert code(Client().get("/lti/register")) == "LTI-15"
    assert lms.requested_paths == []


def test_invite_secret_is_stored_as_digest(secret: str) -> None:
    assert secret not in RegistrationInvite.objects.get().digest


@pytest.mark.parametrize(
    "changes",
    [
        {"openid_configuration": ""},
        {"openid_configuration": "file:///etc/passwd"},
        {"openid_configuration": "http://169.254.169.254/latest"},
        {"registration_token": "a\r\nX-Evil: 1"},
        {"registration_token": "a" * 9000},
    ],
)
def test_hostile_parameters_are_refused(
    lms: LmsPlatform, services: Services, secret: str, changes: dict[str, str]
) -> None:
    assert code(post(lms, secret, **changes)) == "LTI-16"
    assert not Platform.objects.exists()


def test_private_addresses_need_local_invite(
    lms: LmsPlatform, services: Services, administrator: User
) -> None:
    secret = create_invite(actor=administrator)
    assert code(post(lms, secret)) == "LTI-16"
    https = f"{lms.url}/openid-configuration".replace("http:", "https:")
    assert code(post(lms, secret, openid_configuration=https)) == "LTI-16"
    assert lms.requested_paths == []


@pytest.mark.parametrize("path", ["redirect", "huge", "page", "nonsense", "error", "no-http"])
def test_hostile_configuration_is_refused(
    lms: LmsPlatform, services: Services, secret: str, path: str
) -> None:
    with hostile_server() as server:
        url = f"{server.url}/{path}"
        assert code(post(lms, secret, openid_configuration=url)) == "LTI-16"
    assert not Platform.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": "https://another.example"}, "foreign_issuer"),
        ({"issuer": "https://canvas.instructure.com"}, "foreign_issuer"),
        ({"issuer": None}, "no_issuer"),
        ({"issuer": 7}, "no_issuer"),
        ({"jwks_uri": ""}, "no_jwks_uri"),
        ({"token_endpoint": "file:///x"}, "configuration_unusable"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "configuration_unusable"),
        ({"registration_endpoint": "gopher://x/"}, "registration_not_https"),
    ],
)
def test_invalid_configuration_is_refused(
    lms: LmsPlatform, services: Services, secret: str, changes: dict[str, Any], reason: str
) -> None:
    services.configuration_changes = changes
    request = RegistrationRequest(f"{lms.url}/openid-configuration", "")
    with pytest.raises(LtiError) as caught:
        register_platform(invite=get_unused_invite(secret), request=request, urls=ToolUrls(TOOL))
    assert caught.value.reason == reason
    assert not Platform.objects.exists()


@pytest.mark.parametrize("client_id", [None, "", 5, "x" * 300, "a\nb", "\0", "\ud800"])
def test_answer_without_client_id_is_refused(
    lms: LmsPlatform, services: Services, secret: str, client_id: object
) -> None:
    services.registration_answer = {"client_id": client_id}
    assert code(post(lms, secret)) == "LTI-16"
    assert not Platform.objects.exists()


CANVAS_CONFIGURATION = (
    "https://canvas.instructure.com/api/lti/security/openid-configuration?registration_token=x"
)
"""Canvas serves it at the issuer's address; the registration endpoint is the school's."""


def test_canvas_issuer_and_page_origin() -> None:
    origin = validate_registration_request(
        RegistrationRequest(CANVAS_CONFIGURATION, "x"), local=False
    )
    facts, endpoint = parse_platform_configuration(CANVAS, origin=origin, local=False)
    assert facts.name == "Test University"
    assert facts.token_audience == ""  # its token address, not a mere host
    assert "https://school.instructure.com" in facts.page_origins
    assert endpoint == CANVAS["registration_endpoint"]
    with pytest.raises(LtiError):
        parse_platform_configuration(
            CANVAS, origin="https://instructure.com.evil.example", local=False
        )


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ({TOOL_CONFIGURATION: {"deployment_id": "7"}}, ["7"]),
        ({TOOL_CONFIGURATION: {}, "deployment_id": "1:abc"}, ["1:abc"]),
        ({TOOL_CONFIGURATION: {"deployment_id": "7"}, "deployment_id": "7"}, ["7"]),
        ({TOOL_CONFIGURATION: {}}, []),
        ({TOOL_CONFIGURATION: None, "deployment_id": 7}, []),
        ({TOOL_CONFIGURATION: {"deployment_id": "\0"}, "deployment_id": "\ud800"}, []),
    ],
)
def test_deployment_id_locations(
    lms: LmsPlatform, services: Services, secret: str, answer: dict[str, Any], known: list[str]
) -> None:
    services.registration_answer = answer
    page = post(lms, secret).content.decode()
    deployments = Platform.objects.get().deployments
    assert list(deployments.values_list("deployment_id", flat=True)) == known
    assert ("did not send a deployment id" in page) == (not known)


def test_registration_page_may_be_framed(services: Services, db: None) -> None:
    """A school's page, unknown before, may frame the page."""
    secret = create_invite(actor=None)
    sent = {"invite": secret, "openid_configuration": CANVAS_CONFIGURATION}
    page = Client().get(f"/lti/register?{urlencode(sent)}")
    assert page.status_code == 200
    assert "frame-ancestors https:" in page["Content-Security-Policy"]
    assert "http:" not in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    refused = Client().get("/lti/register?invite=unknown")
    assert code(refused) == "LTI-15"
    assert "frame-ancestors http: https:" in refused["Content-Security-Policy"]


def test_page_origin_of_invite_may_frame_launches(
    lms: LmsPlatform, services: Services, administrator: User
) -> None:
    school = "https://Canvas.School.example/courses/1"
    post(lms, create_invite(actor=administrator, local=True, page_address=school))
    platform = Platform.objects.get()
    assert "https://canvas.school.example" in platform.frame_ancestors
    set_platform_active(platform=platform, active=True, actor=None)
    login = Client().post("/lti/login", lms.initiation(lti_storage_target="_parent"))
    assert "https://canvas.school.example" in login["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["http://school.example", "javascript:x", "https://a b"])
def test_invalid_page_address_is_refused(
    services: Services, administrator: User, address: str
) -> None:
    with pytest.raises(InvalidPlatformError):
        create_invite(actor=administrator, page_address=address)
    assert not RegistrationInvite.objects.exists()


def test_missing_canvas_page_origin_is_reported(
    services: Services, administrator: User, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, _ = parse_platform_configuration(
        CANVAS | {"registration_endpoint": CANVAS_CONFIGURATION},
        origin="https://canvas.instructure.com",
        local=False,
    )
    platform = add_platform(config=replace(facts, client_id="1"), active=False, actor=None)
    client.force_login(administrator)
    setup = "/admin/lti/platform/setup/"
    assert "Where do people see this Canvas?" in client.get(setup).content.decode()
    switched = client.post(setup, {"action": "on", "platform": platform.pk}, follow=True)
    assert "empty frame until you add it" in switched.content.decode()
    call_command("lti_platform", "list")
    assert "frames stay empty" in capsys.readouterr().out
    fields = {"action": "origin", "platform": platform.pk}
    bad = client.post(setup, fields | {"page_address": "http://school.example"})
    assert "not https" in bad.content.decode()
    client.post(setup, fields | {"page_address": "https://school.instructure.com/accounts/1"})
    platform.refresh_from_db()
    assert "https://school.instructure.com" in platform.frame_ancestors
    assert AuditEvent.objects.filter(action="lti.page_origin_added").exists()
    assert "Where do people see this Canvas?" not in client.get(setup).content.decode()
    call_command("lti_platform", "origin", str(platform.pk), "school.example")
    capsys.readouterr()
    call_command("lti_platform", "on", str(platform.pk))
    assert "frames stay empty" not in capsys.readouterr().out
    platform.refresh_from_db()
    assert "https://school.example" in platform.frame_ancestors


def test_canvas_placements_and_privacy_level(
    lms: LmsPlatform, services: Services, secret: str
) -> None:
    services.configuration_changes = {
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "canvas"
        }
    }
    services.registration_answer = {TOOL_CONFIGURATION: {}}  # it tells no deployment
    page = post(lms, secret).content.decode()
    assert "did not send a deployment id" in page
    tool = services.registrations[0][1][TOOL_CONFIGURATION]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "name_only"
    assert placements_in_canvas(tool["messages"]) == {
        "link_selection": "LtiDeepLinkingRequest",
        "editor_button": "LtiDeepLinkingRequest",
    }
    assert tool["target_link_uri"] == f"{TOOL}/lti/launch"


def placements_in_canvas(messages: list[dict[str, Any]]) -> dict[str, str]:
    """Read messages like Canvas: default placement link_selection, first message wins."""
    found: dict[str, str] = {}
    for message in messages:
        for placement in message.get("placements") or ["link_selection"]:
            found.setdefault(placement, message["type"])
    return found
