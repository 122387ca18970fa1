"""The profile against a real learning record store: Ralph, on plain files.

FER_RALPH names its command (`ralph`, of the package ralph-malph[cli,lrs], in an environment of its
own: its dependencies are not ours). It checks every statement against the xAPI specification.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from fer_lms.lessons.actions import record_events
from fer_lms.lessons.models import LessonSession
from fer_lms.lessons.statements import to_xapi_session
from fer_lms.xapi import actions
from fer_lms.xapi.delivery import send_due_statements
from fer_lms.xapi.models import Statement
from tests.factories import make_learner, make_teacher
from tests.lti_services.hostile import free_port

RALPH = os.environ.get("FER_RALPH", "")
pytestmark = pytest.mark.skipif(
    not RALPH, reason="FER_RALPH names no Ralph: the xAPI profile is not tried against a real store"
)


@pytest.fixture
def ralph(tmp_path: Path, xapi_on: Settings) -> Iterator[Path]:
    """Start Ralph; return the file that it writes to."""
    port = free_port()
    files = tmp_path / "statements"
    files.mkdir()
    auth = tmp_path / "auth.json"
    environment = os.environ | {
        "RALPH_APP_DIR": str(tmp_path),
        "RALPH_AUTH_FILE": str(auth),
        "RALPH_RUNSERVER_BACKEND": "fs",
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(files),
        "RALPH_BACKENDS__LRS__FS__DEFAULT_LRS_FILE": "lrs.jsonl",
    }
    _allow(auth, environment)
    server = subprocess.Popen(
        [
            *(RALPH, "runserver", "-b", "fs", "--host", "127.0.0.1", "--port", str(port)),
            *("--fs-default-directory-path", str(files)),
            *("--fs-default-lrs-file", "lrs.jsonl"),
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    xapi_on.XAPI_URL, xapi_on.XAPI_LOCAL = f"{url}/xAPI", True
    try:
        _wait_for(url)
        yield files / "lrs.jsonl"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _allow(auth: Path, environment: dict[str, str]) -> None:
    """Register the credentials `key` and `secret`, as `ralph auth` would."""
    command = [RALPH, "auth", "-u", "key", "-p", "secret", "-s", "all", "-N", "fer"]
    made = subprocess.run(
        [*command, "-M", "mailto:fer@example.org", "-w"],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert auth.exists(), made.stderr.decode()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/whoami", timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("Ralph does not answer")


def test_every_statement_is_accepted_and_found(ralph: Path, session: LessonSession) -> None:
    learner = make_learner(session)
    session_info = to_xapi_session(session)
    step = session.lesson.steps.get(position=1)
    for _ in range(2):
        record_events(
            participant=learner,
            events=[{"kind": "step_opened", "step_id": step.pk, "value": "", "key": "e1"}],
        )
    actions.queue_hint_shown(user=learner.user, session=session_info, hint_id=3)
    actions.queue_hint_answered(
        user=learner.user, session=session_info, hint_id=3, answer="leave_me_alone"
    )
    actions.queue_report_opened(user=make_teacher(session).user, session=session_info)
    figures = {"contributors_at_least": 5, "engagement_mean": 0.5}
    actions.queue_class_metrics(session=session_info, metrics=figures, permitted=True)
    Statement.objects.filter(body__verb__display__en="shared").update(attempts=1)  # once tried
    actions.void_metrics_statement(session_id=session.pk)
    waiting = set(map(str, Statement.objects.values_list("pk", flat=True)))
    assert len(waiting) == 7
    assert send_due_statements() == 7
    kept = [json.loads(line) for line in ralph.read_text().splitlines()]
    assert {statement["id"] for statement in kept} == waiting
    assert not Statement.objects.exists()


def test_repeated_statement_is_stored_once(ralph: Path, session: LessonSession) -> None:
    make_learner(session)
    (statement,) = Statement.objects.all()
    send_due_statements()
    statement.save(force_insert=True)  # as if the answer had been lost
    send_due_statements()
    assert not Statement.objects.exists()
    assert len(ralph.read_text().splitlines()) == 1
