"""Scores computed on the learner's own device, validated as strictly as frames."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from inference.models.released import list_released_models
from inference.results import (
    LABELS,
    QUALITIES,
    SIGNS,
    ExpressionScores,
    FaceReading,
    FacialSigns,
    HeadPose,
)

LABELS_VERSION = "ferplus-8"


class InvalidScores(Exception):
    """The message is not a valid `scores` message."""


@dataclass(frozen=True, slots=True)
class DeviceScores:
    seq: int
    captured_ms: int
    model: str
    reading: FaceReading


def parse_scores(message: dict[str, Any]) -> DeviceScores:
    """Parse a `scores` message. Raises InvalidScores."""
    if message.get("labels_version", LABELS_VERSION) != LABELS_VERSION:
        raise InvalidScores("labels_version")
    return DeviceScores(
        seq=_parse_integer(message, "seq", 2**32),
        captured_ms=_parse_integer(message, "captured_ms", 2**63),
        model=_parse_sha256(message),
        reading=_parse_reading(message),
    )


def _parse_reading(message: dict[str, Any]) -> FaceReading:
    quality = message.get("quality")
    if quality not in QUALITIES:
        raise InvalidScores("quality")
    expressions = _parse_expressions(message) if quality == "ok" else None
    return FaceReading(
        quality=quality,
        face_count=0 if quality == "no_face" else 1,
        expressions=expressions,
        pose=_parse_pose(message),
        signs=_parse_signs(message),
    )


def _parse_expressions(message: dict[str, Any]) -> ExpressionScores:
    values = _parse_numbers(message.get("scores"), len(LABELS), 0, 1)
    if abs(sum(values) - 1) > 0.01:
        raise InvalidScores("scores do not sum to 1")
    return ExpressionScores(values)


def _parse_pose(message: dict[str, Any]) -> HeadPose | None:
    if message.get("pose") is None:
        return None
    return HeadPose(*_parse_numbers(message["pose"], 3, -180, 180))


def _parse_signs(message: dict[str, Any]) -> FacialSigns | None:
    signs = message.get("signs")
    if signs is None:
        return None
    if not isinstance(signs, dict) or set(signs) != set(SIGNS):
        raise InvalidScores("signs")
    return FacialSigns(*_parse_numbers([signs[name] for name in SIGNS], len(SIGNS), -2, 2))


def _parse_numbers(values: Any, count: int, low: float, high: float) -> tuple[float, ...]:
    if not isinstance(values, list) or len(values) != count:
        raise InvalidScores("wrong count of numbers")
    for value in values:
        usable = isinstance(value, int | float) and not isinstance(value, bool)
        # NaN fails the comparison; an integer too large for a float must not reach float().
        if not usable or not low <= value <= high:
            raise InvalidScores("number out of range")
    return tuple(float(value) for value in values)


def _parse_integer(message: dict[str, Any], name: str, below: int) -> int:
    value = message.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
        raise InvalidScores(name)
    return value


def _parse_sha256(message: dict[str, Any]) -> str:
    value = message.get("model")
    if not isinstance(value, str) or value not in _list_released_sha256s():
        raise InvalidScores("model")
    return value


@cache
def _list_released_sha256s() -> frozenset[str]:
    """List the models of this release; scores of others are not comparable."""
    return frozenset(model.sha256 for model in list_released_models()[1].values())
