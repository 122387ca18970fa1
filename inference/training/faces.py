"""FER2013 faces with FER+ votes: reading the npz, FER+'s rule, soft targets, and splits."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.expressions import FER7_LABELS
from inference.results import LABELS

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

TRAINING, PUBLIC_TEST = 0, 1
NOT_A_FACE = 9
"""Column of `ferplus_votes`; column 8 is "unknown"."""


@dataclass(frozen=True)
class FaceSet:
    """N grey faces of 48x48 pixels, in FER2013's row order."""

    images: Pixels
    """uint8 [N, 48, 48]"""
    labels: NDArray[np.int8]
    """FER2013's own label, an index into `FER7_LABELS`"""
    split: NDArray[np.int8]
    """0 Training, 1 PublicTest"""
    votes: Pixels
    """[N, 10]: the eight of `LABELS`, unknown, not a face"""
    group: NDArray[np.int32]
    """equal number = byte-identical image"""
    sha256: str
    """of the file that was read"""


def read_faces(path: Path) -> FaceSet:
    """The faces of `fer2013_train_public.npz`; ValueError where its columns are other ones."""
    raw = path.read_bytes()
    with np.load(path, allow_pickle=False) as file:
        if tuple(file["class_names"]) != FER7_LABELS:
            raise ValueError(f"{path}: class_names must be {FER7_LABELS}")
        if tuple(file["ferplus_names"][: len(LABELS)]) != LABELS:
            raise ValueError(f"{path}: ferplus_names must start with {LABELS}")
        return FaceSet(
            images=file["images"],
            labels=file["labels"],
            split=file["split"],
            votes=file["ferplus_votes"],
            group=file["duplicate_group"],
            sha256=hashlib.sha256(raw).hexdigest(),
        )


def without_single_votes(votes: Pixels) -> Floats:
    """FER+'s outlier rule: a class that one annotator alone chose does not count."""
    return np.where(votes <= 1, 0, votes).astype(np.float32)


def scored_rows(votes: Pixels) -> NDArray[np.bool_]:
    """Rows that FER+'s rule scores: one of the eight holds more than half of what is left."""
    kept = without_single_votes(votes)
    return np.asarray(kept[:, : len(LABELS)].max(axis=1) > kept.sum(axis=1) / 2)


def majority(votes: Pixels) -> NDArray[np.intp]:
    """The FER+ label of each row: the most chosen of the eight."""
    return np.asarray(without_single_votes(votes)[:, : len(LABELS)].argmax(axis=1))


@dataclass(frozen=True)
class Targets:
    """What the two heads learn, one row per face of the set; equal within a duplicate group."""

    ferplus: Floats
    """[N, 8] distribution over `LABELS`"""
    ferplus_weight: Floats
    """[N] share of the votes that chose one of the eight"""
    fer7: Floats
    """[N, 7] distribution over `FER7_LABELS`"""
    is_face: NDArray[np.bool_]
    """most annotators saw a face"""


def soft_targets(faces: FaceSet) -> Targets:
    """Votes and labels as distributions, averaged over each duplicate group."""
    kept = _group_mean(without_single_votes(faces.votes), faces.group)
    raw = _group_mean(faces.votes.astype(np.float32), faces.group)
    eight, raw_eight = kept[:, : len(LABELS)], raw[:, : len(LABELS)]
    eight = np.where(eight.sum(axis=1, keepdims=True) > 0, eight, raw_eight)
    total = np.maximum(eight.sum(axis=1, keepdims=True), 1e-6)
    weight = eight.sum(axis=1) / np.maximum(raw.sum(axis=1), 1e-6)
    one_hot = np.eye(len(FER7_LABELS), dtype=np.float32)[faces.labels]
    return Targets(
        ferplus=(eight / total).astype(np.float32),
        ferplus_weight=np.minimum(weight, 1).astype(np.float32),
        fer7=_group_mean(one_hot, faces.group),
        is_face=raw[:, NOT_A_FACE] <= raw.sum(axis=1) / 2,
    )


def _group_mean(values: Floats, group: NDArray[np.int32]) -> Floats:
    _, index, count = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), values.shape[1]), dtype=np.float32)
    np.add.at(sums, index, values)
    return np.asarray((sums / count[:, None])[index], dtype=np.float32)


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts; no duplicate group stands in two of them."""

    train: Rows
    validation: Rows
    test: Rows


def official_split(faces: FaceSet, seed: int = 0, validation_share: float = 0.08) -> Split:
    """Train and choose on Training less what PublicTest also holds; test on PublicTest.

    Training and validation keep one row of each duplicate group, and only faces. The validation
    part is drawn per FER+ class. PublicTest is kept whole.
    """
    allowed = (faces.split == TRAINING) & soft_targets(faces).is_face
    allowed &= ~np.isin(faces.group, faces.group[faces.split == PUBLIC_TEST])
    rows = _one_per_group(np.flatnonzero(allowed), faces.group)
    validation = _stratified_part(rows, majority(faces.votes)[rows], validation_share, seed)
    return Split(
        train=np.setdiff1d(rows, validation),
        validation=validation,
        test=np.flatnonzero(faces.split == PUBLIC_TEST),
    )


def _one_per_group(rows: Rows, group: NDArray[np.int32]) -> Rows:
    _, first = np.unique(group[rows], return_index=True)
    return rows[np.sort(first)]


def _stratified_part(rows: Rows, classes: NDArray[np.intp], share: float, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    parts = [
        rng.permutation(rows[classes == each])[: round(share * int((classes == each).sum()))]
        for each in np.unique(classes)
    ]
    return np.sort(np.concatenate(parts))
