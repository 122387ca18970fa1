"""What is installed in a school: the product, and nothing of the development tools."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_ONLY = re.compile(
    r"(^|/)(tests|bench|training|records)/|_bench|bench_|/bench\.py$|simulate\.py$"
)
DEVELOPMENT_COMMANDS = {
    path.stem
    for path in (ROOT / "tests" / "bench" / "management" / "commands").glob("*.py")
    if path.stem not in ("__init__", "measure_rules")
}
"""`measure_rules` of a checkout extends that of the product."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / "frontend" / "dist" / "manifest.json").exists():
        pytest.skip("the front end is not built: make setup")
    folder = tmp_path_factory.mktemp("wheel")
    command = ["pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    command = ["pip", "install", "--no-deps", "--target", str(folder), str(wheel)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    return folder


def test_the_wheel_holds_no_development_tools(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if DEVELOPMENT_ONLY.search(name)] == []


def test_the_wheel_holds_every_file_that_the_product_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "fer_lms", "inference"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    unwanted = re.compile(
        r"^inference/(training/|(stream_)?bench\.py$|weights/(records/|.*\.(record\.json|safetensors)$))"
    )
    assert {name for name in tracked if not unwanted.match(name)} - names == set()
    assert "fer_lms/frontend_dist/manifest.json" in names
    catalogs = {name for name in tracked if name.endswith(".po")}
    assert {name.replace(".po", ".mo") for name in catalogs} <= names, "compiled translations"


def run_installed(
    installed: Path, folder: Path, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FER_")}
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=folder,
        env=environment
        | {"PYTHONPATH": str(installed), "DJANGO_SETTINGS_MODULE": "fer_lms.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_installed_product_migrates_and_has_its_front_end(
    installed: Path, tmp_path: Path
) -> None:
    assert run_installed(installed, tmp_path, "migrate", "-v0").returncode == 0
    assert (tmp_path / "var" / "fer_lms.sqlite3").exists()
    found = run_installed(installed, tmp_path, "findstatic", "dist/manifest.json", "-v0")
    assert str(installed) in found.stdout, found.stderr


def test_the_installed_product_has_no_development_commands(installed: Path, tmp_path: Path) -> None:
    listed = run_installed(installed, tmp_path, "help", "--commands").stdout.split()
    assert "doctor" in listed
    assert len(DEVELOPMENT_COMMANDS) > 5
    assert DEVELOPMENT_COMMANDS & set(listed) == set()


def test_the_image_copies_no_development_tools() -> None:
    copied = re.findall(
        r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    assert copied
    assert [line for line in copied if "tests" in line or line.strip() == "."] == []
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*"
    assert "!tests" not in lines
    left_out = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert set(left_out["targets"]["wheel"]["exclude"]) <= set(lines)
