"""Find the faces that a network was not trained on, according to its record."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.training.data.dataset import (
    PUBLIC_TEST,
    TRAINING,
    FaceDataset,
    Rows,
    has_majority_label,
)
from inference.training.data.splits import OFFICIAL, Split, keep_one_per_group, make_split
from inference.training.errors import BadData
from inference.training.records import DataUse

HELD_OUT = "neither trained on nor used for model selection"
TEST_PART = "of the test part; the rest may have been trained on in another file"
OTHER_DATA = "of data that the network, by its record, was not trained on"


@dataclass(frozen=True)
class UnseenFaces:
    rows: Rows
    description: str


def find_unseen_faces(data_uses: Sequence[DataUse], faces: FaceDataset) -> UnseenFaces:
    """Select the faces that are safe to evaluate on.

    Args:
        data_uses: all data that the weights were trained on (`RunRecord.list_data_uses`).
        faces: the dataset to select from; with a face, its duplicates and the other faces of its
            person are excluded.
    """
    parts = [_make_split(use, faces) for use in data_uses if use.data_sha256 == faces.sha256]
    if parts:
        used = np.concatenate([rows for part in parts for rows in (part.train, part.validation)])
        known = np.isin(faces.group, faces.group[used])
        if faces.person is not None:
            known |= np.isin(faces.person, faces.person[used])
        return UnseenFaces(np.flatnonzero(~known), HELD_OUT)
    test_rows = np.flatnonzero(faces.split != TRAINING)
    if len(test_rows):
        return UnseenFaces(test_rows, TEST_PART)
    return UnseenFaces(np.arange(len(faces.split)), OTHER_DATA)


def select_evaluation_split(
    name: str | None, data_uses: Sequence[DataUse], faces: FaceDataset
) -> Split:
    """Return the split whose test part a released network is evaluated on.

    Args:
        name: the requested split, or None for the network's own.
        data_uses: all data that the weights were trained on.
        faces: the dataset; if it has no parts and the network was not trained on it, all of
            it is the test part.

    Raises:
        BadData: the network was trained on the test part, or no face in it has a majority label.
    """
    own = [use for use in data_uses if use.data_sha256 == faces.sha256]
    matching = [use for use in own if name in (None, use.split)]
    if matching:
        split = _make_split(matching[0], faces)
    elif name or (faces.split == PUBLIC_TEST).any():
        split = _make_split(DataUse(faces.sha256, name or OFFICIAL), faces)
    else:
        empty = np.arange(0)
        split = Split(empty, empty, keep_one_per_group(np.arange(len(faces.group)), faces.group))
    return validate_test_part(split, data_uses, faces)


def validate_test_part(split: Split, data_uses: Sequence[DataUse], faces: FaceDataset) -> Split:
    """Return `split`; raise BadData if its test part was trained on or has no majority label."""
    if not has_majority_label(faces.votes[split.test]).any():
        raise BadData("no face of the test part has a label that most annotators chose")
    unseen = find_unseen_faces(data_uses, faces)
    known = int((~np.isin(split.test, unseen.rows)).sum())
    if known and unseen.description == HELD_OUT:
        raise BadData(
            f"{known} of the {len(split.test)} test faces were trained on or used for model "
            "selection in another split; leave --split out to use the network's own"
        )
    return split


def _make_split(use: DataUse, faces: FaceDataset) -> Split:
    return make_split(use.split, faces, use.split_seed, use.validation_share)
