"""The installed wheel runs outside of the checkout, with the commands of the systemd units.

On PostgreSQL and redis-server (`make test-servers`), else on SQLite and embedded Valkeys.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from fer_lms.stack import Stack
from tests.bench.temporary_stack import find_free_port
from tests.installation.test_units import commands

READY_S = 400
Run = Callable[..., "subprocess.CompletedProcess[str]"]
SERVERS = ("DATABASE_URL", "FRAMES_REDIS_URL", "BROKER_REDIS_URL")


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FER_", "PYTHON", "DJANGO_"))
    }
    kept |= {
        "FER_VAR_DIR": str(tmp_path / "data"),
        "FER_PUBLIC_URL": "https://lms.example.org",
        "FER_ALLOWED_HOSTS": "lms.example.org,localhost",
        "FER_BEHIND_PROXY": "true",
        "FER_SECRET_KEY": "".join(map(chr, range(48, 110))),
        "FER_METRICS_TOKEN": "token",
        "FER_DRAINS": "1",
        "PYTHONSAFEPATH": "1",
    }
    if "FER_TEST_SERVERS" in os.environ:
        yield kept
        return
    with Stack(
        port=0, environment={}, run_dir=tmp_path / "run", log_dir=tmp_path, frame_processes=1
    ) as stack:
        stack.start_valkeys()
        for role in stack.valkeys:
            kept[f"{role.upper()}_REDIS_URL"] = f"unix://{tmp_path}/run/{role}.sock"
        yield {name: value for name, value in kept.items() if name != "DATABASE_URL"}


@pytest.fixture
def fer_lms(installed: Path, tmp_path: Path, environment: dict[str, str]) -> Run:
    def run(*arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [installed / "fer-lms", *arguments],
            cwd=tmp_path,
            env=environment | extra,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def read_health(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=5) as response:
            return str(json.load(response)["status"])
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError as error:
        return str(error)


@pytest.mark.timeout(900)
def test_the_units_commands_make_a_healthy_installation(
    installed: Path, tmp_path: Path, environment: dict[str, str], fer_lms: Run
) -> None:
    migrated = fer_lms(*commands()["migrate"])
    assert migrated.returncode == 0, migrated.stderr
    loaded = fer_lms("shell", "-c", "from inference.pipeline import load_pipeline; load_pipeline()")
    assert loaded.returncode == 0, loaded.stderr
    checked = fer_lms("install-check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    port = find_free_port()
    with ExitStack() as running:
        for name, arguments in commands().items():
            if name == "migrate":
                continue
            log = running.enter_context((tmp_path / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                [installed / "fer-lms", *arguments, *([f"--port={port}"] * (name == "web"))],
                cwd=tmp_path,
                env=environment,
                stdout=log,
                stderr=log,
            )
            running.callback(process.wait, 30)
            running.callback(process.terminate)
        broker = redis.Redis.from_url(environment["BROKER_REDIS_URL"])
        deadline = time.monotonic() + READY_S
        health = ""
        while not (health == "ready" and broker.exists("seen:integrations")):
            logs = {path.name: path.read_text()[-1500:] for path in tmp_path.glob("*.log")}
            assert time.monotonic() < deadline, (health, logs)
            time.sleep(0.5)
            health = read_health(port)
        with urllib.request.urlopen(
            urllib.request.Request(
                f"http://localhost:{port}/admin/login/", headers={"X-Forwarded-Proto": "https"}
            )
        ) as page:
            assert b"/static/" in page.read()
    assert not list((tmp_path / "data").glob("**/*.py"))


def test_what_an_unfinished_installation_lacks_is_one_line_each(fer_lms: Run) -> None:
    found = fer_lms("install-check", "--json", FER_BEHIND_PROXY="false", FER_DEBUG="true")
    assert found.returncode == 1
    assert "Traceback" not in found.stderr
    checks = {check["name"]: check for check in json.loads(found.stdout)["checks"]}
    assert json.loads(found.stdout)["ok"] is False
    for name in ("installation", "proxy"):
        assert checks[name]["state"] == "missing", checks[name]
        assert "\n" not in checks[name]["detail"]


def test_invalid_settings_are_one_line(fer_lms: Run) -> None:
    for arguments in (["web"], ["worker", "frames"], ["beat"], ["migrate"]):
        done = fer_lms(*arguments, FER_MAX_FPS="many")
        assert done.returncode != 0
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "many" in done.stderr


def test_the_command_alone_lists_processes_and_management_commands(fer_lms: Run) -> None:
    done = fer_lms()
    assert done.returncode == 2
    for word in ("web", "worker", "beat", "fetch-models", "install-check", "migrate"):
        assert word in done.stdout
    assert "install_check" in fer_lms("help").stdout
