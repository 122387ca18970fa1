"""Check that the metrics of a record are consistent with its confusion matrix."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from inference.training.evaluate.metrics import compute_class_metrics

Metrics = dict[str, Any]
TOLERANCE = 1e-9
COUNT_TOLERANCE = 1e-6
MACRO_METRICS = {"macro_precision": "precision", "macro_recall": "recall", "macro_f1": "f1"}
CLASS_METRICS = ("precision", "recall", "f1", "faces")


def find_metric_errors(where: str, evaluation: Metrics) -> list[str]:
    """Return a message for each head whose metrics contradict each other.

    Args:
        where: names the record in the messages.
        evaluation: as `evaluate.evaluation.evaluate` returns it.
    """
    errors = [
        f"{where}: {head} contradicts itself in {', '.join(wrong)}"
        for head in ("ferplus", "fer7")
        if (wrong := list(dict.fromkeys(_find_contradictions(evaluation[head]))))
    ]
    robustness = evaluation.get("robustness")
    if robustness and not _is_robustness_consistent(robustness):
        errors.append(
            f"{where}: accuracy under corruptions is not a share of {robustness['faces']}"
        )
    return errors


def _find_contradictions(metrics: Metrics) -> Iterator[str]:
    matrix = np.array(metrics["confusion"])
    faces, correct = int(matrix.sum()), int(np.trace(matrix))
    if metrics["faces"] != faces:
        yield "faces"
    for name, value in _compute_expected(matrix).items():
        if abs(metrics[name] - value) > TOLERANCE:
            yield name
    classes = zip(metrics["classes"].items(), compute_class_metrics(matrix), strict=True)
    for (label, recorded), expected in classes:
        if any(abs(recorded[k] - getattr(expected, k)) > TOLERANCE for k in CLASS_METRICS):
            yield label
    if not _is_reliability_consistent(metrics, faces, correct):
        yield "reliability"
    if not _is_coverage_consistent(metrics, faces):
        yield "risk_coverage"
    yield from _find_agreement_errors(metrics, faces, correct)
    for name, (low, high) in metrics["interval_95"].items():
        if low > high:
            yield f"the interval of {name}"
    low, high = metrics["interval_95"]["accuracy"]
    if not low <= metrics["accuracy"] <= high:
        yield "the interval of accuracy"


def _compute_expected(matrix: Any) -> dict[str, float]:
    classes = compute_class_metrics(matrix)
    return {
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "balanced_accuracy": float(np.mean([item.recall for item in classes if item.faces])),
        **{
            name: float(np.mean([getattr(item, key) for item in classes]))
            for name, key in MACRO_METRICS.items()
        },
    }


def _is_reliability_consistent(metrics: Metrics, faces: int, correct: int) -> bool:
    bins = metrics["reliability"]
    hits = [item["accuracy"] * item["faces"] for item in bins]
    gaps = sum(abs(item["confidence"] - item["accuracy"]) * item["faces"] for item in bins)
    return (
        all(_is_count(value) for value in hits)
        and sum(item["faces"] for item in bins) == faces
        and abs(sum(hits) - correct) < COUNT_TOLERANCE
        and abs(gaps / faces - metrics["ece"]) < COUNT_TOLERANCE
    )


def _is_coverage_consistent(metrics: Metrics, faces: int) -> bool:
    points = metrics["risk_coverage"]
    hits = [point["accuracy"] * max(1, round(point["coverage"] * faces)) for point in points]
    counts = [round(value) for value in hits]
    confidence = [point["least_confidence"] for point in points]
    accuracy_at = {point["coverage"]: point["accuracy"] for point in points}
    return (
        all(_is_count(value) for value in hits)
        and counts == sorted(counts)
        and confidence == sorted(confidence, reverse=True)
        and abs(accuracy_at[1.0] - metrics["accuracy"]) < TOLERANCE
        and abs(accuracy_at[0.85] - metrics["accuracy_at_85_coverage"]) < TOLERANCE
    )


def _is_count(value: float) -> bool:
    return abs(value - round(value)) < COUNT_TOLERANCE


def _find_agreement_errors(metrics: Metrics, faces: int, correct: int) -> Iterator[str]:
    parts = metrics.get("by_agreement")
    if not parts:
        return
    hits = {name: part["accuracy"] * part["faces"] for name, part in parts.items()}
    counted = sum(part["faces"] for part in parts.values())
    if counted != faces or abs(sum(hits.values()) - correct) > COUNT_TOLERANCE:
        yield "by_agreement"
    high_agreement = [name for name in ("8 or 9", "10") if name in parts]
    agreed_faces = sum(parts[name]["faces"] for name in high_agreement)
    if agreed_faces != metrics["faces_where_8_of_10_agree"]:
        yield "faces_where_8_of_10_agree"
    elif agreed_faces:
        share = sum(hits[name] for name in high_agreement) / agreed_faces
        if abs(share - metrics["accuracy_where_8_of_10_agree"]) > TOLERANCE:
            yield "accuracy_where_8_of_10_agree"


def _is_robustness_consistent(robustness: Metrics) -> bool:
    """Return whether every accuracy is a whole number of faces and within its interval."""
    corruptions = dict(robustness["accuracy"])
    results = [corruptions.pop("untouched")]
    results += [result for levels in corruptions.values() for result in levels.values()]
    return all(
        _is_count(result["accuracy"] * robustness["faces"])
        and low - TOLERANCE <= result["accuracy"] <= high + TOLERANCE
        for result in results
        for low, high in [result["interval_95"]]
    )
