"""Headers of responses, and who may read the metrics."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from fer_lms.lessons.models import Participant
from tests.factories import make_lesson, make_teacher_of

pytestmark = pytest.mark.django_db


# --- Caches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/me/",
        "/my-data/",
        "/sessions/{session}/",
        "/api/v1/sessions/{session}/",
        "/api/v1/me/profile",
    ],
)
def test_pages_and_data_of_people_are_not_kept(
    client: Client, learner: Participant, path: str
) -> None:
    client.force_login(learner.user)
    response = client.get(path.format(session=learner.session_id))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_views_that_state_a_lifetime_keep_it(client: Client) -> None:
    assert client.get("/lti/jwks.json")["Cache-Control"] == "public, max-age=300"


def test_errors_are_not_kept(client: Client) -> None:
    assert "no-store" in client.get("/nowhere")["Cache-Control"]


# --- Metrics -----------------------------------------------------------------------------------

LOCAL: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"}


def get_metrics(**changes: Any) -> int:
    return Client(**(LOCAL | changes)).get("/metrics").status_code


@pytest.fixture(autouse=True)
def _no_token(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    settings.ALLOWED_HOSTS = ["*"]


def test_this_machine_reads_the_metrics() -> None:
    assert get_metrics() == 200
    assert get_metrics(REMOTE_ADDR="::1", HTTP_HOST="[::1]:8000") == 200


@pytest.mark.parametrize(
    "header",
    [
        "X_FORWARDED_FOR",
        "X_FORWARDED_PROTO",
        "FORWARDED",
        "VIA",
        "X_REAL_IP",
        "CF_CONNECTING_IP",
        "TRUE_CLIENT_IP",
    ],
)
def test_request_through_a_proxy_is_refused(header: str) -> None:
    assert get_metrics(**{f"HTTP_{header}": "1.1 proxy"}) == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"HTTP_HOST": "lms.example.org"},
        {"HTTP_HOST": "localhost.example.org"},
    ],
)
def test_request_of_others_is_refused(changes: dict[str, str]) -> None:
    assert get_metrics(**changes) == 403


def test_token_is_needed_where_one_is_set(settings: Settings) -> None:
    settings.METRICS_TOKEN = "token"
    assert get_metrics() == 403
    assert get_metrics(HTTP_AUTHORIZATION="Bearer wrong") == 403
    assert get_metrics(HTTP_AUTHORIZATION="Bearer token", HTTP_X_REAL_IP="1.2.3.4") == 200


# --- The web process and the proxy --------------------------------------------------------------


def test_teacher_pages_are_not_kept(client: Client) -> None:
    lesson = make_lesson()
    client.force_login(make_teacher_of(lesson))
    for path in ("/lessons/", f"/api/v1/lessons/{lesson.pk}/"):
        assert "no-store" in client.get(path)["Cache-Control"]
