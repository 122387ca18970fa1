"""systemd units: hardened alike, and each command of theirs exists."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fer_lms.__main__ import build_parser
from fer_lms.queues import INTEGRATIONS
from tests.test_deployment import SERVICES
from tests.test_repository import ROOT, variables_in_settings

FOLDER = ROOT / "deploy" / "systemd"
UNITS = {path.stem.removeprefix("fer-lms-"): path for path in FOLDER.glob("*.service")}
PROGRAM = "/opt/fer-lms/venv/bin/fer-lms"
MAX_EXPOSURE = 20
"""Of 100; `systemd-analyze security` calls up to 20 safe or OK."""


def read(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNITS[name].read_text())
    return parser["Service"]


def hardening(name: str) -> str:
    return UNITS[name].read_text().split("# The same in every unit")[1].split("[Install]")[0]


def commands() -> dict[str, list[str]]:
    """Return the arguments of `fer-lms` by unit."""
    starts = {name: read(name)["ExecStart"] for name in UNITS}
    return {
        name: start.removeprefix(PROGRAM).split()
        for name, start in starts.items()
        if start.startswith(PROGRAM)
    }


def test_every_service_of_the_containers_has_a_unit() -> None:
    assert UNITS.keys() == SERVICES.keys() - {"proxy", "postgres"}
    target = (FOLDER / "fer-lms.target").read_text()
    wanted = set(re.findall(r"fer-lms-(\w+)\.service", target))
    assert wanted == {"web", "worker", "aggregation", "integrations", "beat"}


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_is_hardened_alike_and_limited(name: str) -> None:
    assert hardening(name) == hardening("web")
    service = read(name)
    assert service["User"] == "fer-lms"
    assert service["ProtectSystem"] == "strict"
    assert service["MemoryMax"].lower() == SERVICES[name]["mem_limit"].replace("m", "M").lower()
    if name != "migrate":
        assert service["Restart"] == "always"


def test_units_reach_other_machines_where_containers_do() -> None:
    reaching_out = {name for name in UNITS if "IPAddressDeny" not in read(name)}
    assert reaching_out == {"web", INTEGRATIONS}
    assert {name for name in UNITS if read(name).get("MemorySwapMax") == "0"} == {
        "worker",
        "redis-frames",
    }


@pytest.mark.parametrize("name", sorted(commands().keys() - {"migrate"}))
def test_every_command_is_a_process(name: str) -> None:
    build_parser().parse_args(commands()[name])


def test_every_variable_of_the_example_is_read() -> None:
    names = set(re.findall(r"^(\w+)=", (FOLDER / "environment.example").read_text(), re.M))
    assert names - variables_in_settings() == {"FER_MODEL_DIR"}


@pytest.mark.parametrize("role", ["frames", "broker"])
def test_both_redis_do_what_those_of_the_containers_do(role: str) -> None:
    unit = read(f"redis-{role}")["ExecStart"].replace('""', "").split()
    container = SERVICES[f"redis-{role}"]["command"]
    options = [part for part in container if part.startswith("--") and part != "--requirepass"]
    for option in options:
        value = container[container.index(option) + 1]
        assert unit[unit.index(option) + 1] == value or (value == "" and option == "--save")


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: the units were not verified")
    for path in FOLDER.glob("*.[st]*"):
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.M)
        (tmp_path / path.name).write_text(text)
    units = sorted(str(path) for path in tmp_path.iterdir())
    verified = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    problems = [line for line in verified.stderr.splitlines() if "fer-lms" in line]
    assert problems == []
    for path in tmp_path.glob("*.service"):
        rated = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={MAX_EXPOSURE}", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert rated.returncode == 0, rated.stdout + rated.stderr
