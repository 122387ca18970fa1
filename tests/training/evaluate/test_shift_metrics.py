"""Metrics on shifted faces, and the choice of the threshold of low confidence."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.dataset import FaceDataset
from inference.training.data.shift import SHIFTS
from inference.training.evaluate.evaluation import Scorer
from inference.training.evaluate.metrics import Classes, Doubles
from inference.training.evaluate.shift_metrics import (
    bootstrap_by_face,
    choose_confidence_threshold,
    compute_abstention,
    compute_neutral_as_negative,
    compute_shift_loss,
    compute_shift_metrics,
    format_shift_metrics,
    score_shifted,
    shift_scored_faces,
)

KINDS = len(SHIFTS)


def make_right_scorer(faces: FaceDataset) -> Scorer:
    def score(rows: Classes) -> tuple[Doubles, Doubles]:
        return np.eye(8)[faces.votes[rows, :8].argmax(axis=1)] * 5.0, np.zeros((len(rows), 7))

    return score


def test_metrics_count_faces_and_versions(synthetic_faces: FaceDataset) -> None:
    shifted = shift_scored_faces(synthetic_faces, np.arange(10))
    logits = score_shifted(make_right_scorer, shifted)
    metrics = compute_shift_metrics(logits, shifted, 1.0, draws=50)
    assert (metrics["faces"], metrics["versions"]) == (10, KINDS)
    assert metrics["accuracy"] == 1.0
    assert metrics["interval_95"]["accuracy"] == (1.0, 1.0)
    assert list(metrics["kinds"]) == list(SHIFTS)
    text = format_shift_metrics(metrics)
    assert all(kind in text for kind in SHIFTS)
    logits[:10] = logits[:10][:, ::-1]
    metrics = compute_shift_metrics(logits, shifted, 1.0, draws=50)
    first, *others = metrics["kinds"].values()
    assert first["accuracy"] == 0.0
    assert {other["accuracy"] for other in others} == {1.0}
    assert metrics["accuracy"] == pytest.approx(1 - 1 / KINDS)


def test_the_loss_against_a_reference_is_paired(synthetic_faces: FaceDataset) -> None:
    shifted = shift_scored_faces(synthetic_faces, np.arange(10))
    reference = score_shifted(make_right_scorer, shifted)
    worse = reference.copy()
    worse[::10] = worse[::10][:, ::-1]  # one face, in every version
    lost = compute_shift_loss(worse, reference, shifted)
    assert lost["accuracy_lost"] == pytest.approx(0.1)
    assert lost["interval_95"][0] == 0.0
    assert compute_shift_loss(reference, worse, shifted)["accuracy_lost"] == pytest.approx(-0.1)


def test_intervals_are_over_faces_not_versions(synthetic_faces: FaceDataset) -> None:
    shifted = shift_scored_faces(synthetic_faces, np.arange(10))
    values = np.tile(np.arange(10) % 2, KINDS)  # equal in all versions of a face
    low, high = bootstrap_by_face(values, shifted)
    assert low <= 0.2
    assert high >= 0.8


def test_neutral_as_negative_counts_neutral_faces_only() -> None:
    predicted = np.eye(8)[[0, 3, 4, 1, 3]]
    assert compute_neutral_as_negative(predicted, np.array([0, 0, 0, 0, 3])) == 0.5
    assert compute_neutral_as_negative(predicted, np.array([1, 1, 1, 1, 1])) is None


def test_the_threshold_is_the_highest_below_which_most_answers_are_wrong() -> None:
    confidence = np.array([0.42, 0.44, 0.52, 0.57, 0.62, 0.9])
    probabilities = np.stack([confidence, (1 - confidence) / 2, (1 - confidence) / 2], axis=1)
    labels = np.array([1, 1, 1, 0, 0, 0])  # wrong up to 0.52
    assert choose_confidence_threshold(probabilities, labels) == 0.9, "3 of 5 are wrong"
    assert choose_confidence_threshold(probabilities, np.ones(6, int)) == 1.0
    assert choose_confidence_threshold(probabilities, np.zeros(6, int)) == 0.0
    found = compute_abstention(probabilities, labels, 0.55)
    assert found == {"threshold": 0.55, "coverage": 0.5, "accuracy": 1.0, "accuracy_below": 0.0}
    assert compute_abstention(probabilities, labels, 0.0)["accuracy_below"] is None
