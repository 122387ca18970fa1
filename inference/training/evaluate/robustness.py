"""Accuracy on corrupted faces (`corruptions`), and the most confident errors."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.results import LABELS
from inference.training.data.corruptions import CORRUPTIONS, apply_corruption
from inference.training.data.dataset import (
    FaceDataset,
    Pixels,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.evaluate.evaluation import MakeScorer
from inference.training.evaluate.intervals import compute_wilson_interval


def measure_robustness(
    make_scorer: MakeScorer, faces: FaceDataset, rows: Rows, max_faces: int = 0
) -> dict[str, Any]:
    """Measure FER+ accuracy for every corruption and severity (Hendrycks and Dietterich 2019).

    Args:
        make_scorer: of the network.
        faces: the dataset.
        rows: those with a majority label are scored.
        max_faces: a fixed random sample of that size saves time; 0 takes all.
    """
    rows = rows[has_majority_label(faces.votes[rows])]
    if 0 < max_faces < len(rows):
        rows = np.sort(np.random.default_rng(0).choice(rows, max_faces, replace=False))
    labels = compute_majority_labels(faces.votes[rows])
    positions = np.arange(len(rows))

    def measure(images: Pixels) -> dict[str, Any]:
        logits = make_scorer(replace(faces, images=images))(positions)[0]
        right = logits.argmax(axis=1) == labels
        return {
            "accuracy": float(right.mean()),
            "interval_95": compute_wilson_interval(int(right.sum()), len(right)),
        }

    found: dict[str, Any] = {"untouched": measure(faces.images[rows])}
    levels = [(name, level) for name, severities in CORRUPTIONS.items() for level in severities]
    for name, level in tqdm(levels, desc="corruptions", mininterval=5):
        images = apply_corruption(faces.images[rows], CORRUPTIONS[name][level])
        found.setdefault(name, {})[level] = measure(images)
    return {"faces": len(rows), "accuracy": found}


def format_robustness(found: dict[str, Any]) -> str:
    clean = found["accuracy"]["untouched"]["accuracy"]
    lines = [f"{found['faces']} faces, not corrupted: {clean:.3f}"]
    for name, severities in found["accuracy"].items():
        if name == "untouched":
            continue
        shown = "   ".join(
            f"{level}: {result['accuracy']:.3f}" for level, result in severities.items()
        )
        lines.append(f"  {name:32} {shown}")
    return "\n".join(lines)


def list_confident_errors(
    probabilities: np.ndarray[Any, Any],
    labels: Rows,
    rows: Rows,
    files: NDArray[np.str_] | None = None,
    count: int = 12,
) -> dict[str, Any]:
    """List the most confident errors by expression: row numbers (and files), without pictures."""
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    errors: dict[str, Any] = {}
    for label, name in enumerate(LABELS):
        wrong = np.flatnonzero((labels == label) & (predicted != label))
        wrong = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
        errors[name] = [
            {
                "row": int(rows[i]),
                **({} if files is None else {"file": str(files[rows[i]])}),
                "said": LABELS[predicted[i]],
                "sureness": round(float(confidence[i]), 3),
            }
            for i in wrong
        ]
    return errors
