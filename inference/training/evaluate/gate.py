"""Release gate: temperature, int8 loss and calibration on clean and shifted validation faces.

Everything here is chosen or checked on validation faces; the test part is for reporting only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.pipeline import MIN_TOP_PROBABILITY
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.shift import ShiftedFaces
from inference.training.evaluate.evaluation import MakeScorer, get_fer7_labels
from inference.training.evaluate.intervals import bootstrap_mean_interval
from inference.training.evaluate.metrics import (
    Classes,
    Doubles,
    compute_accuracy,
    compute_calibration_error,
    fit_temperature,
    softmax,
)
from inference.training.evaluate.shift_metrics import (
    choose_confidence_threshold,
    compute_abstention,
    compute_neutral_as_negative,
    compute_shift_loss,
    score_shifted,
    shift_scored_faces,
)
from inference.training.networks.onnx_export import Temperatures

MIN_GATE_FACES = 1000
"""With fewer validation faces, as of a school, the limits are reported and not enforced."""
TEMPERATURE_STEP = 0.005
"""Of the logarithm."""


@dataclass(frozen=True)
class Limit:
    title: str
    floor: float
    """in per cent or points; a release that exceeds it is refused"""
    goal: float


LIMITS = {
    "int8_loss": Limit("int8 accuracy loss against fp32, points", 0.2, 0.1),
    "int8_loss_shifted": Limit("int8 accuracy loss against fp32, shifted, points", 0.2, 0.1),
    "ece": Limit("expected calibration error, %", 1.5, 1.0),
    "ece_shifted": Limit("expected calibration error, shifted, %", 3.0, 2.0),
}


@dataclass(frozen=True)
class ValidationLogits:
    """FER+ logits of one network on clean and shifted validation faces with a majority label."""

    labels: Classes
    clean: Doubles
    shifted: Doubles
    """[K * N, 8] as in `shift`"""
    faces: ShiftedFaces


def score_validation(
    make_scorer: MakeScorer, faces: FaceDataset, validation: Rows
) -> ValidationLogits:
    rows = validation[has_majority_label(faces.votes[validation])]
    shifted = shift_scored_faces(faces, validation)
    return ValidationLogits(
        labels=compute_majority_labels(faces.votes[rows]),
        clean=make_scorer(faces)(rows)[0],
        shifted=score_shifted(make_scorer, shifted),
        faces=shifted,
    )


def choose_temperature(logits: ValidationLogits) -> float:
    """Find the temperature whose larger calibration error, relative to its goal, is smallest.

    A network is more overconfident on shifted faces than on clean ones, and one temperature has to
    serve both. Candidates lie between those with the lowest loss on either.
    """
    labels = compute_majority_labels(logits.faces.faces.votes)
    ends = fit_temperature(logits.clean, logits.labels), fit_temperature(logits.shifted, labels)
    low, high = np.log(sorted(ends))
    candidates = np.exp(np.arange(low, high + TEMPERATURE_STEP, TEMPERATURE_STEP))
    errors = [
        max(
            compute_calibration_error(softmax(logits.clean, candidate), logits.labels)
            / LIMITS["ece"].goal,
            compute_calibration_error(softmax(logits.shifted, candidate), labels)
            / LIMITS["ece_shifted"].goal,
        )
        for candidate in candidates
    ]
    return round(float(candidates[int(np.argmin(errors))]), 4)


def choose_temperatures(
    logits: ValidationLogits, make_scorer: MakeScorer, faces: FaceDataset, validation: Rows
) -> Temperatures:
    """Choose that of the FER+ head on clean and shifted faces, of the other head on clean ones."""
    labels = get_fer7_labels(faces, validation)
    rows = validation[labels >= 0]
    if not len(rows):
        return Temperatures(choose_temperature(logits))
    fer7 = make_scorer(faces)(rows)[1]
    return Temperatures(choose_temperature(logits), fit_temperature(fer7, labels[labels >= 0]))


def measure_gate(
    int8: ValidationLogits, fp32: ValidationLogits, temperature: float
) -> dict[str, Any]:
    """Measure what `LIMITS` bound, and what the threshold of low confidence does. JSON-ready."""
    labels = compute_majority_labels(int8.faces.faces.votes)
    clean, shifted = softmax(int8.clean, temperature), softmax(int8.shifted, temperature)
    lost = (fp32.clean.argmax(axis=1) == int8.labels).astype(np.float64)
    lost -= int8.clean.argmax(axis=1) == int8.labels
    loss = compute_shift_loss(int8.shifted, fp32.shifted, int8.faces)
    return {
        "faces": len(int8.labels),
        "versions": len(int8.faces.kinds),
        "accuracy": compute_accuracy(clean, int8.labels),
        "accuracy_shifted": compute_accuracy(shifted, labels),
        "int8_loss": float(lost.mean()),
        "int8_loss_shifted": loss["accuracy_lost"],
        "interval_95": {
            "int8_loss": bootstrap_mean_interval(lost),
            "int8_loss_shifted": loss["interval_95"],
        },
        "ece": compute_calibration_error(clean, int8.labels),
        "ece_shifted": compute_calibration_error(shifted, labels),
        "neutral_as_negative": compute_neutral_as_negative(clean, int8.labels),
        "neutral_as_negative_shifted": compute_neutral_as_negative(shifted, labels),
        "chosen_threshold": choose_confidence_threshold(shifted, labels),
        "abstention": {
            "clean": compute_abstention(clean, int8.labels, MIN_TOP_PROBABILITY),
            "shifted": compute_abstention(shifted, labels, MIN_TOP_PROBABILITY),
        },
    }


def list_gate_failures(measured: Mapping[str, Any]) -> list[str]:
    """Return a message for each limit that is exceeded; empty for too few faces to tell."""
    if measured["faces"] < MIN_GATE_FACES:
        return []
    return [
        f"{limit.title}: {100 * measured[name]:.2f} is above {limit.floor:g}"
        for name, limit in LIMITS.items()
        if 100 * measured[name] > limit.floor
    ]


def format_gate(measured: Mapping[str, Any]) -> str:
    """Format what `measure_gate` returned for the terminal."""
    lines = [f"validation: {measured['faces']} faces, {measured['versions']} shifted versions each"]
    for name, limit in LIMITS.items():
        lines.append(
            f"  {limit.title:50} {100 * measured[name]:6.2f}  floor {limit.floor:g}, "
            f"goal {limit.goal:g}"
        )
    for part, found in measured["abstention"].items():
        above, below = (found[key] for key in ("accuracy", "accuracy_below"))
        lines.append(
            f"  {part}: {100 * found['coverage']:.1f} % reach {found['threshold']:g}; accuracy "
            f"{_format_share(above)} above, {_format_share(below)} below"
        )
    lines.append(
        f"  highest threshold below which most answers are wrong: {measured['chosen_threshold']:g}"
    )
    return "\n".join(lines)


def _format_share(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"
