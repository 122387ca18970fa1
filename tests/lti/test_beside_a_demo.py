"""The demonstration, which needs no login, never starts with a registered platform."""

import subprocess
import sys
from pathlib import Path

from pytest_django import Settings

from fer_lms.demo.checks import check_demo_isolation
from fer_lms.lti.models import Platform
from tests.bench.temporary_stack import build_environment


def test_system_check_reports_platform(db: None, settings: Settings) -> None:
    settings.DEMO = True
    assert [finding.id for finding in check_demo_isolation()] == []
    Platform.objects.create(name="a", issuer="https://lms.example", client_id="1")
    assert [finding.id for finding in check_demo_isolation()] == ["demo.E002"]


def test_web_process_does_not_start(tmp_path: Path) -> None:
    environment = build_environment(tmp_path)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "ignore", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    settings = {"DJANGO_SETTINGS_MODULE": "fer_lms.settings"}
    environment |= settings
    assert run("-m", "django", "migrate", "--verbosity=0").returncode == 0
    assert run("-c", "import fer_lms.asgi").returncode == 0
    make = (
        "from fer_lms.lti.models import Platform;"
        "Platform.objects.create(name='a', issuer='https://lms.example', client_id='1')"
    )
    assert run("-m", "django", "shell", "-c", make).returncode == 0
    refused = run("-c", "import fer_lms.asgi")
    assert refused.returncode != 0
    assert "The database contains a registered LMS platform" in refused.stderr
