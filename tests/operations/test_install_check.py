"""Each fault of an installation is found, named, and comes with what to do."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from pytest_django import Settings

from fer_lms.operations import installation_checks as checks
from fer_lms.operations.findings import Finding


def states(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}


SETTINGS_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"DEMO": True}, "installation", "missing"),
    ({"DEBUG": True}, "installation", "missing"),
    ({"ALLOWED_HOSTS": ["*"]}, "installation", "warning"),
    ({"SECRET_KEY": "short"}, "secret key", "missing"),
    ({"PUBLIC_URL": "http://lms.example.org"}, "https", "missing"),
    ({"PUBLIC_URL": ""}, "https", "warning"),
    ({"SESSION_COOKIE_SECURE": False}, "cookies", "missing"),
    ({"ALLOWED_HOSTS": ["other.example.org"]}, "proxy", "missing"),
    ({"SECURE_PROXY_SSL_HEADER": None}, "proxy", "missing"),
    ({"METRICS_TOKEN": ""}, "metrics", "warning"),
]


@pytest.fixture
def good(settings: Settings) -> Settings:
    for name, value in {
        "DEMO": False,
        "DEBUG": False,
        "PUBLIC_URL": "https://lms.example.org",
        "ALLOWED_HOSTS": ["lms.example.org", "localhost"],
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECRET_KEY": "".join(map(chr, range(48, 110))),
        "METRICS_TOKEN": "token",
    }.items():
        setattr(settings, name, value)
    return settings


def test_good_settings_have_no_findings(good: Settings) -> None:
    assert {state for name, state in states(checks._check_settings()).items()} <= {"ok"}


@pytest.mark.parametrize(("changed", "name", "state"), SETTINGS_FAULTS)
def test_every_fault_of_the_settings_is_found(
    good: Settings, changed: dict[str, Any], name: str, state: str
) -> None:
    for key, value in changed.items():
        setattr(good, key, value)
    assert states(checks._check_settings())[name] == state


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    finding = checks._check_folder(tmp_path / "absent", "FER_VAR_DIR")
    assert finding.state == "missing"
    assert "FER_VAR_DIR" in finding.detail
    assert checks._check_folder(tmp_path, "FER_VAR_DIR").state == "ok"


@pytest.mark.parametrize("seconds", [-3600, 3600])
@pytest.mark.parametrize("reader", ["_read_database_clock", "_read_redis_clock"])
def test_a_clock_that_differs_from_a_server_is_found(
    monkeypatch: pytest.MonkeyPatch, reader: str, seconds: int
) -> None:
    now: dict[str, Callable[[], float]] = dict.fromkeys(
        ("_read_database_clock", "_read_redis_clock"), time.time
    )
    now[reader] = lambda: time.time() + seconds
    for name, read in now.items():
        monkeypatch.setattr(checks, name, read)
    assert states(checks._check_clock()) == {"clock": "missing"}
    monkeypatch.setattr(checks, reader, time.time)
    assert states(checks._check_clock()) == {"clock": "ok"}


class FakeServer:
    def __init__(self, version: str, run_id: str) -> None:
        self._info = {"redis_version": version, "run_id": run_id}

    def info(self, _section: str) -> dict[str, str]:
        return self._info


@pytest.mark.parametrize(
    ("version", "state"), [("6.2.14", "missing"), ("7.0.15", None), ("10.1", None)]
)
def test_an_old_redis_is_found(version: str, state: str | None) -> None:
    client: Any = FakeServer(version, "a")
    found = states(checks._check_redis_server("frames", client, {}))
    assert found.get("frames Redis, version") == state


def test_one_server_in_both_roles_is_found() -> None:
    """Two URLs with different databases are one server."""
    client: Any = FakeServer("7.0", "a")
    servers: dict[str, str] = {}
    assert states(checks._check_redis_server("frames", client, servers)) == {}
    found = states(checks._check_redis_server("broker", client, servers))
    assert found == {"broker Redis, server": "missing"}


def test_embedded_servers_are_not_enough(settings: Settings) -> None:
    settings.EMBEDDED_FRAMES = settings.EMBEDDED_BROKER = True
    assert states(checks._check_redis()) == {"frames Redis": "missing", "broker Redis": "missing"}


def test_unreachable_servers_are_findings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDED_FRAMES = settings.EMBEDDED_BROKER = False
    nowhere = redis.Redis.from_url("redis://:xyzzy@127.0.0.1:1/0")
    monkeypatch.setattr(checks, "get_frames_redis", lambda: nowhere)
    monkeypatch.setattr(checks, "get_broker_redis", lambda: nowhere)
    found = list(checks._check_redis())
    assert [finding.state for finding in found] == ["missing", "missing"]
    assert not any("xyzzy" in finding.detail for finding in found)
