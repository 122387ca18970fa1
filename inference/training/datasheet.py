"""What is in the data: counts, duplicates, and how far its two sets of labels agree."""

from typing import Any

import numpy as np

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.faces import (
    PUBLIC_TEST,
    TRAINING,
    FaceSet,
    majority,
    official_split,
    scored_rows,
    soft_targets,
)

SAME_IN_FERPLUS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""FER+'s name for each of `FER7_LABELS`."""


def data_sheet(faces: FaceSet, seed: int = 0) -> dict[str, Any]:
    """Counts by name, JSON-ready."""
    split = official_split(faces, seed)
    scored = scored_rows(faces.votes)
    chosen = majority(faces.votes)
    same = np.array([LABELS.index(name) for name in SAME_IN_FERPLUS])[faces.labels] == chosen
    test = faces.split == PUBLIC_TEST
    return {
        "sha256": faces.sha256,
        "training_rows": int((faces.split == TRAINING).sum()),
        "public_test_rows": int(test.sum()),
        "public_test_rows_scored": int((test & scored).sum()),
        "not_a_face": int((~soft_targets(faces).is_face).sum()),
        "duplicate_groups": int((np.unique(faces.group, return_counts=True)[1] > 1).sum()),
        "training_rows_also_in_test": int(
            ((faces.split == TRAINING) & np.isin(faces.group, faces.group[test])).sum()
        ),
        "groups_with_conflicting_labels": conflicting_groups(faces),
        "labels_agree_share": round(float(same.mean()), 4),
        "ferplus_scored": _counts(chosen[scored], LABELS),
        "fer7": _counts(faces.labels, FER7_LABELS),
        "split_rows": {
            "train": len(split.train),
            "validation": len(split.validation),
            "test": len(split.test),
        },
    }


def conflicting_groups(faces: FaceSet) -> int:
    """Duplicate groups whose rows do not all have the same FER2013 label."""
    pairs = np.unique(np.stack([faces.group, faces.labels.astype(np.int32)]), axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())


def _counts(classes: np.ndarray[Any, Any], labels: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(labels, np.bincount(classes, minlength=len(labels)).tolist(), strict=True))
