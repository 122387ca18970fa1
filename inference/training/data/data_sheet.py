"""Count faces, duplicates and labels for the data sheet."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.data.dataset import (
    PRIVATE_TEST,
    PUBLIC_TEST,
    TRAINING,
    FaceDataset,
    build_soft_targets,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.splits import SPLITS, Split, make_split
from inference.training.errors import BadData

FERPLUS_NAMES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""The FER+ label of each of `FER7_LABELS`."""


def compute_data_sheet(
    faces: FaceDataset, seed: int = 0, validation_share: float = 0.08
) -> dict[str, Any]:
    """Compute the counts of the data sheet.

    Args:
        faces: all faces.
        seed: of the splits.
        validation_share: of the official split.

    Returns:
        JSON-ready counts by name; `labels_agree_share` is 0..1, `split_rows` contains the sizes of
        every split that these faces allow.
    """
    scored = has_majority_label(faces.votes)
    chosen = compute_majority_labels(faces.votes)
    labelled = faces.labels >= 0
    agrees = np.array([LABELS.index(name) for name in FERPLUS_NAMES])[faces.labels] == chosen
    test = faces.split == PUBLIC_TEST
    return {
        "sha256": faces.sha256,
        "source": faces.source,
        "training_rows": int((faces.split == TRAINING).sum()),
        "public_test_rows": int(test.sum()),
        "private_test_rows": int((faces.split == PRIVATE_TEST).sum()),
        "public_test_rows_scored": int((test & scored).sum()),
        "not_a_face": int((~build_soft_targets(faces).is_face).sum()),
        "people": None if faces.person is None else len(np.unique(faces.person)),
        "duplicate_groups": int((np.unique(faces.group, return_counts=True)[1] > 1).sum()),
        "rows_in_duplicate_groups": len(faces.group) - _count_unique_rows(faces.group),
        "training_rows_also_in_test": int(
            ((faces.split == TRAINING) & np.isin(faces.group, faces.group[test])).sum()
        ),
        "groups_with_conflicting_labels": count_conflicting_groups(faces.group, faces.labels),
        "groups_with_conflicting_votes": count_conflicting_groups(faces.group, chosen),
        "labels_agree_share": round(float(agrees[labelled].mean()), 4) if labelled.any() else None,
        "ferplus_scored": _count_by_label(chosen[scored], LABELS),
        "fer7": _count_by_label(faces.labels[labelled], FER7_LABELS),
        "split_rows": {name: _count_split(faces, name, seed, validation_share) for name in SPLITS},
    }


def _count_split(
    faces: FaceDataset, name: str, seed: int, validation_share: float
) -> dict[str, int] | None:
    try:
        split: Split = make_split(name, faces, seed, validation_share)
    except BadData:
        return None  # a folder of pictures has no PublicTest
    return {part: len(rows) for part, rows in vars(split).items()}


def count_conflicting_groups(group: NDArray[np.int32], classes: NDArray[Any]) -> int:
    """Count the groups of identical images whose rows have different classes."""
    pairs = np.unique(np.stack([group, classes.astype(np.int32)]), axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())


def _count_unique_rows(group: NDArray[np.int32]) -> int:
    return int((np.unique(group, return_counts=True)[1] == 1).sum())


def _count_by_label(classes: NDArray[Any], labels: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(labels, np.bincount(classes, minlength=len(labels)).tolist(), strict=True))
