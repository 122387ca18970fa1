"""Synthetic faces with separable classes, and the real ones from FER_DATA."""

import os
from pathlib import Path

import numpy as np
import pytest

from inference.training.data.dataset import FaceDataset, read_dataset

CLASSES = 4
EACH = 30


def bar_picture(kind: int, rng: np.random.Generator) -> np.ndarray:
    """A bright bar on noise whose position and direction encode the class."""
    picture = rng.integers(0, 90, (48, 48)).astype(np.uint8)
    start = 8 + 22 * (kind % 2)
    if kind < 2:
        picture[start : start + 10, 6:42] = 230
    else:
        picture[6:42, start : start + 10] = 230
    return picture


@pytest.fixture(scope="session")
def synthetic_faces() -> FaceDataset:
    rng = np.random.default_rng(7)
    kinds = np.tile(np.arange(CLASSES), EACH)
    votes = np.zeros((len(kinds), 10), dtype=np.uint8)
    votes[np.arange(len(kinds)), kinds] = 9
    votes[np.arange(len(kinds)), (kinds + 1) % CLASSES] += 1
    split = np.zeros(len(kinds), dtype=np.int8)
    split[-20:] = 1
    return FaceDataset(
        images=np.stack([bar_picture(kind, rng) for kind in kinds]),
        labels=kinds.astype(np.int8),
        split=split,
        votes=votes,
        group=np.arange(len(kinds), dtype=np.int32),
        sha256="0" * 64,
    )


@pytest.fixture(scope="session")
def real_faces() -> FaceDataset:
    if "FER_DATA" not in os.environ:
        pytest.skip("FER_DATA is not set: the FER2013 faces are not here")
    return read_dataset(Path(os.environ["FER_DATA"]) / "fer2013/fer2013_train_public.npz")
