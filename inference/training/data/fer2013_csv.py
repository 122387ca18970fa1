"""Read FER2013's `fer2013.csv` with FER+'s `fer2013new.csv`.

The first has the columns `emotion, pixels, Usage`; the second, in the same row order,
`Usage, Image name, neutral ... contempt, unknown, NF`.
"""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.data.dataset import (
    FER2013,
    PRIVATE_TEST,
    PUBLIC_TEST,
    TRAINING,
    FaceDataset,
    Pixels,
    group_identical_images,
)
from inference.training.errors import BadData

USAGES = {"Training": TRAINING, "PublicTest": PUBLIC_TEST, "PrivateTest": PRIVATE_TEST}
SIDE = 48
VOTE_NAMES = (*LABELS, "unknown", "NF")
MAX_DIGITS = 9
MAX_VOTES = 10


def read_fer2013_csv(fer2013: Path, ferplus: Path) -> FaceDataset:
    """Read both files.

    Args:
        fer2013: `fer2013.csv`: label, 48x48 grey values and part of each face.
        ferplus: `fer2013new.csv`: the ten annotators' votes, in the same row order.

    Raises:
        BadData: a file, column or value is missing or malformed; the message names file and line.
    """
    images, labels, split = [], [], []
    for number, row in _iterate_rows(fer2013, ("emotion", "pixels", "Usage")):
        where = f"{fer2013}, row {number}"
        images.append(_parse_pixels(row["pixels"], where))
        labels.append(_parse_integer(row["emotion"], len(FER7_LABELS) - 1, f"{where}: emotion"))
        split.append(_parse_usage(row["Usage"], where))
    votes = _read_votes(ferplus, split)
    stacked = np.stack(images)
    digest = hashlib.sha256(fer2013.read_bytes() + ferplus.read_bytes()).hexdigest()
    return FaceDataset(
        stacked,
        np.array(labels, np.int8),
        np.array(split, np.int8),
        votes,
        group_identical_images(stacked),
        digest,
        source=FER2013,
    )


def _read_votes(path: Path, split: list[int]) -> Pixels:
    votes: list[list[int]] = []
    for number, row in _iterate_rows(path, ("Usage", *VOTE_NAMES)):
        where = f"{path}, row {number}"
        if len(votes) >= len(split) or _parse_usage(row["Usage"], where) != split[len(votes)]:
            raise BadData(
                f"{where}: Usage differs from the same row of the other file; both files must be "
                "complete and in their original order"
            )
        votes.append([_parse_integer(row[n], MAX_VOTES, f"{where}: {n}") for n in VOTE_NAMES])
    if len(votes) != len(split):
        raise BadData(f"{path} has {len(votes)} rows for {len(split)} faces")
    return np.array(votes, np.uint8)


def _iterate_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and the named columns of every row."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if absent := [name for name in columns if name not in (reader.fieldnames or ())]:
                raise BadData(f"{path} has no column {', '.join(absent)}")
            empty = True
            for row in reader:
                empty = False
                yield reader.line_num, {name: (row[name] or "").strip() for name in columns}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path} cannot be read: {error}") from error
    if empty:
        raise BadData(f"{path} has no rows")


def _parse_pixels(text: str, where: str) -> Pixels:
    values = text.split()
    if len(values) != SIDE * SIDE:
        raise BadData(f"{where}: {len(values)} pixels, not {SIDE * SIDE}")
    if not all(is_unsigned_integer(value) and int(value) < 256 for value in values):
        raise BadData(f"{where}: pixels must be whole numbers from 0 to 255")
    return np.array(values, dtype=np.uint8).reshape(SIDE, SIDE)


def is_unsigned_integer(text: str) -> bool:
    """Return whether the text is 1 to `MAX_DIGITS` ASCII digits (`"²".isdigit()` is true)."""
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def _parse_integer(text: str, maximum: int, where: str) -> int:
    if not is_unsigned_integer(text) or int(text) > maximum:
        raise BadData(f"{where} is {text!r}, not a whole number from 0 to {maximum}")
    return int(text)


def _parse_usage(text: str, where: str) -> int:
    if text not in USAGES:
        raise BadData(f"{where}: Usage is {text!r}, not one of {', '.join(USAGES)}")
    return USAGES[text]
