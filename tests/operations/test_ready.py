"""The findings of `doctor` and of the page "Ready for learners?"."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fer_lms.audit.actions import record_event
from fer_lms.audit.models import ChainCheck
from fer_lms.consent.models import ConsentText
from fer_lms.operations.checks import run_checks
from fer_lms.operations.findings import Finding
from fer_lms.operations.security_checks import check_security
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.models import PurgeRun
from tests.factories import make_user
from tests.policy.drafts import sign_complete

pytestmark = pytest.mark.django_db
PAGE = "/admin/ready/"


@pytest.fixture
def installation(settings: Settings) -> Settings:
    """As docs/operator/operation.md asks for it."""
    settings.DEMO = False
    settings.LANGUAGES = [("en", "English")]
    settings.PUBLIC_URL = "https://learn.example.org"
    settings.ALLOWED_HOSTS = ["learn.example.org", "testserver"]
    settings.SECRET_KEY = "".join(chr(33 + number) for number in range(60))
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    return settings


def found() -> dict[str, Finding]:
    sections = run_checks(open_models=False)
    return {item.name: item for section in sections for item in section.findings}


def states(*names: str) -> list[str]:
    findings = found()
    return [findings[name].state for name in names]


def test_a_signed_policy_whose_requirements_are_met(installation: Settings) -> None:
    assert states("policy") == ["warning"], "none signed: lessons without cameras"
    sign_complete("eu")
    assert states("policy", "policy requirements", "consent texts") == ["ok", "ok", "ok"]
    DeploymentPolicy.objects.update(valid_until=timezone.now() + timedelta(days=9))
    assert "changed after it was signed" in found()["policy"].detail


def test_a_policy_that_expires_soon_is_a_warning(installation: Settings) -> None:
    sign_complete("eu", valid_until=timezone.now() + timedelta(days=9))
    assert states("policy") == ["warning"]


def test_each_language_needs_consent_texts(installation: Settings) -> None:
    installation.LANGUAGES = [("en", "English"), ("fr", "Français")]
    assert "lacks fr standard, fr easy" in found()["consent texts"].detail
    newest = ConsentText.objects.order_by("-id")[0]
    for form in ("standard", "easy"):
        ConsentText.objects.create(version=newest.version, locale="fr", form=form, body=newest.body)
    assert states("consent texts") == ["ok"]


def test_an_overdue_purge_is_missing(installation: Settings) -> None:
    make_user(date_joined=timezone.now() - timedelta(days=9))
    assert states("retention") == ["missing"]
    PurgeRun.objects.create()
    assert states("retention") == ["ok"]


def test_an_overdue_verification_is_missing(installation: Settings) -> None:
    record_event(actor=None, action="test.done", subject="test")
    assert states("audit chain") == ["unchecked"], "not yet two days old"
    ChainCheck.objects.create(pk=1, verified_at=timezone.now() - timedelta(hours=51), number=1)
    assert states("audit chain") == ["missing"]
    call_command("audit_verify", stdout=StringIO())
    assert states("audit chain") == ["ok"]


@pytest.mark.parametrize(
    ("name", "setting", "value", "state"),
    [
        ("installation", "DEBUG", True, "warning"),
        ("installation", "ALLOWED_HOSTS", ["*"], "warning"),
        ("secret key", "SECRET_KEY", "secret", "missing"),
        ("https", "PUBLIC_URL", "http://learn.example.org", "missing"),
        ("https", "PUBLIC_URL", "", "warning"),
        ("cookies", "SESSION_COOKIE_SECURE", False, "missing"),
    ],
)
def test_insecure_settings_are_reported(
    installation: Settings, name: str, setting: str, value: Any, state: str
) -> None:
    def now() -> str:
        return next(item.state for item in check_security() if item.name == name)

    assert now() == "ok"
    setattr(installation, setting, value)
    assert now() == state


def test_a_secret_key_that_others_can_read(installation: Settings, tmp_path: Path) -> None:
    installation.VAR_DIR = tmp_path
    key = tmp_path / "secret_key"
    key.write_text(installation.SECRET_KEY)
    key.chmod(0o644)
    assert "other users of this machine can read" in found()["secret key"].detail
    key.chmod(0o600)
    assert states("secret key") == ["ok"]


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def page_states(page: str) -> dict[str, str]:
    rows = [row.split(">")[0] for row in page.split("<li data-name=")[1:]]
    return {row.split('"')[1]: row.split('"')[3] for row in rows}


def test_page_and_command_have_the_same_findings(
    installation: Settings, client: Client, administrator: User
) -> None:
    sign_complete("eu")
    page = client.get(PAGE).content.decode()
    output = StringIO()
    installation.FRONTEND_DIST = Path("/nonexistent")
    with pytest.raises(SystemExit):
        call_command("doctor", "--json", stdout=output)
    printed = {check["name"]: check["state"] for check in json.loads(output.getvalue())["checks"]}
    shown = page_states(page)
    if "face detector" in shown:
        assert shown.pop("face detector") == "unchecked", "not by the web process"
    printed.pop("face detector", None)
    assert shown == printed | {"front end": shown["front end"]}
    assert "person" in printed.values()


def test_the_page_has_a_summary(
    installation: Settings, client: Client, administrator: User
) -> None:
    installation.PUBLIC_URL = "http://learn.example.org"
    assert "No: " in client.get(PAGE).content.decode()
    assert "Ready for learners?" in client.get("/admin/").content.decode()
    installation.DEMO = True
    assert "this is a demonstration" in client.get(PAGE).content.decode()


def test_staff_without_permission_on_policies_are_refused(client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    assert client.get(PAGE).status_code == 403
    assert "Ready for learners?" not in client.get("/admin/").content.decode()
