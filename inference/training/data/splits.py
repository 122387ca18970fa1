"""Who is trained on, chosen on, and tested on; no duplicate group stands on two sides."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.expressions import FER7_LABELS
from inference.training.data.dataset import (
    PUBLIC_TEST,
    TRAINING,
    FaceDataset,
    Rows,
    build_soft_targets,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.errors import BadData

OFFICIAL, STUDY = "official", "study"
SPLITS = (OFFICIAL, STUDY)
STUDY_SHARES = (0.70, 0.15, 0.15)


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts; no duplicate group stands in two of them."""

    train: Rows
    validation: Rows
    test: Rows


def make_split(name: str, faces: FaceDataset, seed: int, validation_share: float) -> Split:
    """The split that a run's settings name. Raises BadData where the faces do not allow it."""
    if name == STUDY:
        return make_study_split(faces, seed)
    return make_official_split(faces, seed, validation_share)


def make_official_split(faces: FaceDataset, seed: int = 0, validation_share: float = 0.08) -> Split:
    """Train and choose on Training less what a test part also holds; test on PublicTest.

    Training and validation keep one row of each duplicate group, and only faces. The validation
    part is drawn per FER+ class, or in whole people where the faces say who is who. PublicTest is
    kept whole; who is in it is left out of the others.
    """
    test = np.flatnonzero(faces.split == PUBLIC_TEST)
    if not len(test):
        raise BadData("these faces have no PublicTest part; use --split study")
    allowed = (faces.split == TRAINING) & build_soft_targets(faces).is_face
    allowed &= ~np.isin(faces.group, faces.group[faces.split != TRAINING])
    if faces.person is not None:
        allowed &= ~np.isin(faces.person, faces.person[faces.split != TRAINING])
    rows = keep_one_per_group(np.flatnonzero(allowed), faces.group)
    if faces.person is None:
        validation = _stratified_part(
            rows, compute_majority_labels(faces.votes)[rows], validation_share, seed
        )
    else:
        people = compute_person_order(faces.person[rows], seed)
        held = _held_out(people, 0.0, validation_share)
        validation = rows[np.isin(faces.person[rows], held)]
    return Split(train=np.setdiff1d(rows, validation), validation=validation, test=test)


def make_study_split(faces: FaceDataset, seed: int = 0) -> Split:
    """70/15/15 over all distinct faces, drawn per pair of FER+ and FER2013 label.

    One row stands for each group of identical images, and so does one side for each person where
    the faces say who is who.
    """
    rows = keep_one_per_group(np.flatnonzero(build_soft_targets(faces).is_face), faces.group)
    if faces.person is not None:
        return _split_of_people(rows, faces.person, seed)
    strata = (
        compute_majority_labels(faces.votes)[rows] * (len(FER7_LABELS) + 1) + faces.labels[rows] + 1
    )
    test = _stratified_part(rows, strata, STUDY_SHARES[2], seed)
    left = np.isin(rows, test, invert=True)
    share = STUDY_SHARES[1] / (1 - STUDY_SHARES[2])
    validation = _stratified_part(rows[left], strata[left], share, seed + 1)
    return Split(np.setdiff1d(rows[left], validation), validation, test)


def _split_of_people(rows: Rows, person: NDArray[np.int32], seed: int) -> Split:
    """Whole people to each side, so that nobody is tested on a face that was trained on.

    Each is drawn by their own number alone: whoever comes later moves nobody from training to
    another side. So shares are met on average only.
    """
    people = compute_person_order(person[rows], seed)
    if len(people) < 3:
        raise BadData(
            f"{len(people)} people are too few for three parts; three are the least, "
            "and ten or more make a held-out figure worth reading"
        )
    test = _held_out(people, 0.0, STUDY_SHARES[2])
    left = {who: place for who, place in people.items() if who not in test}
    validation = _held_out(left, STUDY_SHARES[2], STUDY_SHARES[2] + STUDY_SHARES[1])
    in_test, in_validation = (np.isin(person[rows], part) for part in (test, validation))
    return Split(rows[~in_test & ~in_validation], rows[in_validation], rows[in_test])


def compute_person_order(person: NDArray[np.int32], seed: int) -> dict[int, float]:
    """A place from 0 to 1 for each person, from their number and the seed; the first first."""
    places = {int(who): _place(int(who), seed) for who in np.unique(person)}
    return dict(sorted(places.items(), key=lambda each: each[1]))


def _place(who: int, seed: int) -> float:
    return int.from_bytes(hashlib.sha256(f"{seed} {who}".encode()).digest()[:8]) / 2**64


def _held_out(people: dict[int, float], low: float, high: float) -> list[int]:
    """Who has a place between; where nobody has, the first, for somebody has to be held out."""
    return [who for who, place in people.items() if low <= place < high] or list(people)[:1]


def keep_one_per_group(rows: Rows, group: NDArray[np.int32]) -> Rows:
    _, first = np.unique(group[rows], return_index=True)
    return rows[np.sort(first)]


def _stratified_part(rows: Rows, classes: NDArray[np.intp], share: float, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    parts = [
        rng.permutation(rows[classes == each])[: round(share * int((classes == each).sum()))]
        for each in np.unique(classes)
    ]
    return np.sort(np.concatenate([rows[:0], *parts]))


def validate_split(split: Split, faces: FaceDataset) -> Split:
    """`split`, or BadData where a part is empty or no validation or test face can be scored."""
    for part, rows in (("train", split.train), ("choose", split.validation), ("test", split.test)):
        if not has_majority_label(faces.votes[rows]).any():
            raise BadData(f"too few faces: none is left to {part} on")
    return split
