"""Which faces a network has not learned from, as far as its record can tell."""

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
from inference.training.evaluate.held_out import Learned, learned

NEITHER = "neither learned from nor chosen on"
TEST_PART = "of the test part; the rest may have been learned from in another file"
OTHER_DATA = "of data that the network, as its record tells, has not learned from"


@dataclass(frozen=True)
class Unseen:
    rows: Rows
    said: str
    """which those are, for people"""


def unseen_rows(seen: Sequence[Learned], faces: FaceDataset) -> Unseen:
    """`seen`: what the network's record tells (`held_out.learned_from`)."""
    parts = [_split(each, faces) for each in seen if each["data_sha256"] == faces.sha256]
    if parts:
        used = np.concatenate([rows for part in parts for rows in (part.train, part.validation)])
        known = np.isin(faces.group, faces.group[used])
        if faces.person is not None:
            known |= np.isin(faces.person, faces.person[used])
        return Unseen(np.flatnonzero(~known), NEITHER)
    tested = np.flatnonzero(faces.split != TRAINING)
    if len(tested):
        return Unseen(tested, TEST_PART)
    return Unseen(np.arange(len(faces.split)), OTHER_DATA)


def judged_split(asked: str | None, seen: Sequence[Learned], faces: FaceDataset) -> Split:
    """The split whose test part a released network is judged on, `asked` for or its own.

    A folder that is neither parted nor known to the network is all test part. Raises BadData where
    the network learned from the test part, or no face in it can be scored.
    """
    own = [each for each in seen if each["data_sha256"] == faces.sha256]
    fitting = [each for each in own if asked in (None, each["split"])]
    if fitting:
        split = _split(fitting[0], faces)
    elif asked or (faces.split == PUBLIC_TEST).any():
        split = _split(learned({"split": asked or OFFICIAL}, faces.sha256), faces)
    else:
        nothing = np.arange(0)
        split = Split(
            nothing, nothing, keep_one_per_group(np.arange(len(faces.group)), faces.group)
        )
    return checked_test_part(split, seen, faces)


def checked_test_part(split: Split, seen: Sequence[Learned], faces: FaceDataset) -> Split:
    """`split`, or BadData where its test part was learned from, or has no face to score."""
    if not has_majority_label(faces.votes[split.test]).any():
        raise BadData("no face of the test part has a label that most annotators chose")
    unseen = unseen_rows(seen, faces)
    known = int((~np.isin(split.test, unseen.rows)).sum())
    if known and unseen.said == NEITHER:
        raise BadData(
            f"{known} of the {len(split.test)} test faces were learned from or chosen on, split "
            "otherwise; without --split the network's own split is used"
        )
    return split


def _split(each: Learned, faces: FaceDataset) -> Split:
    return make_split(each["split"], faces, each["split_seed"], each["validation_share"])
