"""Metrics on shifted faces (`data.shift`): accuracy by kind, calibration, abstention, int8 loss.

Versions of one face are not independent, so intervals of means are bootstrapped over faces.
"""

from typing import Any

import numpy as np

from inference.results import LABELS
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.shift import ShiftedFaces, shift_faces
from inference.training.evaluate.evaluation import MakeScorer
from inference.training.evaluate.intervals import DRAWS, Interval, bootstrap_mean_interval
from inference.training.evaluate.metrics import (
    Classes,
    Doubles,
    compute_accuracy_at_coverage,
    compute_calibration_error,
    compute_log_loss,
    compute_reliability,
    compute_risk_coverage,
    softmax,
)

NEGATIVE = tuple(LABELS.index(name) for name in ("sadness", "anger", "disgust", "fear", "contempt"))
NEUTRAL = LABELS.index("neutral")
THRESHOLD_STEP = 0.05


def shift_scored_faces(faces: FaceDataset, rows: Rows) -> ShiftedFaces:
    """Make the shifted versions of the rows with a majority label."""
    return shift_faces(faces, rows[has_majority_label(faces.votes[rows])])


def score_shifted(make_scorer: MakeScorer, shifted: ShiftedFaces) -> Doubles:
    """Return FER+ logits [K * N, 8] of all versions."""
    return make_scorer(shifted.faces)(shifted.rows)[0]


def compute_shift_metrics(
    logits: Doubles, shifted: ShiftedFaces, temperature: float, draws: int = DRAWS
) -> dict[str, Any]:
    """Compute all metrics of one network, JSON-ready.

    Args:
        logits: [K * N, 8] from `score_shifted`.
        shifted: K versions of N faces.
        temperature: of the FER+ head.
        draws: bootstrap samples.
    """
    labels = compute_majority_labels(shifted.faces.votes)
    probabilities = softmax(logits, temperature)
    right = probabilities.argmax(axis=1) == labels
    by_kind = right.reshape(len(shifted.kinds), -1)
    return {
        "faces": by_kind.shape[1],
        "versions": len(shifted.kinds),
        "draws": draws,
        "accuracy": float(right.mean()),
        "loss": compute_log_loss(probabilities, labels),
        "ece": compute_calibration_error(probabilities, labels),
        "accuracy_at_85_coverage": compute_accuracy_at_coverage(probabilities, labels),
        "neutral_as_negative": compute_neutral_as_negative(probabilities, labels),
        "interval_95": {"accuracy": bootstrap_by_face(right, shifted, draws)},
        "kinds": {
            kind: {
                "accuracy": float(hits.mean()),
                "ece": compute_calibration_error(
                    *(
                        part.reshape(len(shifted.kinds), -1, *part.shape[1:])[index]
                        for part in (probabilities, labels)
                    )
                ),
            }
            for index, (kind, hits) in enumerate(zip(shifted.kinds, by_kind, strict=True))
        },
        "reliability": compute_reliability(probabilities, labels),
        "risk_coverage": compute_risk_coverage(probabilities, labels),
    }


def compute_shift_loss(
    logits: Doubles, reference: Doubles, shifted: ShiftedFaces, draws: int = DRAWS
) -> dict[str, Any]:
    """Compute the accuracy that a network loses against a reference on the same versions."""
    labels = compute_majority_labels(shifted.faces.votes)
    own, other = (scores.argmax(axis=1) == labels for scores in (logits, reference))
    difference = other.astype(np.float64) - own
    return {
        "accuracy_lost": float(difference.mean()),
        "interval_95": bootstrap_by_face(difference, shifted, draws),
    }


def bootstrap_by_face(values: Any, shifted: ShiftedFaces, draws: int = DRAWS) -> Interval:
    """Return an interval of the mean of [K * N] values, resampling the N faces."""
    per_face = np.asarray(values, np.float64).reshape(len(shifted.kinds), -1).mean(axis=0)
    return bootstrap_mean_interval(per_face, draws)


def compute_neutral_as_negative(probabilities: Doubles, labels: Classes) -> float | None:
    """Compute the share of neutral faces that are classified as a negative expression."""
    predicted = probabilities[labels == NEUTRAL].argmax(axis=1)
    return float(np.isin(predicted, NEGATIVE).mean()) if len(predicted) else None


def choose_confidence_threshold(probabilities: Doubles, labels: Classes) -> float:
    """Find the highest threshold below which more answers would be wrong than right.

    Args:
        probabilities: [N, 8] of shifted validation faces.
        labels: [N].

    Returns:
        A multiple of `THRESHOLD_STEP`; 0 where every answer should be given.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    thresholds = np.arange(1, round(1 / THRESHOLD_STEP) + 1) * THRESHOLD_STEP
    chosen = [
        float(threshold)
        for threshold in thresholds
        if (declined := confidence < threshold).any() and right[declined].mean() < 0.5
    ]
    return round(max(chosen, default=0.0), 2)


def compute_abstention(
    probabilities: Doubles, labels: Classes, threshold: float
) -> dict[str, float | None]:
    """Compute coverage, accuracy above and accuracy below a confidence threshold."""
    accepted = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return {
        "threshold": threshold,
        "coverage": float(accepted.mean()),
        "accuracy": float(right[accepted].mean()) if accepted.any() else None,
        "accuracy_below": float(right[~accepted].mean()) if (~accepted).any() else None,
    }


def format_shift_metrics(metrics: dict[str, Any]) -> str:
    """Format what `compute_shift_metrics` returned for the terminal."""
    low, high = metrics["interval_95"]["accuracy"]
    lines = [
        f"shifted: {metrics['faces']} faces in {metrics['versions']} versions each",
        f"  {'accuracy':24} {metrics['accuracy']:.4f}  [{low:.4f}, {high:.4f}]",
    ]
    names = ("loss", "ece", "accuracy_at_85_coverage", "neutral_as_negative")
    lines += [f"  {name:24} {metrics[name]:.4f}" for name in names if metrics[name] is not None]
    lines += [
        f"  {kind:24} {found['accuracy']:.4f}  ece {found['ece']:.4f}"
        for kind, found in metrics["kinds"].items()
    ]
    return "\n".join(lines)
