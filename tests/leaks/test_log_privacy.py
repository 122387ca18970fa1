"""Logs name routes, never addresses."""

import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from fer_lms.lessons.models import Participant
from fer_lms.log_privacy import RouteLogFilter


class RecordingHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.addFilter(RouteLogFilter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def log_handler() -> Iterator[RecordingHandler]:
    handler = RecordingHandler()
    logging.getLogger("django.request").addHandler(handler)
    yield handler
    logging.getLogger("django.request").removeHandler(handler)


def test_rejected_request_is_logged_without_address(
    log_handler: RecordingHandler, client: Client, learner: Participant
) -> None:
    client.get(f"/sessions/{learner.session_id}/")
    client.get("/no-such-page/of-somebody")
    assert log_handler.lines == [
        "404 at sessions/<uuid:session_id>/",
        "404 at an unknown route",
    ]


def test_console_handler_has_the_filter(settings: Settings) -> None:
    handlers = settings.LOGGING["handlers"]
    assert all("routes" in handler["filters"] for handler in handlers.values())
