"""Weights of the evidence: overriding, validation and stored ones."""

from dataclasses import asdict, replace

import pytest

from fer_lms.engagement.evidence import FaceEvidence, compute_frustration
from fer_lms.engagement.weights import DEFAULT_WEIGHTS as WEIGHTS
from fer_lms.engagement.weights import InvalidWeightsError, parse_weights, restore_weights
from tests.engagement.evidence_input import T, build_activity, build_inputs, get_frustration


def test_weights_can_be_overridden() -> None:
    activity = build_activity((10, "hint_asked", ""))
    heavy = parse_weights({"asked_nats": 3})
    value = compute_frustration(build_inputs(FaceEvidence(), activity, T, 1e6, heavy)).value
    assert value is not None
    assert value > get_frustration(activity)


def test_weight_of_release_0_1_0_is_refused_with_advice() -> None:
    with pytest.raises(InvalidWeightsError, match="was removed"):
        parse_weights({"face_most": 0.3})


@pytest.mark.parametrize(
    "changes",
    [
        {"no_such": 1},
        {"face_most_nats": -1},
        {"face_most_nats": "x"},
        {"face_most_nats": 3},
        {"stale_seconds": 110},  # self-reports count in full until 120
        {"silence_from": 4},
        {"face_validity": 0.9},
        {"idle_full_seconds": 30},
        {"dwelling_from": 3},
        {"minimum_coverage": 0},
        {"other_source": 0},
        {"baseline_seconds": 0},
        {"disengagement_idle": 1.5},
        {"word_seconds": float("nan")},
    ],
)
def test_invalid_weight_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidWeightsError):
        parse_weights(changes)


def test_default_weights_are_valid() -> None:
    assert parse_weights(asdict(WEIGHTS)) == WEIGHTS


def test_stored_weights_are_restored_without_validation() -> None:
    kept = restore_weights({"face_most_nats": 2.5, "of_an_older_release": 1.0})
    assert kept == replace(WEIGHTS, face_most_nats=2.5)
