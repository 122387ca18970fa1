"""States and settings that release 0.1.0 stored are parsed, and stored in the same form."""

import json
from pathlib import Path
from typing import Any

import pytest

from fer_lms.rules.effective_settings import parse_settings, serialize_settings
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import ActiveRule, parse_state


@pytest.fixture
def body() -> dict[str, Any]:
    path = Path(__file__).parent / "rule_state_0.1.0.json"
    body: dict[str, Any] = json.loads(path.read_text())
    return body


def test_a_state_of_0_1_0_is_parsed(body: dict[str, Any]) -> None:
    settings = body.pop("settings")
    state = parse_state(body)
    assert json.loads(json.dumps(state.to_json())) == body
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
    assert serialize_settings(settings) == stored
    assert (settings.step_seconds, settings.uses_face, settings.is_muted) == (180.0, True, False)


def test_a_state_of_another_format_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        parse_state(body | {"format": 0})
