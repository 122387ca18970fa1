"""The set-up page and the `lti_platform` command."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fer_lms.lti.models import LaunchState, Platform, RegistrationInvite
from fer_lms.lti.protocol.tool_keys import get_key_set
from fer_lms.lti.registration.dynamic import (
    create_invite,
    get_unused_invite,
)
from fer_lms.lti.tasks import delete_expired
from fer_lms.people.models import User
from tests.lti.conftest import Visitor
from tests.lti.platform import LmsPlatform
from tests.lti_services.services import Services


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_superuser("admin")


@pytest.fixture
def secret(services: Services, administrator: User) -> str:
    return create_invite(actor=administrator, local=True)


def test_setup_page_shows_invite_once(
    services: Services, administrator: User, client: Client
) -> None:
    client.force_login(administrator)
    setup = "/admin/lti/platform/setup/"
    page = client.post(setup, {"action": "invite", "local": "on"}).content.decode()
    secret = page.partition("/lti/register?invite=")[2].partition("<")[0]
    assert get_unused_invite(secret).made_by == administrator
    assert get_unused_invite(secret).local
    assert secret not in client.get(setup).content.decode()


def test_setup_page_lists_tool_urls(
    services: Services, administrator: User, client: Client, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://fer.example.org"
    client.force_login(administrator)
    text = client.get("/admin/lti/platform/setup/").content.decode()
    for needed in ("Moodle", "Canvas", "/lti/launch", "/lti/login", "/lti/jwks.json"):
        assert needed in text
    assert "https://fer.example.org/lti/launch" in text
    assert (
        "frame-ancestors 'none'"
        in client.get("/admin/lti/platform/setup/")["Content-Security-Policy"]
    )


def test_manual_registration(services: Services, administrator: User, client: Client) -> None:
    client.force_login(administrator)
    setup = "/admin/lti/platform/setup/"
    fields = {"action": "add", "kind": "moodle", "client_id": "abc", "deployment_id": "3"}
    bad = client.post(setup, fields | {"url": "http://moodle.example"})
    assert "not_https" in bad.content.decode()
    assert client.post(setup, fields | {"url": "https://moodle.example/"}).status_code == 302
    platform = Platform.objects.get()
    assert platform.key_set_url == "https://moodle.example/mod/lti/certs.php"
    assert platform.issuer == "https://moodle.example"
    again = client.post(setup, fields | {"url": "https://moodle.example"})
    assert "registered already" in again.content.decode()
    client.post(setup, {"action": "deployment", "platform": platform.pk, "deployment_id": "4"})
    client.post(setup, {"action": "off", "platform": platform.pk})
    platform.refresh_from_db()
    assert not platform.active
    assert platform.deployments.count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_setup_page_needs_permission(client: Client, db: None, method: str) -> None:
    client.force_login(User.objects.create(username="staff", is_staff=True))
    assert getattr(client, method)("/admin/lti/platform/setup/").status_code == 403
    client.logout()
    assert getattr(client, method)("/admin/lti/platform/setup/").status_code == 302


def test_lti_platform_command(
    services: Services, db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="FER_PUBLIC_URL"):
        call_command("lti_platform", "paste")
    settings.PUBLIC_URL = "https://fer.example.org"
    school = "https://school.instructure.com"
    call_command(
        *("lti_platform", "add", "--kind", "canvas", "--url", school),
        *("--client-id", "10000000000001", "--deployment-id", "1:abc"),
    )
    assert "https://fer.example.org/lti/launch" in capsys.readouterr().out
    platform = Platform.objects.get()
    assert platform.active
    assert platform.issuer == "https://canvas.instructure.com"
    assert school in platform.frame_ancestors
    call_command("lti_platform", "off", str(platform.pk))
    call_command("lti_platform", "list")
    assert "1:abc" in capsys.readouterr().out
    call_command("lti_platform", "invite", "--page-origin", school)
    address = capsys.readouterr().out.splitlines()[0]
    assert get_unused_invite(address.partition("invite=")[2]).page_origin == school
    call_command("lti_platform", "remove", str(platform.pk))
    assert not Platform.objects.exists()
    with pytest.raises(CommandError, match="no such platform"):
        call_command("lti_platform", "on", "999")
    with pytest.raises(CommandError, match="not_https"):
        call_command(
            *("lti_platform", "add", "--kind", "moodle", "--url", "http://moodle.example"),
            *("--client-id", "x"),
        )


def test_no_platforms_in_demonstration(db: None, settings: Settings) -> None:
    settings.DEMO, settings.PUBLIC_URL = True, "https://fer.example.org"
    with pytest.raises(CommandError, match="demonstration"):
        call_command(
            *("lti_platform", "add", "--kind", "moodle", "--url", "https://moodle.example"),
            *("--client-id", "x"),
        )


def test_rotate_keys_command(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    following = [key["kid"] for key in get_key_set()["keys"]][1]
    call_command("lti_platform", "rotate-keys")
    assert following in capsys.readouterr().out
    assert len(get_key_set()["keys"]) == 3  # the one before stays for a day


def test_expired_rows_are_deleted(
    lms: LmsPlatform, services: Services, secret: str, visitor: Visitor
) -> None:
    visitor.launch()
    long_ago = timezone.now() - timedelta(days=31)
    for model in (RegistrationInvite, LaunchState):
        model._default_manager.update(created_at=long_ago)
    delete_expired()
    assert not RegistrationInvite.objects.exists()
    assert not LaunchState.objects.exists()


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://example.org", "https://", "https://a b", "x"]
)
def test_public_url_is_an_address(url: str, db: None) -> None:
    with pytest.raises(CommandError, match="--public-url is no address"):
        call_command("lti_platform", "--public-url", url, "invite")
    assert not RegistrationInvite.objects.exists()
