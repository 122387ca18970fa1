"""How much accuracy is left when faces are harmed (`corruptions`), and where errors gather."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.results import LABELS
from inference.training.data.corruptions import CORRUPTIONS, apply_corruption
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.evaluate.evaluation import Scorer
from inference.training.evaluate.intervals import of_share

ScorerOf = Callable[[FaceDataset], Scorer]
"""Faces -> the scorer of one and the same network for them."""


def robustness(
    scorer_of: ScorerOf, faces: FaceDataset, rows: Rows, most: int = 0
) -> dict[str, Any]:
    """FER+ accuracy with interval for every corruption and grade, on `rows` that are scored.

    `most` > 0 takes a fixed random part of the rows, to save time.
    """
    rows = rows[has_majority_label(faces.votes[rows])]
    if 0 < most < len(rows):
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    wanted = compute_majority_labels(faces.votes[rows])
    here = np.arange(len(rows))

    def figures(images: np.ndarray[Any, Any]) -> dict[str, Any]:
        right = scorer_of(replace(faces, images=images))(here)[0].argmax(axis=1) == wanted
        return {
            "accuracy": float(right.mean()),
            "interval_95": of_share(int(right.sum()), len(right)),
        }

    grades = [(name, grade) for name, each in CORRUPTIONS.items() for grade in each]
    found: dict[str, Any] = {"untouched": figures(faces.images[rows])}
    for name, grade in tqdm(grades, desc="corruptions", mininterval=5):
        images = apply_corruption(faces.images[rows], CORRUPTIONS[name][grade])
        found.setdefault(name, {})[grade] = figures(images)
    return {"faces": len(rows), "accuracy": found}


def robustness_text(found: dict[str, Any]) -> str:
    untouched = found["accuracy"]["untouched"]["accuracy"]
    lines = [f"{found['faces']} faces, untouched: {untouched:.3f}"]
    for name, grades in found["accuracy"].items():
        if name == "untouched":
            continue
        shown = "   ".join(f"{grade}: {each['accuracy']:.3f}" for grade, each in grades.items())
        lines.append(f"  {name:32} {shown}")
    return "\n".join(lines)


def error_gallery(
    probabilities: np.ndarray[Any, Any],
    wanted: Rows,
    rows: Rows,
    files: NDArray[np.str_] | None = None,
    most: int = 12,
) -> dict[str, Any]:
    """Row numbers (and files, where known) of the surest errors, by expression; no pictures."""
    said, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    gallery: dict[str, Any] = {}
    for true, label in enumerate(LABELS):
        wrong = np.flatnonzero((wanted == true) & (said != true))
        wrong = wrong[np.argsort(-sureness[wrong], kind="stable")][:most]
        gallery[label] = [
            {
                "row": int(rows[i]),
                **({} if files is None else {"file": str(files[rows[i]])}),
                "said": LABELS[said[i]],
                "sureness": round(float(sureness[i]), 3),
            }
            for i in wrong
        ]
    return gallery
