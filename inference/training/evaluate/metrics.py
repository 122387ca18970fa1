"""Figures of a classifier, from its probabilities and the true classes. Plain numpy, no state."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.evaluate.intervals import DRAWS, Interval, middle_95, of_f1, of_share

Doubles = NDArray[np.float64]
Classes = NDArray[np.intp]
Figure = Callable[[Doubles, Classes], float]

ECE_BINS = 15
COVERAGE = 0.85


@dataclass(frozen=True)
class ClassFigures:
    precision: float
    recall: float
    f1: float
    faces: int


def confusion_matrix(wanted: Classes, said: Classes, classes: int) -> NDArray[np.intp]:
    """[true class, said class] -> number of faces."""
    matrix = np.zeros((classes, classes), dtype=np.intp)
    np.add.at(matrix, (wanted, said), 1)
    return matrix


def class_figures(matrix: NDArray[np.intp]) -> list[ClassFigures]:
    """Precision, recall and F1 of each class; 0 where there is nothing to divide by."""
    hits = np.diag(matrix).astype(np.float64)
    precision = hits / np.maximum(matrix.sum(axis=0), 1)
    recall = hits / np.maximum(matrix.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return [
        ClassFigures(float(p), float(r), float(f), int(n))
        for p, r, f, n in zip(precision, recall, f1, matrix.sum(axis=1), strict=True)
    ]


def class_intervals(matrix: NDArray[np.intp]) -> list[dict[str, Interval | None]]:
    """What `class_figures` may be off by; None where there is nothing to divide by."""
    counts = zip(np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1), strict=True)
    return [
        {
            "precision": of_share(hits, said),
            "recall": of_share(hits, true),
            "f1": of_f1(hits, said, true),
        }
        for hits, said, true in (map(int, each) for each in counts)
    ]


def accuracy(probabilities: Doubles, wanted: Classes) -> float:
    return float((probabilities.argmax(axis=1) == wanted).mean())


def balanced_accuracy(probabilities: Doubles, wanted: Classes) -> float:
    """Mean recall of the classes that occur."""
    right = probabilities.argmax(axis=1) == wanted
    return float(np.mean([right[wanted == each].mean() for each in np.unique(wanted)]))


def log_loss(probabilities: Doubles, wanted: Classes) -> float:
    chosen = probabilities[np.arange(len(wanted)), wanted]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def expected_calibration_error(probabilities: Doubles, wanted: Classes) -> float:
    """Mean distance of confidence and accuracy over 15 bins that hold equally many faces."""
    return _calibration_error(*_sureness(probabilities, wanted))


def errors_if_calibrated(probabilities: Doubles, draws: int = DRAWS) -> Doubles:
    """The calibration errors that chance alone gives a perfectly calibrated classifier that is this
    sure of these faces."""
    confidence = probabilities.max(axis=1)
    rng = np.random.default_rng(0)
    rights = (rng.random(len(confidence)) < confidence for _ in range(draws))
    return np.array([_calibration_error(confidence, right) for right in rights])


def _sureness(probabilities: Doubles, wanted: Classes) -> tuple[Doubles, NDArray[np.bool_]]:
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == wanted


def _bins(confidence: Doubles) -> list[NDArray[np.intp]]:
    parts = np.array_split(np.argsort(confidence, kind="stable"), ECE_BINS)
    return [part for part in parts if len(part)]


def _calibration_error(confidence: Doubles, right: NDArray[np.bool_]) -> float:
    bins = _bins(confidence)
    gaps = [abs(confidence[b].mean() - right[b].mean()) * len(b) for b in bins]
    return float(np.sum(gaps) / len(right))


def reliability(probabilities: Doubles, wanted: Classes) -> list[dict[str, float]]:
    """Confidence and accuracy in each of the bins that `expected_calibration_error` uses."""
    confidence, right = _sureness(probabilities, wanted)
    return [
        {
            "confidence": float(confidence[b].mean()),
            "accuracy": float(right[b].mean()),
            "faces": len(b),
        }
        for b in _bins(confidence)
    ]


def risk_coverage(probabilities: Doubles, wanted: Classes) -> list[dict[str, float]]:
    """Accuracy on the surest 5 %, 10 %, ... of the faces, and how sure one must be for it."""
    surest = np.argsort(-probabilities.max(axis=1), kind="stable")
    points = []
    for percent in range(5, 101, 5):
        kept = surest[: max(1, round(percent / 100 * len(wanted)))]
        points.append(
            {
                "coverage": percent / 100,
                "accuracy": accuracy(probabilities[kept], wanted[kept]),
                "least_confidence": float(probabilities[kept].max(axis=1).min()),
            }
        )
    return points


def accuracy_at_coverage(probabilities: Doubles, wanted: Classes) -> float:
    """Accuracy on the 85 % of faces that the classifier is surest of."""
    surest = np.argsort(-probabilities.max(axis=1), kind="stable")
    kept = surest[: round(COVERAGE * len(wanted))]
    return accuracy(probabilities[kept], wanted[kept])


def _macro(name: str) -> Figure:
    def figure(probabilities: Doubles, wanted: Classes) -> float:
        matrix = confusion_matrix(wanted, probabilities.argmax(axis=1), probabilities.shape[1])
        return float(np.mean([getattr(each, name) for each in class_figures(matrix)]))

    return figure


HEADLINES: dict[str, Figure] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "loss": log_loss,
    "macro_precision": _macro("precision"),
    "macro_recall": _macro("recall"),
    "macro_f1": _macro("f1"),
    "ece": expected_calibration_error,
    "accuracy_at_85_coverage": accuracy_at_coverage,
}


def redrawn_figures(
    figure: Figure, probabilities: Doubles, wanted: Classes, draws: int, seed: int = 0
) -> list[float]:
    rng = np.random.default_rng(seed)
    picks = (rng.integers(0, len(wanted), len(wanted)) for _ in range(draws))
    return [figure(probabilities[pick], wanted[pick]) for pick in picks]


def bootstrap_interval(
    figure: Figure,
    probabilities: Doubles,
    wanted: Classes,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """The middle 95 % of `figure` over redrawn faces."""
    return middle_95(redrawn_figures(figure, probabilities, wanted, draws, seed))


def calibration_interval(
    probabilities: Doubles, wanted: Classes, by_chance: float, draws: int = DRAWS
) -> Interval:
    """Of the calibration error. Noise can only raise that, at most by what chance alone gives
    (`by_chance`): so much further down the interval begins. Redraws give the spread around it, not
    its place, because they add their own noise."""
    found = expected_calibration_error(probabilities, wanted)
    redrawn = redrawn_figures(expected_calibration_error, probabilities, wanted, draws)
    low, high = np.array(middle_95(redrawn)) - np.mean(redrawn)
    return max(0.0, float(found - by_chance - high)), float(found - low)


def softmax(logits: Doubles, temperature: float = 1.0) -> Doubles:
    scaled = logits / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fitted_temperature(logits: Doubles, wanted: Classes) -> float:
    """The temperature with the lowest loss (Guo et al. 2017, arXiv 1706.04599), to 0.5 %."""
    candidates = np.exp(np.arange(np.log(0.2), np.log(5), 0.005))
    losses = [log_loss(softmax(logits, each), wanted) for each in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def all_figures(
    probabilities: Doubles, wanted: Classes, labels: Sequence[str], draws: int = DRAWS
) -> dict[str, Any]:
    """Every figure by name, JSON-ready; `interval_95` beside the headlines and in each class."""
    matrix = confusion_matrix(wanted, probabilities.argmax(axis=1), len(labels))
    classes = zip(labels, class_figures(matrix), class_intervals(matrix), strict=True)
    chance = errors_if_calibrated(probabilities, draws)
    # Of few faces, all of them right, every redraw is right too: a plain share has its own formula.
    special = {
        "accuracy": of_share(int(np.diag(matrix).sum()), len(wanted)),
        "ece": calibration_interval(probabilities, wanted, float(chance.mean()), draws),
    }
    return {
        "faces": len(wanted),
        "draws": draws,
        **{name: figure(probabilities, wanted) for name, figure in HEADLINES.items()},
        "interval_95": {
            name: special.get(name) or bootstrap_interval(figure, probabilities, wanted, draws)
            for name, figure in HEADLINES.items()
        },
        "ece_if_calibrated": {"mean": float(chance.mean()), "interval_95": middle_95(chance)},
        "classes": {
            label: {**asdict(each), "interval_95": interval} for label, each, interval in classes
        },
        "confusion": matrix.tolist(),
        "reliability": reliability(probabilities, wanted),
        "risk_coverage": risk_coverage(probabilities, wanted),
    }
