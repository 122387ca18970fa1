"""Read a CSV that assigns faces to groups, for accuracy by group.

One column identifies the face: `row`, its row number in the data, or `file`, a picture's path in
the folder that was read, or its unique name. Every other column is a grouping; an empty cell means
no group.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from inference.training.data.dataset import FaceDataset
from inference.training.data.fer2013_csv import is_unsigned_integer
from inference.training.errors import BadData

ROW, FILE = "row", "file"
Line = tuple[str, dict[str, str]]
"""Location for messages, and the cells by column."""
FindRow = Callable[[str, str], int | None]
"""(cell, location) -> row number; None for a picture without a face in the data."""


@dataclass(frozen=True)
class Grouping:
    name: str
    group_by_row: dict[int, str]
    """by row number; other rows belong to no group"""


@dataclass(frozen=True)
class Groups:
    groupings: list[Grouping]
    """with at least one row"""
    unknown: list[str] = field(default_factory=list)
    """pictures without a face in the data"""


def read_groups_csv(path: Path, faces: FaceDataset) -> Groups:
    """Read the groups of a CSV file.

    Raises:
        BadData: the file is malformed or assigns no face; the message names the line.
    """
    names, lines = _read_table(path)
    key = _find_key_column(path, names)
    find_row = (
        _make_row_number_finder(len(faces.images)) if key == ROW else _make_file_finder(path, faces)
    )
    groupings = {name: Grouping(name, {}) for name in names if name not in (ROW, FILE)}
    first: dict[int, str] = {}
    unknown = []
    for where, cells in lines:
        row = find_row(cells[key], where)
        if row is None:
            unknown.append(cells[key])
            continue
        if row in first:
            raise BadData(f"{where}: {key} {cells[key]} is already listed ({first[row]})")
        first[row] = where
        for name, grouping in groupings.items():
            if cells[name]:
                grouping.group_by_row[row] = cells[name]
    used = [grouping for grouping in groupings.values() if grouping.group_by_row]
    if not used:
        reason = f"its {len(unknown)} pictures are not in the data" if unknown else "it has no row"
        raise BadData(f"{path} assigns no face to a group: {reason}")
    return Groups(used, unknown)


def _read_table(path: Path) -> tuple[list[str], list[Line]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            names = [name.strip() for name in reader.fieldnames or []]
            duplicates = [name for name, count in Counter(names).items() if name and count > 1]
            if duplicates:
                raise BadData(f"{path} has the column {duplicates[0]} twice")
            reader.fieldnames = names
            lines = [(f"{path}, line {reader.line_num}", cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path} cannot be read: {error}") from error
    for where, cells in lines:
        if None in cells:
            raise BadData(f"{where} has more cells than there are columns")
    columns = [name for name in names if name]
    return columns, [
        (where, {name: cells[name].strip() for name in columns}) for where, cells in lines
    ]


def _find_key_column(path: Path, names: list[str]) -> str:
    keys = [name for name in names if name in (ROW, FILE)]
    if len(keys) != 1 or len(names) < 2:
        raise BadData(
            f"{path} needs a column row or file, not both, and at least one column of groups"
        )
    return keys[0]


def _make_row_number_finder(rows: int) -> FindRow:
    def find_row(text: str, where: str) -> int:
        if not is_unsigned_integer(text) or int(text) >= rows:
            raise BadData(f"{where}: row is {text!r}, not a row number from 0 to {rows - 1}")
        return int(text)

    return find_row


def _make_file_finder(path: Path, faces: FaceDataset) -> FindRow:
    if faces.files is None:
        raise BadData(
            f"{path} names files, but these faces were not read from a folder; use a column row"
        )
    paths = {_normalize_path(str(name)): row for row, name in enumerate(faces.files)}
    names = Counter(name.rpartition("/")[2] for name in paths)
    by_name = {name.rpartition("/")[2]: row for name, row in paths.items()}

    def find_row(text: str, where: str) -> int | None:
        name = _normalize_path(text)
        if not name:
            raise BadData(f"{where} names no file")
        if name in paths:
            return paths[name]
        if names[name] > 1:
            raise BadData(
                f"{where}: {names[name]} pictures have the name {text}; add their folders"
            )
        return by_name.get(name)

    return find_row


def _normalize_path(name: str) -> str:
    return unicodedata.normalize("NFC", name).replace("\\", "/").removeprefix("./")
