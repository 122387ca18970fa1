"""The stored form of an evaluation state: JSON with named fields.

Unknown fields of a stored state are ignored and missing ones have their defaults, so that a state
survives a release that adds or removes a field; not those that limit hints (`LIMITING_FIELDS`). A
state of release 0.1.0, which stored lists in the order of the fields, is read as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, TypeVar

from fer_lms.engagement.activity import ActivityState
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import FaceEvidence
from fer_lms.engagement.usual_face import UsualFace
from fer_lms.rules.engine.matching import RuleProgress, Verdict
from fer_lms.rules.engine.state import EvaluationState

STATE_FORMAT: Final = 2
"""Version of the stored JSON."""
PLAIN_FIELDS: Final = (
    "cursor",
    "active_until",
    "baseline_reset_at",
    "face_epoch",
    "hint_count",
    "last_hint_at",
    "hint_requested_at",
    "cooldown_factor",
    "threshold_shifts",
)

LIMITING_FIELDS: Final = frozenset({"hint_count", "last_hint_at", "progress"})
"""Hints that were given; a state without them is invalid, and they are counted again."""

Json = dict[str, Any]
_Part = TypeVar("_Part")


class InvalidStateError(Exception):
    """A stored state is empty, of an unknown format, or cannot be read."""


def serialize_state(state: EvaluationState) -> Json:
    """Return the stored form of a state."""
    return {
        "format": STATE_FORMAT,
        **{name: getattr(state, name) for name in PLAIN_FIELDS},
        "activity": _name_values(state.activity),
        "face": _name_values(state.face),
        "baseline": _name_values(state.baseline) if state.baseline else None,
        "usual_face": _name_values(state.usual_face) if state.usual_face else None,
        "progress": {
            str(rule): _name_values(progress) for rule, progress in state.progress.items()
        },
        "rule_versions": {str(rule): version for rule, version in state.rule_versions.items()},
        "verdicts": {
            str(rule): {"at": at, **_name_values(verdict)}
            for rule, (at, verdict) in state.verdicts.items()
        },
    }


def _name_values(part: Any) -> Json:
    """Return the fields of a dataclass with slots; `asdict` would copy every value."""
    return {name: getattr(part, name) for name in part.__slots__}


def parse_state(body: Mapping[str, Any]) -> EvaluationState:
    """Build a state from its stored form.

    Raises:
        InvalidStateError: The stored form is empty, of an unknown format, or cannot be read.
    """
    try:
        return _build_state(upgrade_state(body))
    # Stored JSON can be damaged in any way; the caller restarts the state, whatever the error.
    except Exception as error:
        raise InvalidStateError(type(error).__name__) from error


def upgrade_state(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the present stored form of a state of release 0.1.0, and any other as it is."""
    return _name_fields(body) if body.get("format") == 1 else body


def _build_state(body: Mapping[str, Any]) -> EvaluationState:
    if body.get("format") != STATE_FORMAT:
        raise InvalidStateError("format")
    if not body.keys() >= LIMITING_FIELDS:
        raise InvalidStateError("hints")
    baseline, usual_face = body.get("baseline"), body.get("usual_face")
    progress, versions = body["progress"], body.get("rule_versions", {})
    return EvaluationState(
        **{name: body[name] for name in PLAIN_FIELDS if name in body},
        activity=_restore(ActivityState, body.get("activity", {})),
        face=_restore(FaceEvidence, body.get("face", {})),
        baseline=_restore(Baseline, baseline) if baseline else None,
        usual_face=_restore(UsualFace, usual_face) if usual_face else None,
        progress={int(rule): _restore(RuleProgress, values) for rule, values in progress.items()},
        rule_versions={int(rule): version for rule, version in versions.items()},
        verdicts={
            int(rule): (float(values["at"]), _restore(Verdict, values))
            for rule, values in body.get("verdicts", {}).items()
        },
    )


def _restore(kind: type[_Part], values: Mapping[str, Any]) -> _Part:
    """Build a dataclass from its known fields; lists become tuples where the field is one."""
    known = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in values:
            value = values[field.name]
            is_tuple = isinstance(field.default, tuple)
            known[field.name] = tuple(value) if is_tuple else value
    return kind(**known)


# --- Release 0.1.0: lists in the order of the fields ----------------------------------------------

_ACTIVITY: Final = (
    "step",
    "step_opened_at",
    "idle_since",
    "step_idle_seconds",
    "wrong_answers",
    "guesses",
    "hint_requests",
    "visited_steps",
    "revisits",
    "self_report",
    "self_reported_at",
    "has_actions",
)
_FACE: Final = (
    "coverage",
    "unknown_reason",
    "brow",
    "mouth",
    "negative",
    "squint",
    "away",
    "absent",
    "hidden",
)
_BASELINE: Final = (
    "consent_epoch",
    "from_start",
    "until",
    "seen_seconds",
    "readings",
    "sign_sums",
    "sign_square_sums",
    "scored",
    "negative_sum",
    "is_complete",
)
_PROGRESS: Final = ("flags", "held_windows", "unknown_windows", "is_latched", "fire_count")
_VERDICT: Final = (
    "at",
    "reason",
    "value",
    "threshold",
    "held_windows",
    "coverage",
    "parts",
    "wait_seconds",
    "seconds_since_hint",
    "face_unknown_reason",
    "wrong_answers",
)
_RENAMED: Final = {
    "begun_anew_at": "baseline_reset_at",
    "epoch": "face_epoch",
    "hints_given": "hint_count",
    "asked_at": "hint_requested_at",
    "shifts": "threshold_shifts",
    "versions": "rule_versions",
}


def _name_fields(body: Mapping[str, Any]) -> Json:
    """Return the present stored form of a state of release 0.1.0."""
    named = {_RENAMED.get(name, name): value for name, value in body.items()}
    return named | {
        "format": STATE_FORMAT,
        "rule_versions": named.get("rule_versions", {}),
        "activity": _pair(_ACTIVITY, named.pop("doings")),
        "face": _pair(_FACE, body["face"]),
        "baseline": _pair(_BASELINE, body["baseline"]) if body["baseline"] else None,
        "progress": {rule: _pair(_PROGRESS, row) for rule, row in named.pop("runs").items()},
        "verdicts": {rule: _pair(_VERDICT, row) for rule, row in body["verdicts"].items()},
    }


def _pair(names: Sequence[str], values: Sequence[Any]) -> Json:
    """Name the values of a row; a row may be longer, because of a field that does not exist."""
    return dict(zip(names, values, strict=False))
