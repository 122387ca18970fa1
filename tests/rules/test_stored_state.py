"""States and settings that release 0.1.0 stored are parsed, and stored in the same form."""

import json
from pathlib import Path
from typing import Any

import pytest

from fer_lms.rules.effective_settings import parse_settings, serialize_settings
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import ActiveRule
from fer_lms.rules.engine.stored_state import (
    InvalidStateError,
    parse_state,
    serialize_state,
)


@pytest.fixture
def body() -> dict[str, Any]:
    path = Path(__file__).parent / "rule_state_0.1.0.json"
    body: dict[str, Any] = json.loads(path.read_text())
    return body


def test_a_state_of_0_1_0_is_parsed(body: dict[str, Any]) -> None:
    settings = body.pop("settings")
    state = parse_state(body)
    assert parse_state(json.loads(json.dumps(serialize_state(state)))) == state
    assert state.activity.self_report == "fine"
    assert state.baseline is not None
    assert state.baseline.is_complete
    assert state.progress[2].fire_count == 1
    assert state.verdicts[1][1].face_unknown_reason == "no_camera"
    assert settings["epoch"] == state.face_epoch


def test_settings_of_0_1_0_are_parsed(body: dict[str, Any]) -> None:
    stored = body["settings"]
    rules = {version: ActiveRule(1, version, RuleSpec()) for version in stored["versions"]}
    settings = parse_settings(stored, session_started_at=0.0, learner_id=1, rules=rules)
    added: dict[str, Any] = {"weights": None, "error_rates": {}}
    assert serialize_settings(settings) | added == stored | added
    assert (settings.step_seconds, settings.uses_face, settings.is_muted) == (180.0, True, False)


def test_a_longer_row_of_0_1_0_is_parsed(body: dict[str, Any]) -> None:
    state = parse_state(body)
    body["verdicts"]["2"].append("of a field that was added")
    body["doings"].append(None)
    assert parse_state(body) == state


def test_fields_are_stored_by_name(body: dict[str, Any]) -> None:
    stored = serialize_state(parse_state(body))
    stored["activity"]["added_later"] = 1
    stored["progress"]["2"]["added_later"] = 1
    del stored["face"]["coverage"]
    state = parse_state(stored)
    assert state.progress[2].fire_count == 1
    assert state.face.coverage == 0.0


@pytest.mark.parametrize(
    "change", [{"format": 0}, {"doings": None}, {"verdicts": {"1": 3}}, {"runs": {"x": []}}]
)
def test_an_invalid_state_is_refused(body: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(InvalidStateError):
        parse_state(body | change)


def test_an_empty_state_is_refused() -> None:
    with pytest.raises(InvalidStateError):
        parse_state({})
