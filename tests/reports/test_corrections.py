"""Corrections of windows by learners."""

from typing import Any

import pytest
from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.reports.models import Correction
from tests.factories import make_learner, make_window

pytestmark = pytest.mark.django_db
START = "2026-11-22T12:00:00Z"


def correct(client: Client, learner: Participant, **values: str) -> Any:
    body = {"start": START, "value": "thinking", "text": "I was not frustrated"} | values
    path = f"/api/v1/sessions/{learner.session_id}/my-report/correction"
    return client.post(path, body, content_type="application/json")


@pytest.fixture
def own(client: Client, learner: Participant) -> Client:
    make_window(learner)
    client.force_login(learner.user)
    return client


def get_corrections(client: Client, learner: Participant) -> list[Any]:
    report = client.get(f"/api/v1/sessions/{learner.session_id}/my-report").json()
    corrections = [window["correction"] for window in report["windows"]]
    return [value and {name: value[name] for name in ("value", "text")} for value in corrections]


def test_correction_is_shown_beside_window(own: Client, learner: Participant) -> None:
    assert correct(own, learner).status_code == 204
    assert get_corrections(own, learner) == [{"value": "thinking", "text": "I was not frustrated"}]
    correct(own, learner, value="stuck", text="")
    assert get_corrections(own, learner) == [{"value": "stuck", "text": ""}]


def test_correction_changes_no_metric(own: Client, learner: Participant) -> None:
    before = list(learner.windows.values())
    correct(own, learner)
    assert list(learner.windows.values()) == before


def test_correction_can_be_removed(own: Client, learner: Participant) -> None:
    correct(own, learner)
    assert correct(own, learner, value="", text="").status_code == 204
    assert get_corrections(own, learner) == [None]


def test_correction_is_deleted_with_window(own: Client, learner: Participant) -> None:
    correct(own, learner)
    learner.windows.all().delete()
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"start": "2026-11-22T12:00:10Z"}, 404),
        ({"value": "angry"}, 400),
        ({"text": "a" * 201}, 400),
        ({"start": "yesterday"}, 400),
    ],
)
def test_invalid_correction_is_rejected(
    own: Client, learner: Participant, values: dict[str, str], status: int
) -> None:
    assert correct(own, learner, **values).status_code == status
    assert not Correction.objects.exists()


def test_only_own_window_can_be_corrected(own: Client, learner: Participant) -> None:
    other = make_learner(learner.session)
    make_window(other, number=1)
    assert correct(own, learner, start="2026-11-22T12:00:10Z").status_code == 404
