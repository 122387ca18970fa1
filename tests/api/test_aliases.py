"""Former names of the REST API work for one release, beside the current ones (docs/adr/0022)."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from fer_lms.api.reports.serializers import StepRowSerializer
from fer_lms.consent.queries import get_current_text_version, get_disclosed_terms
from fer_lms.lessons.content.transfer import build_step_document, read_lesson_file
from fer_lms.lessons.models import Lesson, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import save_correction
from fer_lms.reports.models import Correction
from fer_lms.rules.models import Hint
from tests.factories import (
    grant_all,
    make_lesson,
    make_supporter,
    make_teacher_of,
    make_window,
)

pytestmark = pytest.mark.django_db
JSON = "application/json"
START = "2026-11-22T12:00:00Z"


def build_session_path(learner: Participant, path: str) -> str:
    return f"/api/v1/sessions/{learner.session_id}/{path}"


def read_hint(client: Client, learner: Participant) -> Any:
    Hint.objects.create(participant=learner, kind="hint", level=2, fired_at=timezone.now())
    [hint] = client.get(build_session_path(learner, "hints")).json()
    return hint


def read_consent(client: Client, learner: Participant) -> Any:
    return client.get(build_session_path(learner, "consent")).json()


def read_window(client: Client, learner: Participant) -> Any:
    save_correction(window=make_window(learner), value="stuck", text="the graph")
    [window] = client.get(build_session_path(learner, "my-report")).json()["windows"]
    return window


def read_correction(client: Client, learner: Participant) -> Any:
    return read_window(client, learner)["correction"]


def read_snooze(client: Client, learner: Participant) -> Any:
    return client.get("/api/v1/me/snooze").json()


def read_supported_learner(client: Client, learner: Participant) -> Any:
    link = make_supporter(learner)
    grant_all(learner)
    make_window(learner)
    client.force_login(link.supporter)
    return client.get(f"/api/v1/support/{link.pk}/").json()


def read_report(client: Client, learner: Participant) -> Any:
    client.force_login(make_teacher_of(learner.session.lesson))
    return client.get(build_session_path(learner, "report")).json()


def read_authored_hint(client: Client, learner: Participant) -> Any:
    lesson = learner.session.lesson
    lesson.steps.get(position=1).hints.create(level=1, text="Draw it.")
    client.force_login(make_teacher_of(lesson))
    [hint] = client.get(f"/api/v1/lessons/{lesson.pk}/").json()["steps"][0]["hints"]
    return hint


@pytest.mark.parametrize(
    ("read", "former", "current"),
    [
        (read_hint, "rung", "level"),
        (read_authored_hint, "rung", "level"),
        (read_consent, "promised", "disclosed_terms"),
        (read_window, "own_word", "correction"),
        (read_correction, "said", "value"),
        (read_correction, "words", "text"),
        (read_snooze, "left_alone", "snoozed"),
        (read_supported_learner, "sittings", "sessions"),
        (read_report, "figures_until", "metrics_until"),
    ],
)
def test_response_has_both_keys(
    policy: DeploymentPolicy,
    client: Client,
    learner: Participant,
    read: Callable[[Client, Participant], Any],
    former: str,
    current: str,
) -> None:
    client.force_login(learner.user)
    answer = read(client, learner)
    assert answer[former] == answer[current]


def test_report_step_has_both_keys() -> None:
    metrics = {"coverage": None, "engagement": None, "withheld": "too_few_learners"}
    interactions = {
        "seconds": 60,
        "right_at_first": None,
        "asked_for_hint": None,
        "idle": None,
        "said": {"easy": 0.2, "fine": 0.6, "hard": 0.2},
    }
    step = StepRowSerializer({"position": 1, "title": "Halves"} | metrics | interactions).data
    assert step["said"] == step["self_reports"] == interactions["said"]


@pytest.mark.parametrize("names", [("value", "text"), ("said", "words")])
@pytest.mark.parametrize("path", ["my-report/correction", "my-report/word"])
def test_correction_accepts_both_keys(
    client: Client, learner: Participant, path: str, names: tuple[str, str]
) -> None:
    make_window(learner)
    client.force_login(learner.user)
    body = {"start": START} | dict(zip(names, ("stuck", "the graph"), strict=True))
    assert client.post(build_session_path(learner, path), body, JSON).status_code == 204
    assert Correction.objects.filter(said="stuck", words="the graph").exists()


def test_current_key_wins(client: Client, learner: Participant) -> None:
    make_window(learner)
    client.force_login(learner.user)
    path = build_session_path(learner, "my-report/correction")
    body = {"start": START, "value": "stuck", "said": "tired", "text": "a", "words": "b"}
    assert client.post(path, body, JSON).status_code == 204
    assert Correction.objects.filter(said="stuck", words="a").exists()


@pytest.mark.parametrize(
    ("body", "named"), [({"said": "angry"}, "said"), ({"value": "angry"}, "value"), ({}, "value")]
)
def test_error_names_the_key_of_the_request(
    client: Client, learner: Participant, body: dict[str, str], named: str
) -> None:
    client.force_login(learner.user)
    path = build_session_path(learner, "my-report/correction")
    answer = client.post(path, {"start": START} | body, JSON)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [named])


@pytest.mark.parametrize("name", ["disclosed_terms", "promised"])
def test_consent_accepts_both_keys(
    policy: DeploymentPolicy, client: Client, learner: Participant, name: str
) -> None:
    client.force_login(learner.user)
    path = build_session_path(learner, "consent")
    terms = get_disclosed_terms()
    outdated = terms | {"kept_days": terms["kept_days"] + 1}
    body: dict[str, Any] = {"text_version": get_current_text_version(), "capture": True}
    assert client.post(path, body | {name: outdated}, JSON).status_code == 409
    assert client.post(path, body | {name: terms}, JSON).status_code == 200
    change = {"text_version": get_current_text_version(), "own_view": True}
    assert client.patch(path, change | {name: outdated}, JSON).status_code == 409
    assert client.patch(path, change | {name: terms}, JSON).status_code == 200


@pytest.fixture
def lesson() -> Lesson:
    return make_lesson(steps=1)


@pytest.mark.parametrize("name", ["level", "rung"])
def test_step_and_lesson_file_accept_both_keys(client: Client, lesson: Lesson, name: str) -> None:
    client.force_login(make_teacher_of(lesson))
    step = lesson.steps.get()
    content = {"title": "Halves", "hints": [{name: "explanation", "text": "Draw it."}]}
    path = f"/api/v1/steps/{step.pk}/"
    assert client.put(path, content | {"revision": 0}, JSON).status_code == 200
    assert step.hints.get().level == 2
    file = {"format": "fer-lms.lesson", "version": 1, "title": "Halves", "steps": [content]}
    [imported] = read_lesson_file(io.BytesIO(json.dumps(file).encode())).document["steps"]
    assert imported["hints"][0]["level"] == "explanation"
    [exported] = build_step_document(step)["hints"]
    assert exported["level"] == exported["rung"] == "explanation"


def test_schema_marks_former_names_as_deprecated() -> None:
    output = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=output)
    schema = json.loads(output.getvalue())
    deprecated_paths = {
        path
        for path, operations in schema["paths"].items()
        if any(
            isinstance(operation, dict) and operation.get("deprecated")
            for operation in operations.values()
        )
    }
    session = "/api/v1/sessions/{session_id}"
    assert deprecated_paths == {
        f"{session}/words",
        f"{session}/words/{{notification_id}}/seen",
        f"{session}/my-report/word",
        "/api/v1/me/left-alone",
    }
    deprecated_keys = {
        (component, key)
        for component, described in schema["components"]["schemas"].items()
        for key, field in described.get("properties", {}).items()
        if field.get("deprecated")
    }
    assert deprecated_keys == {
        ("Consent", "promised"),
        ("ConsentDecisionRequest", "promised"),
        ("PatchedConsentChangeRequest", "promised"),
        ("Correction", "said"),
        ("Correction", "words"),
        ("WindowCorrectionRequest", "said"),
        ("WindowCorrectionRequest", "words"),
        ("Hint", "rung"),
        ("HintDocument", "rung"),
        ("HintDocumentRequest", "rung"),
        ("ObservationWindow", "own_word"),
        ("Report", "figures_until"),
        ("StepRow", "said"),
        ("SupportedLearner", "sittings"),
        ("Snooze", "left_alone"),
    }
