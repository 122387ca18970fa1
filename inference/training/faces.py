"""FER2013 faces with FER+ votes: reading and writing the npz, FER+'s rule, soft targets."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.errors import BadData

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

TRAINING, PUBLIC_TEST, PRIVATE_TEST = 0, 1, 2
NOT_A_FACE = 9
"""Column of `ferplus_votes`; column 8 is "unknown"."""


@dataclass(frozen=True)
class FaceSet:
    """N grey faces of 48x48 pixels, in FER2013's row order."""

    images: Pixels
    """uint8 [N, 48, 48]"""
    labels: NDArray[np.int8]
    """FER2013's own label, an index into `FER7_LABELS`; -1 where there is none"""
    split: NDArray[np.int8]
    """0 Training, 1 PublicTest, 2 PrivateTest"""
    votes: Pixels
    """[N, 10]: the eight of `LABELS`, unknown, not a face"""
    group: NDArray[np.int32]
    """equal number = byte-identical image"""
    sha256: str
    """of the file that was read"""
    person: NDArray[np.int32] | None = None
    """who is who, where that is known"""


COLUMNS = ("images", "labels", "split", "ferplus_votes", "duplicate_group")


def read_faces(path: Path) -> FaceSet:
    """The faces of an npz as `write_faces` makes it. Raises BadData, saying what is wrong."""
    try:
        raw = path.read_bytes()
        with np.load(path, allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise BadData(f"{path} cannot be used: {error}") from error
    if absent := [
        name for name in (*COLUMNS, "class_names", "ferplus_names") if name not in columns
    ]:
        raise BadData(f"{path} has no {', '.join(absent)}")
    if tuple(columns["class_names"]) != FER7_LABELS:
        raise BadData(f"{path}: class_names must be {FER7_LABELS}")
    if tuple(columns["ferplus_names"][: len(LABELS)]) != LABELS:
        raise BadData(f"{path}: ferplus_names must start with {LABELS}")
    lengths = {name: len(columns[name]) for name in COLUMNS}
    if len(set(lengths.values())) != 1 or not lengths["images"]:
        raise BadData(f"{path}: all columns must be equally long and not empty: {lengths}")
    if columns["images"].shape[1:] != (48, 48) or columns["images"].dtype != np.uint8:
        raise BadData(f"{path}: images must be uint8 [N, 48, 48]")
    images, labels, split, votes, group = (columns[name] for name in COLUMNS)
    digest = hashlib.sha256(raw).hexdigest()
    return FaceSet(images, labels, split, votes, group, digest, columns.get("person"))


def write_faces(faces: FaceSet, path: Path) -> None:
    """What `read_faces` reads. Raises BadData where the disk does not take it."""
    person: dict[str, Any] = {} if faces.person is None else {"person": faces.person}
    half = path.with_suffix(".part.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            half,
            images=faces.images,
            labels=faces.labels,
            split=faces.split,
            ferplus_votes=faces.votes,
            duplicate_group=faces.group,
            class_names=np.array(FER7_LABELS),
            ferplus_names=np.array([*LABELS, "unknown", "NF"]),
            **person,
        )
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise BadData(f"{path} cannot be written: {error}") from error


def identical_images(images: Pixels) -> NDArray[np.int32]:
    """[N]: equal numbers for byte-identical images."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(each.tobytes(), len(seen)) for each in images], dtype=np.int32)


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
    one_hot[faces.labels < 0] = 0
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
