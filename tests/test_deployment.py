"""Dockerfile, docker-compose.yml and the proxy, tested without a container engine.

The commands of the files are started as processes, and their health checks are run.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import resolve

from fer_lms.processes import ENVIRONMENT
from fer_lms.request_limits import get_max_body_bytes
from fer_lms.stack import Stack
from tests.bench.containers import compose
from tests.test_repository import ROOT, variables_in_settings

COMPOSE = compose.read_compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ("web", "worker", "aggregation", "integrations", "beat")
NOT_OUR_VARIABLES = {
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "FER_DOMAIN",
    "REDISCLI_AUTH",
    "REDIS_PASSWORD",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
}
TEST_VALUES = {
    "FER_DOMAIN": "lms.example.org",
    "FER_SECRET_KEY": "k" * 50,
    "POSTGRES_PASSWORD": "p",
    "REDIS_PASSWORD": "r",
}


def substitute(text: str) -> str:
    return compose.substitute(text, TEST_VALUES)


def get_command(name: str) -> list[str]:
    if "command" in SERVICES[name]:
        return [substitute(part) for part in SERVICES[name]["command"]]
    stage = DOCKERFILE.split(" AS app\n")[1].split("\nFROM ")[0]
    written = re.findall(r"^CMD (\[.*?\])$", stage, re.MULTILINE | re.DOTALL)[0]
    command: list[str] = json.loads(written.replace("\\\n", ""))
    return command


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].split(":")[0]) > 0
    assert service["mem_limit"]
    assert "healthcheck" in service or service["restart"] == "no"
    assert "privileged" not in service


def test_only_the_proxy_is_published_and_few_services_have_internet_access() -> None:
    published = {name for name, service in SERVICES.items() if "ports" in service}
    internal = {
        name for name, network in COMPOSE["networks"].items() if (network or {}).get("internal")
    }
    reaching_out = {name for name, s in SERVICES.items() if set(s["networks"]) - internal}
    assert published == {"proxy"}
    assert reaching_out == {
        "proxy",
        "web",
        "integrations",
    }  # keys of platforms; rosters, statements
    assert not {"worker", "redis-frames"} & reaching_out  # frames do not leave
    assert "data" not in SERVICES["proxy"]["networks"]


def test_frames_stay_in_memory_and_the_broker_persists() -> None:
    frames, broker = SERVICES["redis-frames"], SERVICES["redis-broker"]
    written = " ".join(frames["command"])
    assert "--save  --appendonly no" in written
    assert "--maxmemory 256mb" in written
    assert "volumes" not in frames
    assert any(path.startswith("/data") for path in frames["tmpfs"])
    assert frames["memswap_limit"] == frames["mem_limit"]
    assert "--appendonly yes" in " ".join(broker["command"])
    assert broker["volumes"] == ["broker:/data"]


def test_every_variable_of_compose_is_read() -> None:
    given = {name for service in SERVICES.values() for name in service.get("environment", {})}
    example = (ROOT / "deploy" / "env.example").read_text()
    given |= set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert given - variables_in_settings() - NOT_OUR_VARIABLES == set()
    asked_for = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked_for <= set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_lanes_equal_worker_processes() -> None:
    drains = SERVICES["worker"]["environment"]["FER_DRAINS"]
    assert f"--concurrency={drains}" in SERVICES["worker"]["command"]
    assert SERVICES["web"]["environment"]["FER_DRAINS"] == drains


def test_the_dockerfile_copies_existing_files() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert targets <= stages
    for options, arguments in re.findall(r"^COPY ((?:--\S+ )*)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _target = arguments.split()
        if "--from=" in options:
            assert re.search(r"--from=(\w+)", options)[1] in stages  # type: ignore[index]
        else:
            assert [source for source in sources if not (ROOT / source).exists()] == []
    for stage in ("app", "proxy"):
        text = DOCKERFILE.split(f" AS {stage}\n")[1].split("\nFROM ")[0]
        assert re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE) == [
            SERVICES["web" if stage == "app" else stage]["user"].split(":")[0]
        ]


FAKE_SKOPEO = """#!/bin/sh
for last; do :; done
printf 'sha256:'; printf %s "$last" | sha256sum | cut -d' ' -f1
"""


def pin_images(folder: Path) -> str:
    """Run `scripts/pin-base-images` on copies; return both files, one after the other."""
    (folder / "scripts").mkdir(exist_ok=True)
    (folder / "programs").mkdir(exist_ok=True)
    for name in ("Dockerfile", "docker-compose.yml", "scripts/pin-base-images"):
        if not (folder / name).exists():
            shutil.copy(ROOT / name, folder / name)
    program = folder / "programs" / "skopeo"
    program.write_text(FAKE_SKOPEO)
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    command = [str(folder / "scripts" / "pin-base-images")]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return "".join((folder / name).read_text() for name in ("Dockerfile", "docker-compose.yml"))


def test_every_base_image_can_be_pinned_by_digest(tmp_path: Path) -> None:
    pinned = pin_images(tmp_path)
    bases = re.findall(r"^(?:FROM|    image:) (\S+:\S+)", pinned, re.MULTILINE)
    bases = [base for base in bases if not base.startswith("fer-lms")]
    assert len(bases) == 7
    assert [base for base in bases if not re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", base)] == []
    assert yaml.safe_load((tmp_path / "docker-compose.yml").read_text())["services"].keys() == (
        SERVICES.keys()
    )
    assert pin_images(tmp_path) == pinned


class Recorder(Stack):
    """A stack that records commands in place of starting them."""

    def __init__(self, place: Path) -> None:
        super().__init__(port=1, environment={}, run_dir=place, log_dir=place, frame_processes=2)
        self.commands: dict[str, list[str]] = {}
        self.extra: dict[str, dict[str, str]] = {}

    def start(
        self, name: str, module: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> None:
        self.commands[name] = [module, *arguments]
        self.extra[name] = environment or {}


def test_containers_run_what_the_stack_runs(tmp_path: Path) -> None:
    stack = Recorder(tmp_path)
    stack.start_web()
    stack.start_workers()
    ignored_options = ("--host=", "--port=", "--schedule=")
    for name, command in stack.commands.items():
        wanted = [part for part in command if not part.startswith(ignored_options)]
        found = [part for part in get_command(name)[2:] if not part.startswith(ignored_options)]
        assert found == wanted, name
        given = SERVICES[name]["environment"]
        assert stack.extra[name].items() <= given.items()
    for variable, value in ENVIRONMENT.items():
        assert f" {variable}={value}" in DOCKERFILE
    # Only where large frames are decoded: the web process would keep every large body.
    assert [name for name in OURS if "MALLOC_TRIM_THRESHOLD_" in SERVICES[name]["environment"]] == [
        "worker"
    ]
    assert "MALLOC_TRIM_THRESHOLD_" not in DOCKERFILE


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of the containers, with Valkeys of this test."""
    environment = os.environ | {
        **{name: substitute(value) for name, value in SERVICES["web"]["environment"].items()},
        "DATABASE_URL": f"sqlite:///{tmp_path / 'compose.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "fer_lms.settings",
        "FER_VAR_DIR": str(tmp_path / "var"),
        "PORT": str(free_port()),
    }
    with Stack(
        port=0, environment={}, run_dir=tmp_path, log_dir=tmp_path, frame_processes=1
    ) as stack:
        stack.start_valkeys()
        environment["FRAMES_REDIS_URL"] = f"unix://{tmp_path}/frames.sock"
        environment["BROKER_REDIS_URL"] = f"unix://{tmp_path}/broker.sock"
        yield environment


def start(name: str, environment: dict[str, str], place: Path, exit_stack: ExitStack) -> None:
    command = get_command(name)
    assert command[0] == "python"
    command = [part.replace("/tmp/", f"{place}/") for part in command[1:]]
    command = [f"--port={environment['PORT']}" if "--port=" in part else part for part in command]
    own = {
        k: substitute(v) for k, v in SERVICES[name]["environment"].items() if k not in environment
    }
    log = exit_stack.enter_context((place / f"{name}.log").open("wb"))
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment | own, stdout=log, stderr=log
    )
    exit_stack.callback(process.wait, 20)
    exit_stack.callback(process.terminate)


def is_healthy(name: str, environment: dict[str, str]) -> bool:
    service = SERVICES[name]["healthcheck"]["test"]
    assert service[:2] == ["CMD", "python"]
    check = subprocess.run([sys.executable, *service[2:]], cwd=ROOT, env=environment, check=False)
    return check.returncode == 0


def test_the_commands_start_and_become_healthy(
    installation: dict[str, str], tmp_path: Path
) -> None:
    migrate = [sys.executable, *SERVICES["migrate"]["command"][1:]]
    subprocess.run(migrate, cwd=ROOT, env=installation, check=True, capture_output=True)
    assert [name for name in OURS if is_healthy(name, installation)] == []
    with ExitStack() as running:
        for name in OURS:
            start(name, installation, tmp_path, running)
        unhealthy = set(OURS)
        deadline = time.monotonic() + 150
        while unhealthy and time.monotonic() < deadline:
            time.sleep(0.5)
            unhealthy = {name for name in unhealthy if not is_healthy(name, installation)}
        logs = {name: (tmp_path / f"{name}.log").read_text()[-2000:] for name in unhealthy}
        assert logs == {}


def test_the_proxy_accepts_the_bodies_that_the_application_accepts() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    sizes = {
        name: int(mib) * 2**20
        for name, mib in re.findall(r"request_body @(\w+) \{\s+max_size (\d+)MiB", text)
    }
    assert sizes == {
        "lessons": get_max_body_bytes("/api/v1/courses/1/lessons/import"),
        "pictures": get_max_body_bytes("/api/v1/steps/1/picture"),
        "others": get_max_body_bytes("/api/v1/me/thresholds"),
    }
    patterns = dict(re.findall(r"@(\w+) path_regexp (\S+)", text))
    for path in ("/api/v1/courses/1/lessons/import", "/api/v1/steps/1/picture", "/lti/launch"):
        names = [name for name, pattern in patterns.items() if re.search(pattern, path)] or [
            "others"
        ]
        assert [sizes[name] for name in names] == [get_max_body_bytes(path)]


@pytest.mark.parametrize("role", ["frames", "broker"])
def test_redis_of_the_containers_needs_a_password(role: str) -> None:
    service = SERVICES[f"redis-{role}"]
    command = service["command"]
    assert command[command.index("--requirepass") + 1].startswith("${REDIS_PASSWORD:?")
    assert service["environment"]["REDISCLI_AUTH"].startswith("${REDIS_PASSWORD:?")
    url = SERVICES["web"]["environment"][f"{role.upper()}_REDIS_URL"]
    assert f"redis://:${{REDIS_PASSWORD:?set it in .env}}@redis-{role}:6379" in url


def test_the_proxy_forwards_to_the_web_process() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed: deploy/Caddyfile was not tested")
    adapted = subprocess.run(
        [caddy, "adapt", "--config", "deploy/Caddyfile", "--validate"],
        cwd=ROOT,
        env=os.environ | TEST_VALUES,
        capture_output=True,
        text=True,
        check=False,
    )
    assert adapted.returncode == 0, adapted.stderr
    dials = re.findall(r'"dial":"([^"]+)"', adapted.stdout)
    port = next(part for part in get_command("web") if part.startswith("--port=")).split("=")[1]
    assert dials == [f"web:{port}"]
    published = {mapping.split(":")[1] for mapping in SERVICES["proxy"]["ports"]}
    assert published == {"8080", "8443"}
    assert resolve("/metrics").view_name == "metrics"
    assert '"path":["/metrics"]' in adapted.stdout
