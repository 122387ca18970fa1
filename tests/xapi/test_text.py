"""The privacy page names every kind of statement."""

from pytest_django import Settings

from fer_lms.xapi import actions
from fer_lms.xapi.queries import get_privacy_text

SAID = {
    "queue_lesson_opened": "which lessons were opened",
    "queue_steps_viewed": "which steps were looked at",
    "queue_hint_shown": "which hints were asked for",
    "queue_hint_answered": "what was answered to them",
    "queue_report_opened": "which reports a teacher opened",
    "queue_class_metrics": "figures of a whole class",
}


def test_privacy_text_names_every_statement(xapi_on: Settings) -> None:
    assert {name for name in dir(actions) if name.startswith("queue_")} == SAID.keys()
    text = get_privacy_text()
    assert [words for words in SAID.values() if words not in text] == []


def test_privacy_text_when_disabled(settings: Settings) -> None:
    settings.XAPI_URL = ""
    assert get_privacy_text() == "Nothing is passed on: no learning record store is set up here."
