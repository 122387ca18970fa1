"""Metrics of a classifier from its probabilities float64 [N, C] and true classes int [N]."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.evaluate.intervals import (
    DRAWS,
    Interval,
    compute_f1_interval,
    compute_percentile_interval,
    compute_wilson_interval,
)

Doubles = NDArray[np.float64]
Classes = NDArray[np.intp]
Metric = Callable[[Doubles, Classes], float]

ECE_BINS = 15
COVERAGE = 0.85


@dataclass(frozen=True)
class ClassMetrics:
    precision: float
    recall: float
    f1: float
    faces: int


def compute_confusion_matrix(labels: Classes, predicted: Classes, classes: int) -> NDArray[np.intp]:
    """Count faces by [true class, predicted class]."""
    matrix = np.zeros((classes, classes), dtype=np.intp)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def compute_class_metrics(matrix: NDArray[np.intp]) -> list[ClassMetrics]:
    """Compute precision, recall and F1 of each class; 0 where nothing was predicted or true."""
    hits = np.diag(matrix).astype(np.float64)
    precision = hits / np.maximum(matrix.sum(axis=0), 1)
    recall = hits / np.maximum(matrix.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return [
        ClassMetrics(float(p), float(r), float(f), int(n))
        for p, r, f, n in zip(precision, recall, f1, matrix.sum(axis=1), strict=True)
    ]


def compute_class_intervals(matrix: NDArray[np.intp]) -> list[dict[str, Interval | None]]:
    """Compute intervals of `compute_class_metrics`; None where nothing was predicted or true."""
    counts = zip(np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1), strict=True)
    return [
        {
            "precision": compute_wilson_interval(hits, predicted),
            "recall": compute_wilson_interval(hits, true),
            "f1": compute_f1_interval(hits, predicted, true),
        }
        for hits, predicted, true in (map(int, row) for row in counts)
    ]


def compute_accuracy(probabilities: Doubles, labels: Classes) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def compute_balanced_accuracy(probabilities: Doubles, labels: Classes) -> float:
    """Compute the mean recall of the classes that occur."""
    right = probabilities.argmax(axis=1) == labels
    return float(np.mean([right[labels == label].mean() for label in np.unique(labels)]))


def compute_log_loss(probabilities: Doubles, labels: Classes) -> float:
    """Compute the mean negative log-likelihood."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def compute_calibration_error(probabilities: Doubles, labels: Classes) -> float:
    """Compute the expected calibration error (ECE) over 15 bins of equally many faces.

    Naeini et al. 2015; equal-mass bins as in Nguyen and O'Connor 2015.
    """
    return _compute_bin_error(*_split_confidence(probabilities, labels))


def simulate_calibration_errors(probabilities: Doubles, draws: int = DRAWS) -> Doubles:
    """Draw calibration errors of a perfectly calibrated classifier with these confidences."""
    confidence = probabilities.max(axis=1)
    rng = np.random.default_rng(0)
    rights = (rng.random(len(confidence)) < confidence for _ in range(draws))
    return np.array([_compute_bin_error(confidence, right) for right in rights])


def _split_confidence(probabilities: Doubles, labels: Classes) -> tuple[Doubles, NDArray[np.bool_]]:
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def _make_bins(confidence: Doubles) -> list[NDArray[np.intp]]:
    parts = np.array_split(np.argsort(confidence, kind="stable"), ECE_BINS)
    return [part for part in parts if len(part)]


def _compute_bin_error(confidence: Doubles, right: NDArray[np.bool_]) -> float:
    bins = _make_bins(confidence)
    gaps = [abs(confidence[b].mean() - right[b].mean()) * len(b) for b in bins]
    return float(np.sum(gaps) / len(right))


def compute_reliability(probabilities: Doubles, labels: Classes) -> list[dict[str, float]]:
    """Compute mean confidence and accuracy in each bin of `compute_calibration_error`."""
    confidence, right = _split_confidence(probabilities, labels)
    return [
        {
            "confidence": float(confidence[b].mean()),
            "accuracy": float(right[b].mean()),
            "faces": len(b),
        }
        for b in _make_bins(confidence)
    ]


def compute_risk_coverage(probabilities: Doubles, labels: Classes) -> list[dict[str, float]]:
    """Compute accuracy at 5 %, 10 %, ... coverage, and the confidence threshold for each."""
    points = []
    for percent in range(5, 101, 5):
        count = max(1, round(percent / 100 * len(labels)))
        covered = _select_most_confident(probabilities, count)
        points.append(
            {
                "coverage": percent / 100,
                "accuracy": compute_accuracy(probabilities[covered], labels[covered]),
                "least_confidence": float(probabilities[covered].max(axis=1).min()),
            }
        )
    return points


def compute_accuracy_at_coverage(probabilities: Doubles, labels: Classes) -> float:
    """Compute the accuracy at 85 % coverage (selective accuracy, El-Yaniv and Wiener 2010)."""
    covered = _select_most_confident(probabilities, round(COVERAGE * len(labels)))
    return compute_accuracy(probabilities[covered], labels[covered])


def _select_most_confident(probabilities: Doubles, count: int) -> NDArray[np.intp]:
    return np.argsort(-probabilities.max(axis=1), kind="stable")[:count]


def _make_macro_metric(name: str) -> Metric:
    def compute(probabilities: Doubles, labels: Classes) -> float:
        matrix = compute_confusion_matrix(
            labels, probabilities.argmax(axis=1), probabilities.shape[1]
        )
        return float(np.mean([getattr(row, name) for row in compute_class_metrics(matrix)]))

    return compute


HEADLINES: dict[str, Metric] = {
    "accuracy": compute_accuracy,
    "balanced_accuracy": compute_balanced_accuracy,
    "loss": compute_log_loss,
    "macro_precision": _make_macro_metric("precision"),
    "macro_recall": _make_macro_metric("recall"),
    "macro_f1": _make_macro_metric("f1"),
    "ece": compute_calibration_error,
    "accuracy_at_85_coverage": compute_accuracy_at_coverage,
}


def bootstrap_metric(
    metric: Metric, probabilities: Doubles, labels: Classes, draws: int, seed: int = 0
) -> list[float]:
    """Return the metric of `draws` bootstrap samples of the faces."""
    rng = np.random.default_rng(seed)
    picks = (rng.integers(0, len(labels), len(labels)) for _ in range(draws))
    return [metric(probabilities[pick], labels[pick]) for pick in picks]


def compute_bootstrap_interval(
    metric: Metric,
    probabilities: Doubles,
    labels: Classes,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Return the 95 % percentile bootstrap interval of a metric."""
    return compute_percentile_interval(bootstrap_metric(metric, probabilities, labels, draws, seed))


def compute_calibration_interval(
    probabilities: Doubles, labels: Classes, by_chance: float, draws: int = DRAWS
) -> Interval:
    """Return an interval of the calibration error.

    Noise biases the error upwards, at most by the mean error of a perfectly calibrated classifier
    (`by_chance`), which widens the interval downwards. The bootstrap gives the spread only, because
    its own noise shifts the location.
    """
    found = compute_calibration_error(probabilities, labels)
    resampled = bootstrap_metric(compute_calibration_error, probabilities, labels, draws)
    low, high = np.array(compute_percentile_interval(resampled)) - np.mean(resampled)
    return max(0.0, float(found - by_chance - high)), float(found - low)


def softmax(logits: Doubles, temperature: float = 1.0) -> Doubles:
    """Compute probabilities [N, C] from logits divided by a temperature."""
    scaled = logits / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_temperature(logits: Doubles, labels: Classes) -> float:
    """Find the temperature with the lowest loss (Guo et al. 2017, arXiv 1706.04599), to 0.5 %."""
    candidates = np.exp(np.arange(np.log(0.2), np.log(5), 0.005))
    losses = [compute_log_loss(softmax(logits, candidate), labels) for candidate in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def compute_all_metrics(
    probabilities: Doubles, labels: Classes, names: Sequence[str], draws: int = DRAWS
) -> dict[str, Any]:
    """Compute every metric.

    Args:
        probabilities: [N, C].
        labels: true classes [N].
        names: of the C classes.
        draws: bootstrap samples.

    Returns:
        JSON-ready, metrics by name; `interval_95` of the headline metrics and of each class.
    """
    matrix = compute_confusion_matrix(labels, probabilities.argmax(axis=1), len(names))
    classes = zip(
        names, compute_class_metrics(matrix), compute_class_intervals(matrix), strict=True
    )
    chance = simulate_calibration_errors(probabilities, draws)
    special = {
        "accuracy": compute_wilson_interval(int(np.diag(matrix).sum()), len(labels)),
        "ece": compute_calibration_interval(probabilities, labels, float(chance.mean()), draws),
    }
    return {
        "faces": len(labels),
        "draws": draws,
        **{name: metric(probabilities, labels) for name, metric in HEADLINES.items()},
        "interval_95": {
            name: special.get(name)
            or compute_bootstrap_interval(metric, probabilities, labels, draws)
            for name, metric in HEADLINES.items()
        },
        "ece_if_calibrated": {
            "mean": float(chance.mean()),
            "interval_95": compute_percentile_interval(chance),
        },
        "classes": {
            name: {**asdict(values), "interval_95": interval} for name, values, interval in classes
        },
        "confusion": matrix.tolist(),
        "reliability": compute_reliability(probabilities, labels),
        "risk_coverage": compute_risk_coverage(probabilities, labels),
    }
