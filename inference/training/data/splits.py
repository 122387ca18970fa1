"""Split faces into training, validation and test; identical images stay in one part."""

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
    """Row numbers of the three parts; no group of identical images is in two of them."""

    train: Rows
    validation: Rows
    test: Rows


def make_split(name: str, faces: FaceDataset, seed: int, validation_share: float) -> Split:
    """Make the split that a run's settings name.

    Args:
        name: one of `SPLITS`.
        faces: all faces.
        seed: of the random draws.
        validation_share: 0..1 of the training rows; the study split has its own.

    Raises:
        BadData: there is no PublicTest part, or there are too few people.
    """
    if name == STUDY:
        return make_study_split(faces, seed)
    return make_official_split(faces, seed, validation_share)


def make_official_split(faces: FaceDataset, seed: int = 0, validation_share: float = 0.08) -> Split:
    """Test on PublicTest; draw training and validation from Training.

    Training and validation keep one row per group of identical images, no rows that most annotators
    marked as not a face, and no images or people of the other parts. Validation is stratified by
    FER+ label, or drawn by person where identities are known.
    """
    test = np.flatnonzero(faces.split == PUBLIC_TEST)
    if not len(test):
        raise BadData("these faces have no PublicTest part; pass --split study")
    allowed = (faces.split == TRAINING) & build_soft_targets(faces).is_face
    allowed &= ~np.isin(faces.group, faces.group[faces.split != TRAINING])
    if faces.person is not None:
        allowed &= ~np.isin(faces.person, faces.person[faces.split != TRAINING])
    rows = keep_one_per_group(np.flatnonzero(allowed), faces.group)
    if faces.person is None:
        validation = _draw_stratified(
            rows, compute_majority_labels(faces.votes)[rows], validation_share, seed
        )
    else:
        people = _rank_people(faces.person[rows], seed)
        held_out = _select_people(people, 0.0, validation_share)
        validation = rows[np.isin(faces.person[rows], held_out)]
    return Split(train=np.setdiff1d(rows, validation), validation=validation, test=test)


def make_study_split(faces: FaceDataset, seed: int = 0) -> Split:
    """Split all distinct faces 70/15/15, stratified by pairs of FER+ and FER2013 labels.

    Each group of identical images contributes one row. Where identities are known, each person is
    in one part only.
    """
    rows = keep_one_per_group(np.flatnonzero(build_soft_targets(faces).is_face), faces.group)
    if faces.person is not None:
        return _split_by_person(rows, faces.person, seed)
    strata = (
        compute_majority_labels(faces.votes)[rows] * (len(FER7_LABELS) + 1) + faces.labels[rows] + 1
    )
    test = _draw_stratified(rows, strata, STUDY_SHARES[2], seed)
    remaining = np.isin(rows, test, invert=True)
    share = STUDY_SHARES[1] / (1 - STUDY_SHARES[2])
    validation = _draw_stratified(rows[remaining], strata[remaining], share, seed + 1)
    return Split(np.setdiff1d(rows[remaining], validation), validation, test)


def _split_by_person(rows: Rows, person: NDArray[np.int32], seed: int) -> Split:
    """Assign each person to one part.

    The draw depends on the person's own number only, so that people added later do not change
    the part of others; the shares are therefore met on average only.
    """
    people = _rank_people(person[rows], seed)
    if len(people) < 3:
        raise BadData(
            f"{len(people)} people are too few for three parts; supply at least three, and ten or "
            "more for a meaningful test accuracy"
        )
    test = _select_people(people, 0.0, STUDY_SHARES[2])
    remaining = {person: rank for person, rank in people.items() if person not in test}
    validation = _select_people(remaining, STUDY_SHARES[2], STUDY_SHARES[2] + STUDY_SHARES[1])
    in_test, in_validation = (np.isin(person[rows], part) for part in (test, validation))
    return Split(rows[~in_test & ~in_validation], rows[in_validation], rows[in_test])


def _rank_people(person: NDArray[np.int32], seed: int) -> dict[int, float]:
    """Map each person to a pseudo-random rank 0..1 from number and seed, in ascending order."""
    ranks = {int(number): _compute_rank(int(number), seed) for number in np.unique(person)}
    return dict(sorted(ranks.items(), key=lambda item: item[1]))


def _compute_rank(person: int, seed: int) -> float:
    return int.from_bytes(hashlib.sha256(f"{seed} {person}".encode()).digest()[:8]) / 2**64


def _select_people(people: dict[int, float], low: float, high: float) -> list[int]:
    """Return the people with a rank in [low, high), but at least the first one."""
    return [person for person, rank in people.items() if low <= rank < high] or list(people)[:1]


def keep_one_per_group(rows: Rows, group: NDArray[np.int32]) -> Rows:
    _, first = np.unique(group[rows], return_index=True)
    return rows[np.sort(first)]


def _draw_stratified(rows: Rows, classes: NDArray[np.intp], share: float, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    parts = [
        rng.permutation(rows[classes == label])[: round(share * int((classes == label).sum()))]
        for label in np.unique(classes)
    ]
    return np.sort(np.concatenate([rows[:0], *parts]))


def validate_split(split: Split, faces: FaceDataset) -> Split:
    """Return the split. Raises BadData if a part has no face with a FER+ majority label."""
    for part, rows in vars(split).items():
        if not has_majority_label(faces.votes[rows]).any():
            raise BadData(f"too few faces: none with a majority label is in the {part} part")
    return split
