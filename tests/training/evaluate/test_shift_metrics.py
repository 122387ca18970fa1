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


def test_the_threshold_is_the_lowest_that_reaches_the_accuracy() -> None:
    confidence = np.array([0.45, 0.55, 0.65, 0.75, 0.85])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    labels = np.array([1, 1, 0, 0, 0])
    probabilities[0] = [0.45, 0.3]
    assert choose_confidence_threshold(probabilities, labels, 0.6) == 0.0
    assert choose_confidence_threshold(probabilities, labels, 0.7) == 0.46
    assert choose_confidence_threshold(probabilities, labels, 1.0) == 0.56
    assert choose_confidence_threshold(probabilities, 1 - labels, 1.0) == 1.0
    found = compute_abstention(probabilities, labels, 0.56)
    assert found == {"threshold": 0.56, "coverage": 0.6, "accuracy": 1.0, "accuracy_below": 0.0}
    assert compute_abstention(probabilities, labels, 0.0)["accuracy_below"] is None
