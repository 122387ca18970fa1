"""Means over the frequent expressions, and counts of the rare ones."""

import numpy as np
import pytest

from inference.results import LABELS
from inference.training.evaluate.frequent_classes import (
    add_frequent_metrics,
    compute_frequent_metrics,
)


def build_confusion(rare_right: int) -> np.ndarray:
    """100 faces of each frequent expression, 90 of them right; 10 of each rare one."""
    matrix = np.zeros((8, 8), int)
    for index, name in enumerate(LABELS):
        right, faces = (rare_right, 10) if name in ("disgust", "contempt") else (90, 100)
        matrix[index, index] = right
        matrix[index, (index + 1) % 3] += faces - right
    return matrix


def test_rare_expressions_are_counted_and_not_averaged() -> None:
    none, all_right = (
        compute_frequent_metrics(build_confusion(right).tolist(), LABELS) for right in (0, 10)
    )
    assert none["frequent_recall"] == all_right["frequent_recall"] == pytest.approx(0.9)
    assert none["rare"] == {name: {"right": 0, "faces": 10} for name in ("disgust", "contempt")}
    assert all_right["rare"]["contempt"]["right"] == 10
    assert none["frequent_precision"] < all_right["frequent_precision"], "others take them over"


def test_intervals_are_those_of_resampled_faces() -> None:
    matrix = build_confusion(5)
    low, high = compute_frequent_metrics(matrix.tolist(), LABELS)["interval_95"]["frequent_recall"]
    labels, predicted = (np.repeat(axis.ravel(), matrix.ravel()) for axis in np.indices((8, 8)))
    rng = np.random.default_rng(1)
    frequent = [i for i, name in enumerate(LABELS) if name not in ("disgust", "contempt")]
    means = []
    for _ in range(400):
        pick = rng.integers(0, len(labels), len(labels))
        hit = labels[pick] == predicted[pick]
        means.append(np.mean([hit[labels[pick] == label].mean() for label in frequent]))
    assert (low, high) == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.006)


def test_missing_classes_and_seven_labels() -> None:
    seven = compute_frequent_metrics([[3, 1], [0, 0]], ("angry", "disgust"))
    assert seven["frequent_recall"] == 0.75
    assert seven["rare"] == {"disgust": {"right": 0, "faces": 0}}
    head = {"confusion": [[3, 1], [1, 3]], "classes": dict.fromkeys(LABELS[:2])}
    added = add_frequent_metrics({**head, "interval_95": {"accuracy": (0, 1)}})
    assert set(added["interval_95"]) == {
        "accuracy",
        "frequent_precision",
        "frequent_recall",
        "frequent_f1",
    }
