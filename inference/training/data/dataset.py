"""FER2013 faces with FER+ votes: reading and writing the npz, FER+'s rule, soft targets."""

import hashlib
import zipfile
import zlib
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
NOT_A_FACE_COLUMN = 9
"""Column of `ferplus_votes`; column 8 is "unknown"."""
FER2013 = "FER2013"
FER2013_SHA256 = "25bc84dc4e80e16b8135b157dc7c11b487df0444c609223c42dec9e90f37d446"
"""of the npz that the released networks learned from, which does not say what it is"""
VOTE_COLUMNS = 10
"""columns of `ferplus_votes`"""
MAX_INT32 = 2**31 - 1
"""what 32 bits hold"""


@dataclass(frozen=True)
class FaceDataset:
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
    files: NDArray[np.str_] | None = None
    """each picture's path in the folder that was read"""
    source: str = ""
    """FER2013, where it is known to be that"""


COLUMNS = ("images", "labels", "split", "ferplus_votes", "duplicate_group")


def read_dataset(path: Path) -> FaceDataset:
    """The faces of an npz as `write_dataset` makes it. Raises BadData, saying what is wrong."""
    columns = read_npz_arrays(path)
    if absent := [
        name for name in (*COLUMNS, "class_names", "ferplus_names") if name not in columns
    ]:
        raise BadData(f"{path} has no {', '.join(absent)}")
    if tuple(columns["class_names"].ravel()) != FER7_LABELS:
        raise BadData(f"{path}: class_names must be {FER7_LABELS}")
    if tuple(columns["ferplus_names"].ravel()[: len(LABELS)]) != LABELS:
        raise BadData(f"{path}: ferplus_names must start with {LABELS}")
    _check_shapes(path, columns)
    images, labels, split, votes, group = (columns[name] for name in COLUMNS)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    more = {name: columns.get(name) for name in ("person", "files")}
    known = FER2013 if digest == FER2013_SHA256 else ""
    source = str(columns.get("source", known))
    return FaceDataset(images, labels, split, votes, group, digest, source=source, **more)


def read_npz_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an npz by name. Raises BadData for what is missing, damaged or no npz."""
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise BadData(f"{path} cannot be used: it is no whole npz file")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadData(f"{path} cannot be used: {error}") from error


def read_derived_arrays(
    path: Path, faces: FaceDataset, command: str, names: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    """What `command` wrote about these very faces, with at least these arrays. Raises BadData."""
    columns = read_npz_arrays(path)
    if absent := [name for name in (*names, "data_sha256") if name not in columns]:
        raise BadData(
            f"{path} cannot be used: it has no {', '.join(absent)}; {command} writes such a file"
        )
    if str(columns["data_sha256"]) != faces.sha256:
        raise BadData(f"{path} is of other faces; make it again with the {command} command")
    return columns


def _check_shapes(path: Path, columns: dict[str, NDArray[Any]]) -> None:
    images, votes = columns["images"], columns["ferplus_votes"]
    lengths = {name: columns[name].shape[:1] for name in COLUMNS}
    if len(set(lengths.values())) != 1 or not images.size:
        raise BadData(
            f"{path}: all columns must be equally long and not empty: "
            f"{ {name: each[0] if each else 'no rows' for name, each in lengths.items()} }"
        )
    rows = images.shape[:1]
    if images.shape[1:] != (48, 48) or images.dtype != np.uint8:
        raise BadData(f"{path}: images must be uint8 [N, 48, 48]")
    if votes.shape[1:] != (VOTE_COLUMNS,) or votes.dtype != np.uint8:
        raise BadData(f"{path}: ferplus_votes must be uint8 [N, {VOTE_COLUMNS}]")
    files = columns.get("files")
    if files is not None and (files.shape != rows or files.dtype.kind != "U"):
        raise BadData(f"{path}: files must be a name for each of {rows[0]} faces")
    if "files" in columns and columns["files"].shape != rows:
        raise BadData(f"{path}: files must name each of {rows[0]} faces")
    for name, low, high in (
        ("labels", -1, len(FER7_LABELS) - 1),
        ("split", TRAINING, PRIVATE_TEST),
        ("duplicate_group", 0, MAX_INT32),
        ("person", -MAX_INT32, MAX_INT32),
    ):
        each = columns.get(name)
        if each is None:
            continue
        if each.shape != rows or not np.issubdtype(each.dtype, np.integer):
            raise BadData(f"{path}: {name} must be a whole number for each of {rows[0]} faces")
        if each.min() < low or each.max() > high:
            raise BadData(
                f"{path}: {name} must lie from {low} to {high}, not from {each.min()} to "
                f"{each.max()}"
            )


def write_dataset(faces: FaceDataset, path: Path) -> None:
    """What `read_dataset` reads. Raises BadData where the disk does not take it."""
    more = {name: getattr(faces, name) for name in ("person", "files")}
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
            source=np.array(faces.source),
            **{name: each for name, each in more.items() if each is not None},
        )
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise BadData(f"{path} cannot be written: {error}") from error


def group_identical_images(images: Pixels) -> NDArray[np.int32]:
    """[N]: equal numbers for byte-identical images."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(each.tobytes(), len(seen)) for each in images], dtype=np.int32)


def drop_single_votes(votes: Pixels) -> Floats:
    """FER+'s outlier rule: a class that one annotator alone chose does not count."""
    return np.where(votes <= 1, 0, votes).astype(np.float32)


def has_majority_label(votes: Pixels) -> NDArray[np.bool_]:
    """Rows that FER+'s rule scores: one of the eight holds more than half of what is left."""
    kept = drop_single_votes(votes)
    return np.asarray(kept[:, : len(LABELS)].max(axis=1) > kept.sum(axis=1) / 2)


def compute_majority_labels(votes: Pixels) -> NDArray[np.intp]:
    """The FER+ label of each row: the most chosen of the eight."""
    return np.asarray(drop_single_votes(votes)[:, : len(LABELS)].argmax(axis=1))


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


def build_soft_targets(faces: FaceDataset) -> Targets:
    """Votes and labels as distributions, averaged over each duplicate group."""
    kept = _group_mean(drop_single_votes(faces.votes), faces.group)
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
        is_face=raw[:, NOT_A_FACE_COLUMN] <= raw.sum(axis=1) / 2,
    )


def _group_mean(values: Floats, group: NDArray[np.int32]) -> Floats:
    _, index, count = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), values.shape[1]), dtype=np.float32)
    np.add.at(sums, index, values)
    return np.asarray((sums / count[:, None])[index], dtype=np.float32)
