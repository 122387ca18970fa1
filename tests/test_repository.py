"""Rules for the repository's files."""

import ast
import contextlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
WEB_PROCESS = """
import asyncio, json, sys
import httpx
from fer_lms.asgi import application

async def answers():
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return {path: (await client.get(path)).status_code for path in sys.argv[1:]}

statuses = asyncio.run(answers())
heavy = [m for m in ("cv2", "mediapipe", "onnxruntime", "torch") if m in sys.modules]
print(json.dumps({"statuses": statuses, "heavy": heavy}))
"""


def tracked_files(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_web_process_does_not_import_vision_libraries(tmp_path: Path) -> None:
    paths = ["/healthz", "/readyz", "/api/schema/"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "fer_lms.settings",
        "FER_VAR_DIR": str(tmp_path / "var"),
        "FER_RUN_DIR": str(tmp_path / "run"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'web.sqlite3'}",
        "FRAMES_REDIS_URL": f"unix://{tmp_path / 'nobody.sock'}",
        "BROKER_REDIS_URL": f"unix://{tmp_path / 'nobody-either.sock'}",
    }
    run = subprocess.run(
        [sys.executable, "-c", WEB_PROCESS, *paths],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(run.stdout)
    assert found["statuses"] == {"/healthz": 200, "/readyz": 503, "/api/schema/": 200}
    assert found["heavy"] == []


def variables_in_settings() -> set[str]:
    """Return the names that settings.py reads from the environment."""
    tree = ast.parse((ROOT / "fer_lms" / "settings.py").read_text())
    reads = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
    ]
    return {str(name) for name in reads}


def test_every_setting_is_documented() -> None:
    guide = (ROOT / "docs" / "operator" / "settings.md").read_text()
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", guide, re.MULTILINE))
    settings = variables_in_settings()
    assert len(settings) > 10
    assert settings - named == set()


def imported_modules(path: Path) -> set[str]:
    """Return the top-level names that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_imports_are_locked_for_production() -> None:
    """A dependency in the development lock only would be missing in production."""
    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==", lock, re.MULTILINE))
    distributions = importlib.metadata.packages_distributions()
    files = [
        path
        for path in tracked_files("fer_lms/*.py", "inference/*.py", "manage.py", "deploy/*.py")
        if "training" not in path.parts
    ]
    imported = set().union(*(imported_modules(path) for path in files))
    optional = {"skimage"}  # its portrait, where no photo is given; said by name where it is absent
    foreign = imported - sys.stdlib_module_names - {"fer_lms", "inference"} - optional
    missing = {
        name
        for name in foreign
        if not locked & {d.lower().replace("_", "-") for d in distributions.get(name, [])}
    }
    assert missing == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locked_packages_accept_every_supported_python(lock: str) -> None:
    """uv ignores upper limits, and pip, which builds the images, does not."""
    lines = re.findall(r"^([a-z0-9][^\\\n]*==[^\\\n]*?) *\\?$", (ROOT / lock).read_text(), re.M)
    assert len(lines) > 50
    refused = []
    for requirement in map(Requirement, lines):
        for full in ("3.11.2", "3.12.3", "3.13.5", "3.14.0"):
            python = {"python_version": full.rpartition(".")[0], "python_full_version": full}
            if requirement.marker and not requirement.marker.evaluate(python):
                continue
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                installed = importlib.metadata.distribution(requirement.name)
                accepted = SpecifierSet(installed.metadata["Requires-Python"] or "")
                if installed.version in requirement.specifier and full not in accepted:
                    refused.append(f"{requirement}: {accepted}, not {full}")
    assert refused == []


def test_modules_do_not_import_each_other_in_a_cycle() -> None:
    """Imports inside functions and under TYPE_CHECKING count too."""
    graph = grimp.build_graph("fer_lms", "inference", "tests", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert "tests.bench.simulation" in imports
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail("import cycle: " + " <- ".join(error.args[1]))


def test_committed_files_hold_no_machine_paths() -> None:
    # Pieced together, so that this file does not name them either.
    places = [
        "../" + "shared",
        "/" + "work/main",
        "/" + "root/",
        "py" + "pi.org",
        "registry." + "npmjs",
    ]
    offenders = []
    for path in tracked_files(
        "*.py", "*.ts", "*.md", "*.toml", "*.yml", "*.json", "*.lock", "Makefile"
    ):
        text = path.read_text(encoding="utf-8")
        offenders += [f"{path.name}: {place}" for place in places if place in text]
    assert offenders == []


def test_python_files_are_not_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked_files("*.py")
        if (count := len(path.read_text().splitlines())) > 400
        and "migrations" not in path.parts  # written by Django, for Django
    }
    assert long == {}
