"""The typed client of docs/integrator/programs.md, generated from a running server and used there.

FER_OPENAPI_CLIENT names the command `openapi-python-client`, in an environment of its own.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from fer_lms.integrations.tokens import Scope, create_token
from fer_lms.lessons.actions import end_session
from fer_lms.reports.actions import freeze_report
from tests.factories import make_session, make_teacher
from tests.test_repository import ROOT

GENERATOR = os.environ.get("FER_OPENAPI_CLIENT") or shutil.which("openapi-python-client") or ""
PAGE = ROOT / "docs" / "integrator" / "programs.md"
pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        not GENERATOR,
        reason="FER_OPENAPI_CLIENT names no openapi-python-client: no typed client is generated",
    ),
]


def read_block(language: str, containing: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [block] = [block for block in blocks if containing in block]
    return str(block)


def test_the_documented_client_reads_a_report(live_server: LiveServer, tmp_path: Path) -> None:
    session = make_session()
    teacher = make_teacher(session).user
    end_session(session=session)
    assert freeze_report(session=session)
    token = create_token(
        maker=teacher, course=session.lesson.course, name="-", scopes=Scope.values, days=30
    )
    command = read_block("bash", "generate").split("openapi-python-client", 1)[1].split()
    arguments = [argument.replace("https://fer.example", live_server.url) for argument in command]
    shutil.copy(PAGE.with_name("python-client.yaml"), tmp_path)
    made = run([GENERATOR, *arguments, "--fail-on-warning"], tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    python = Path(GENERATOR).with_name("python")  # has what the client needs
    (tmp_path / "example.py").write_text(read_block("python", "AuthenticatedClient"))
    printed = run([str(python), "example.py", live_server.url, token], tmp_path)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith(f"{session.lesson.title} final "), printed.stdout


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command beside the generator's own commands: it formats what it writes with them."""
    path = f"{Path(GENERATOR).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(folder / "fer-lms-client")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
