"""Precision, recall and F1 over the frequent expressions, from a confusion matrix.

Means over all eight expressions rest on disgust and contempt, of which PublicTest has 24 and 13
faces: one face of contempt moves the mean recall by a point. They are therefore reported as counts,
and means are over the other six.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.evaluate.intervals import DRAWS, compute_percentile_interval

RARE_LABELS = ("disgust", "contempt")
MEANS = ("frequent_precision", "frequent_recall", "frequent_f1")


def compute_frequent_metrics(
    confusion: Sequence[Sequence[int]], names: Sequence[str], draws: int = DRAWS
) -> dict[str, Any]:
    """Compute the means over the frequent expressions that occur, and counts of the rare ones.

    Args:
        confusion: faces by [true class, predicted class].
        names: of the classes; more names than classes are ignored.
        draws: bootstrap samples. Resampling faces changes the matrix as drawing its cells from a
            multinomial distribution does, so no predictions are needed.

    Returns:
        JSON-ready: `MEANS` with `interval_95`, and `rare` {name: {"right", "faces"}}.
    """
    matrix = np.array(confusion)
    kept = names[: len(matrix)]
    frequent = np.array([name not in RARE_LABELS for name in kept])
    found = _compute_means(matrix[None], frequent)[:, 0]
    faces = int(matrix.sum())
    cells = np.random.default_rng(0).multinomial(faces, matrix.ravel() / max(faces, 1), draws)
    drawn = _compute_means(cells.reshape(-1, *matrix.shape), frequent)
    return {
        **dict(zip(MEANS, map(float, found), strict=True)),
        "interval_95": {
            name: compute_percentile_interval(values)
            for name, values in zip(MEANS, drawn, strict=True)
        },
        "rare": {
            name: {"right": int(matrix[index, index]), "faces": int(matrix[index].sum())}
            for index, name in enumerate(kept)
            if name in RARE_LABELS
        },
    }


def _compute_means(matrices: NDArray[np.intp], frequent: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return mean precision, recall and F1, [3, M], of M matrices."""
    hits = np.diagonal(matrices, axis1=1, axis2=2)
    true, predicted = matrices.sum(axis=2), matrices.sum(axis=1)
    shares = (
        hits / np.maximum(predicted, 1),
        hits / np.maximum(true, 1),
        2 * hits / np.maximum(true + predicted, 1),
    )
    counted = frequent & (true > 0)
    return np.stack(
        [(share * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1) for share in shares]
    )


def add_frequent_metrics(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metrics of a head with those of `compute_frequent_metrics` added."""
    found = compute_frequent_metrics(metrics["confusion"], list(metrics["classes"]))
    return {
        **metrics,
        **found,
        "interval_95": {**metrics["interval_95"], **found["interval_95"]},
    }
