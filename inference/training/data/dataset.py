"""FER2013 faces with FER+ votes: npz files, FER+ majority labels, soft targets.

FER2013: Goodfellow et al. 2013, arXiv 1307.0414. FER+: Barsoum et al. 2016, arXiv 1608.01041.
"""

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
"""Of the npz that the released networks were trained on, which has no `source` column."""
VOTE_COLUMNS = 10
MAX_INT32 = 2**31 - 1
"""Row, group and person numbers are stored as int32."""


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
    """equal for byte-identical images"""
    sha256: str
    """of the file that was read"""
    person: NDArray[np.int32] | None = None
    """equal for one person's faces; None where identities are unknown"""
    files: NDArray[np.str_] | None = None
    """relative paths of the pictures, for a folder"""
    source: str = ""
    """`FER2013`, or empty for other faces"""


COLUMNS = ("images", "labels", "split", "ferplus_votes", "duplicate_group")


def read_dataset(path: Path) -> FaceDataset:
    """Read and validate an npz as `write_dataset` writes it.

    Raises:
        BadData: a column is missing or has a wrong shape, dtype or range.
    """
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
    optional = {name: columns.get(name) for name in ("person", "files")}
    default_source = FER2013 if digest == FER2013_SHA256 else ""
    source = str(columns.get("source", default_source))
    return FaceDataset(images, labels, split, votes, group, digest, source=source, **optional)


def read_npz_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an npz by name. Raises BadData if it is missing or damaged."""
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise BadData(f"{path} cannot be used: it is not a complete npz file")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadData(f"{path} cannot be used: {error}") from error


def read_derived_arrays(
    path: Path, faces: FaceDataset, command: str, names: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    """Read an npz that a command computed from these faces.

    Args:
        path: the npz, with the `data_sha256` of the faces.
        command: names the command in messages.
        names: arrays that it has to contain.

    Raises:
        BadData: an array is missing, or the file was computed from other faces.
    """
    columns = read_npz_arrays(path)
    if absent := [name for name in (*names, "data_sha256") if name not in columns]:
        raise BadData(
            f"{path} cannot be used: it has no {', '.join(absent)}; make it with the {command} "
            "command"
        )
    if str(columns["data_sha256"]) != faces.sha256:
        raise BadData(f"{path} was made from other faces; make it again with the {command} command")
    return columns


def _check_shapes(path: Path, columns: dict[str, NDArray[Any]]) -> None:
    images, votes = columns["images"], columns["ferplus_votes"]
    lengths = {name: columns[name].shape[:1] for name in COLUMNS}
    if len(set(lengths.values())) != 1 or not images.size:
        raise BadData(
            f"{path}: columns must be of equal length and not empty: "
            f"{ {name: shape[0] if shape else 'no rows' for name, shape in lengths.items()} }"
        )
    rows = images.shape[:1]
    if images.shape[1:] != (48, 48) or images.dtype != np.uint8:
        raise BadData(f"{path}: images must be uint8 [N, 48, 48]")
    if votes.shape[1:] != (VOTE_COLUMNS,) or votes.dtype != np.uint8:
        raise BadData(f"{path}: ferplus_votes must be uint8 [N, {VOTE_COLUMNS}]")
    files = columns.get("files")
    if files is not None and (files.shape != rows or files.dtype.kind != "U"):
        raise BadData(f"{path}: files must be a name for each of {rows[0]} faces")
    for name, low, high in (
        ("labels", -1, len(FER7_LABELS) - 1),
        ("split", TRAINING, PRIVATE_TEST),
        ("duplicate_group", 0, MAX_INT32),
        ("person", -MAX_INT32, MAX_INT32),
    ):
        column = columns.get(name)
        if column is None:
            continue
        if column.shape != rows or not np.issubdtype(column.dtype, np.integer):
            raise BadData(f"{path}: {name} must be a whole number for each of {rows[0]} faces")
        if column.min() < low or column.max() > high:
            raise BadData(
                f"{path}: {name} must be between {low} and {high}, found {column.min()} to "
                f"{column.max()}"
            )


def write_dataset(faces: FaceDataset, path: Path) -> None:
    """Write the npz that `read_dataset` reads, atomically. Raises BadData if that fails."""
    optional = {name: getattr(faces, name) for name in ("person", "files")}
    partial = path.with_suffix(".part.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            partial,
            images=faces.images,
            labels=faces.labels,
            split=faces.split,
            ferplus_votes=faces.votes,
            duplicate_group=faces.group,
            class_names=np.array(FER7_LABELS),
            ferplus_names=np.array([*LABELS, "unknown", "NF"]),
            source=np.array(faces.source),
            **{name: column for name, column in optional.items() if column is not None},
        )
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadData(f"{path} cannot be written: {error}") from error


def group_identical_images(images: Pixels) -> NDArray[np.int32]:
    """Return int32 [N]: equal numbers for byte-identical images."""
    numbers: dict[bytes, int] = {}
    groups = [numbers.setdefault(image.tobytes(), len(numbers)) for image in images]
    return np.array(groups, dtype=np.int32)


def drop_single_votes(votes: Pixels) -> Floats:
    """Apply FER+'s outlier rule: set the count of a class with a single vote to 0."""
    return np.where(votes <= 1, 0, votes).astype(np.float32)


def has_majority_label(votes: Pixels) -> NDArray[np.bool_]:
    """Return bool [N]: one of the eight expressions has more than half of the remaining votes.

    Args:
        votes: uint8 [N, 10]; single votes are dropped first (`drop_single_votes`).
    """
    counted = drop_single_votes(votes)
    return np.asarray(counted[:, : len(LABELS)].max(axis=1) > counted.sum(axis=1) / 2)


def compute_majority_labels(votes: Pixels) -> NDArray[np.intp]:
    """Return the FER+ label [N] of each row: an index into `LABELS`."""
    return np.asarray(drop_single_votes(votes)[:, : len(LABELS)].argmax(axis=1))


@dataclass(frozen=True)
class Targets:
    """Training targets of both heads, a row per face; equal within a duplicate group."""

    ferplus: Floats
    """[N, 8] distribution over `LABELS`"""
    ferplus_weight: Floats
    """[N] share of the votes for one of the eight expressions, 0..1"""
    fer7: Floats
    """[N, 7] distribution over `FER7_LABELS`"""
    is_face: NDArray[np.bool_]
    """[N] false where most annotators voted that the picture shows no face"""


def build_soft_targets(faces: FaceDataset) -> Targets:
    """Convert votes and labels to distributions, averaged over each duplicate group."""
    kept = _compute_group_means(drop_single_votes(faces.votes), faces.group)
    raw = _compute_group_means(faces.votes.astype(np.float32), faces.group)
    eight, raw_eight = kept[:, : len(LABELS)], raw[:, : len(LABELS)]
    eight = np.where(eight.sum(axis=1, keepdims=True) > 0, eight, raw_eight)
    total = np.maximum(eight.sum(axis=1, keepdims=True), 1e-6)
    weight = eight.sum(axis=1) / np.maximum(raw.sum(axis=1), 1e-6)
    one_hot = np.eye(len(FER7_LABELS), dtype=np.float32)[faces.labels]
    one_hot[faces.labels < 0] = 0
    return Targets(
        ferplus=(eight / total).astype(np.float32),
        ferplus_weight=np.minimum(weight, 1).astype(np.float32),
        fer7=_compute_group_means(one_hot, faces.group),
        is_face=raw[:, NOT_A_FACE_COLUMN] <= raw.sum(axis=1) / 2,
    )


def _compute_group_means(values: Floats, group: NDArray[np.int32]) -> Floats:
    _, index, count = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), values.shape[1]), dtype=np.float32)
    np.add.at(sums, index, values)
    return np.asarray((sums / count[:, None])[index], dtype=np.float32)
