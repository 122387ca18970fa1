"""Scores that the learner's own device made: checked as strictly as frames are."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from fer_lms.engagement.observations import Observation, scale, scale_scores, scale_signs
from fer_lms.engagement.scoring import compute_engagement
from fer_lms.streaming.wire.outcomes import Outcome
from inference.models.released import released_models
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


class BadScores(Exception):
    """The message is no acceptable `scores` message."""


@dataclass(frozen=True, slots=True)
class DeviceScores:
    seq: int
    captured_ms: int
    quality: str
    model: str
    scores: tuple[int, ...] | None
    signs: tuple[int, ...] | None
    engagement: int | None

    def observation(
        self, participant_id: uuid.UUID, window: int, step: int, *, epoch: int
    ) -> Observation:
        """What is kept of it until its window has it."""
        return Observation(
            participant_id=participant_id,
            window=window,
            step=step,
            epoch=epoch,
            model=self.model,
            quality=self.quality,
            scores=self.scores,
            engagement=self.engagement,
            signs=self.signs,
        )

    def outcome(self, connection: bytes) -> Outcome:
        """What the learner is told, as of a frame that a worker read."""
        return Outcome(connection, self.seq, None, self.quality, self.scores, self.engagement)


def observation_of_scores(message: dict[str, Any], preset: str) -> DeviceScores:
    """Read a `scores` message. Raises BadScores."""
    if message.get("labels_version", LABELS_VERSION) != LABELS_VERSION:
        raise BadScores("labels_version")
    reading = _reading(message)
    engagement = compute_engagement(reading, preset)
    return DeviceScores(
        seq=_whole(message, "seq", 2**32),
        captured_ms=_whole(message, "captured_ms", 2**63),
        quality=reading.quality,
        model=_sha256(message),
        scores=scale_scores(reading),
        signs=scale_signs(reading),
        engagement=None if engagement is None else scale(engagement.value),
    )


def _reading(message: dict[str, Any]) -> FaceReading:
    quality = message.get("quality")
    if quality not in QUALITIES:
        raise BadScores("quality")
    expressions = _scores(message) if quality == "ok" else None
    return FaceReading(
        quality=quality,
        face_count=0 if quality == "no_face" else 1,
        expressions=expressions,
        pose=_pose(message),
        signs=_signs(message),
    )


def _scores(message: dict[str, Any]) -> ExpressionScores:
    values = _numbers(message.get("scores"), len(LABELS), 0, 1)
    if abs(sum(values) - 1) > 0.01:
        raise BadScores("scores do not sum to 1")
    return ExpressionScores(values)


def _pose(message: dict[str, Any]) -> HeadPose | None:
    if message.get("pose") is None:
        return None
    return HeadPose(*_numbers(message["pose"], 3, -180, 180))


def _signs(message: dict[str, Any]) -> FacialSigns | None:
    signs = message.get("signs")
    if signs is None:
        return None
    if not isinstance(signs, dict) or set(signs) != set(SIGNS):
        raise BadScores("signs")
    return FacialSigns(*_numbers([signs[name] for name in SIGNS], len(SIGNS), -2, 2))


def _numbers(values: Any, count: int, low: float, high: float) -> tuple[float, ...]:
    if not isinstance(values, list) or len(values) != count:
        raise BadScores("wrong count of numbers")
    for value in values:
        usable = isinstance(value, int | float) and not isinstance(value, bool)
        # No number that is not one is in between, and a whole number may be too large for a float.
        if not usable or not low <= value <= high:
            raise BadScores("number out of range")
    return tuple(float(value) for value in values)


def _whole(message: dict[str, Any], name: str, below: int) -> int:
    value = message.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
        raise BadScores(name)
    return value


def _sha256(message: dict[str, Any]) -> str:
    value = message.get("model")
    if not isinstance(value, str) or value not in _released_sha256s():
        raise BadScores("model")
    return value


@cache
def _released_sha256s() -> frozenset[str]:
    """Of this release's networks: figures of others do not mix with ours."""
    return frozenset(each.sha256 for each in released_models()[1].values())
