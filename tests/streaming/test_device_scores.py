import uuid
from typing import Any

import pytest

from fer_lms.engagement.observations import Observation
from fer_lms.streaming.wire.device_scores import InvalidScores, parse_scores
from fer_lms.streaming.wire.readings import build_observation
from inference.models.released import select_model
from inference.results import SIGNS

GOOD: dict[str, Any] = {
    "type": "scores",
    "seq": 1,
    "captured_ms": 1000,
    "labels_version": "ferplus-8",
    "scores": [0.5, 0.5, 0, 0, 0, 0, 0, 0],
    "pose": [1.0, -2.0, 0.0],
    "signs": dict.fromkeys(SIGNS, 0.3),
    "quality": "ok",
    "model": select_model().sha256,
}


def observe(message: dict[str, Any]) -> Observation:
    scores = parse_scores(message)
    return build_observation(
        scores.reading,
        preset="transparent",
        participant_id=uuid.uuid4(),
        window=1,
        step=1,
        epoch=1,
        model=scores.model,
    )


def test_valid_scores_become_scaled_integers() -> None:
    scores = observe(GOOD)
    assert scores.scores == (5000, 5000, 0, 0, 0, 0, 0, 0)
    assert scores.signs is not None
    assert scores.signs[-3:] == (10_000, -20_000, 0)
    assert scores.engagement is not None


def test_scores_without_a_usable_face_are_not_stored() -> None:
    scores = observe(GOOD | {"quality": "no_face", "signs": None})
    assert (scores.scores, scores.signs, scores.engagement) == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"scores": [1.0] * 8},
        {"scores": [0.5, 0.5]},
        {"scores": [float("nan")] * 8},
        {"scores": "none"},
        {"scores": [True, False, 0, 0, 0, 0, 0, 0]},
        {"quality": "fine"},
        {"seq": -1},
        {"seq": 2**32},
        {"seq": "1"},
        {"captured_ms": None},
        {"pose": [1, 2]},
        {"pose": [10**400, 0, 0]},
        {"pose": [float("inf"), 0, 0]},
        {"signs": {"smile": 1}},
        {"signs": dict.fromkeys(SIGNS, 100)},
        {"model": "short"},
        {"model": "a" * 64},
        {"labels_version": "other"},
    ],
)
def test_invalid_scores_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidScores):
        parse_scores(GOOD | change)
