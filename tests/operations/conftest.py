"""Fixtures of tests that start complete installations; they skip where something is missing."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from inference.errors import ModelError
from inference.models.store import FACE_LANDMARKER, find_model

NOT_PASSED_ON = ("DATABASE_URL", "FRAMES_REDIS_URL", "BROKER_REDIS_URL", "FER_RUN_DIR", "FER_DEMO")
Manage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def face_model() -> None:
    try:
        find_model(FACE_LANDMARKER)
    except ModelError as error:
        pytest.skip(f"no face model, so no simulated learners: {error}")


@pytest.fixture(scope="session")
def front_end() -> None:
    if not (settings.FRONTEND_DIST / "manifest.json").exists():
        pytest.skip("the front end is not built, so no page of the demonstration answers")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Environment of a process that does not use the installation of the tests."""
    variables = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    return variables | {"FER_VAR_DIR": str(tmp_path / "var"), "PYTHONWARNINGS": "ignore"}


@pytest.fixture
def manage(environment: dict[str, str]) -> Manage:
    """Run `manage.py` as a subprocess."""

    def run(*arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment | extra,
            capture_output=True,
            text=True,
            timeout=170,
        )

    return run
