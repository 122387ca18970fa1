"""Do the figures of a record fit together? What follows from the confusion matrix has to."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from inference.training.evaluate.metrics import compute_class_metrics

Figures = dict[str, Any]
NEAR = 1e-9
MACROS = {"macro_precision": "precision", "macro_recall": "recall", "macro_f1": "f1"}


def evaluation_faults(where: str, evaluation: Figures) -> list[str]:
    """A line for each figure that another one contradicts."""
    faults = []
    for head in ("ferplus", "fer7"):
        wrong = list(dict.fromkeys(_contradicted(evaluation[head])))
        if wrong:
            faults.append(f"{where}: {head} contradicts itself in {', '.join(wrong)}")
    conditions = evaluation.get("robustness")
    if conditions and any(_conditions(conditions)):
        faults.append(f"{where}: accuracy on harmed faces is no share of {conditions['faces']}")
    return faults


def _contradicted(figures: Figures) -> Iterator[str]:
    """Names of figures that cannot be."""
    matrix = np.array(figures["confusion"])
    faces, right = int(matrix.sum()), int(np.trace(matrix))
    if figures["faces"] != faces:
        yield "faces"
    for name, value in _expected(matrix).items():
        if abs(figures[name] - value) > NEAR:
            yield name
    yield from _wrong_classes(figures, matrix)
    if not _fits_reliability(figures, faces, right):
        yield "reliability"
    if not _fits_coverage(figures, faces):
        yield "risk_coverage"
    yield from _wrong_agreement(figures, faces, right)
    for name, interval in figures["interval_95"].items():
        if interval[0] > interval[1]:
            yield f"the interval of {name}"
    low, high = figures["interval_95"]["accuracy"]
    if not low <= figures["accuracy"] <= high:
        yield "the interval of accuracy"


def _expected(matrix: Any) -> dict[str, float]:
    classes = compute_class_metrics(matrix)
    macros = {
        name: float(np.mean([getattr(each, part) for each in classes]))
        for name, part in MACROS.items()
    }
    present = [each.recall for each in classes if each.faces]
    return {
        "accuracy": float(np.trace(matrix) / matrix.sum()),
        "balanced_accuracy": float(np.mean(present)),
        **macros,
    }


def _wrong_classes(figures: Figures, matrix: Any) -> Iterator[str]:
    for (label, said), true in zip(
        figures["classes"].items(), compute_class_metrics(matrix), strict=True
    ):
        parts = ("precision", "recall", "f1", "faces")
        if any(abs(said[part] - getattr(true, part)) > NEAR for part in parts):
            yield label


def _fits_reliability(figures: Figures, faces: int, right: int) -> bool:
    bins = figures["reliability"]
    counted = sum(each["faces"] for each in bins)
    hits = sum(each["accuracy"] * each["faces"] for each in bins)
    gaps = sum(abs(each["confidence"] - each["accuracy"]) * each["faces"] for each in bins)
    whole = all(_is_count(each["accuracy"] * each["faces"]) for each in bins)
    same = counted == faces and abs(hits - right) < 1e-6
    return whole and same and abs(gaps / faces - figures["ece"]) < 1e-6


def _fits_coverage(figures: Figures, faces: int) -> bool:
    points = figures["risk_coverage"]
    counted = [p["accuracy"] * max(1, round(p["coverage"] * faces)) for p in points]
    hits = [round(each) for each in counted]
    sure = [p["least_confidence"] for p in points]
    at = {p["coverage"]: p["accuracy"] for p in points}
    return (
        all(_is_count(each) for each in counted)
        and hits == sorted(hits)
        and sure == sorted(sure, reverse=True)
        and abs(at[1.0] - figures["accuracy"]) < NEAR
        and abs(at[0.85] - figures["accuracy_at_85_coverage"]) < NEAR
    )


def _is_count(value: float) -> bool:
    return abs(value - round(value)) < 1e-6


def _wrong_agreement(figures: Figures, faces: int, right: int) -> Iterator[str]:
    parts = figures.get("by_agreement")
    if not parts:
        return
    hits = {name: each["accuracy"] * each["faces"] for name, each in parts.items()}
    if (
        sum(each["faces"] for each in parts.values()) != faces
        or abs(sum(hits.values()) - right) > 1e-6
    ):
        yield "by_agreement"
    most = [name for name in ("8 or 9", "10") if name in parts]
    counted = sum(parts[name]["faces"] for name in most)
    if counted != figures["faces_where_8_of_10_agree"]:
        yield "faces_where_8_of_10_agree"
    elif counted:
        share = sum(hits[name] for name in most) / counted
        if abs(share - figures["accuracy_where_8_of_10_agree"]) > NEAR:
            yield "accuracy_where_8_of_10_agree"


def _conditions(found: Figures) -> Iterator[bool]:
    """True for what cannot be: no whole number of faces, or outside of its own interval."""
    grades = {**found["accuracy"]}
    each = [grades.pop("untouched"), *(g for kind in grades.values() for g in kind.values())]
    for figures in each:
        low, high = figures["interval_95"]
        yield not _is_count(figures["accuracy"] * found["faces"])
        yield not low - NEAR <= figures["accuracy"] <= high + NEAR
