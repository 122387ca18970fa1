"""A csv of groups: a column that says which face, `row` or `file`, and a column a grouping.

`row` is a face's row number in the data, `file` a picture's path in the folder that was read, or
its name where no other picture has the same. An empty cell: in no group.
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
"""Where it stands, and its cells by column."""
RowOf = Callable[[str, str], int | None]
"""A cell and where it stands -> a row number; None for a picture that is no face here."""


@dataclass(frozen=True)
class Grouping:
    name: str
    group_of: dict[int, str]
    """by row number; rows that are not in it belong to no group"""


@dataclass(frozen=True)
class Groups:
    groupings: list[Grouping]
    """those that name a group at all"""
    unknown: list[str] = field(default_factory=list)
    """pictures that are no faces of the data: left out, or named otherwise there"""


def read_groups_csv(path: Path, faces: FaceDataset) -> Groups:
    """Raises BadData, naming the line, for a file that cannot be understood."""
    names, lines = _table(path)
    key = _key(path, names)
    row_of = _row_of_number(len(faces.images)) if key == ROW else _row_of_file(path, faces)
    groupings = {name: Grouping(name, {}) for name in names if name not in (ROW, FILE)}
    first: dict[int, str] = {}
    unknown = []
    for where, cells in lines:
        row = row_of(cells[key], where)
        if row is None:
            unknown.append(cells[key])
            continue
        if row in first:
            raise BadData(f"{where}: {key} {cells[key]} was given before ({first[row]})")
        first[row] = where
        for name, each in groupings.items():
            if cells[name]:
                each.group_of[row] = cells[name]
    found = [each for each in groupings.values() if each.group_of]
    if not found:
        known = f"none of its {len(unknown)} pictures is a face here" if unknown else "no row"
        raise BadData(f"{path} assigns nobody to a group: {known}")
    return Groups(found, unknown)


def _table(path: Path) -> tuple[list[str], list[Line]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            names = [name.strip() for name in reader.fieldnames or []]
            twice = [name for name, times in Counter(names).items() if name and times > 1]
            if twice:
                raise BadData(f"{path} has the column {twice[0]} twice")
            reader.fieldnames = names
            lines = [(f"{path}, line {reader.line_num}", each) for each in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path} cannot be read: {error}") from error
    for where, each in lines:
        if None in each:
            raise BadData(f"{where} has more cells than there are columns")
    columns = [name for name in names if name]
    return columns, [(w, {name: each[name].strip() for name in columns}) for w, each in lines]


def _key(path: Path, names: list[str]) -> str:
    keys = [name for name in names if name in (ROW, FILE)]
    if len(keys) != 1 or len(names) < 2:
        raise BadData(
            f"{path} needs a column row or file, not both, and at least one column of groups"
        )
    return keys[0]


def _row_of_number(rows: int) -> RowOf:
    def row_of(text: str, where: str) -> int:
        if not is_unsigned_integer(text) or int(text) >= rows:
            raise BadData(f"{where}: row is {text!r}, not a row number from 0 to {rows - 1}")
        return int(text)

    return row_of


def _row_of_file(path: Path, faces: FaceDataset) -> RowOf:
    if faces.files is None:
        raise BadData(f"{path} names files, but these faces are no folder's; give a column row")
    paths = {_plain(str(name)): row for row, name in enumerate(faces.files)}
    names = Counter(name.rpartition("/")[2] for name in paths)
    by_name = {name.rpartition("/")[2]: row for name, row in paths.items()}

    def row_of(text: str, where: str) -> int | None:
        name = _plain(text)
        if not name:
            raise BadData(f"{where} names no file")
        if name in paths:
            return paths[name]
        if names[name] > 1:
            raise BadData(f"{where}: {names[name]} pictures are called {text}; give their folders")
        return by_name.get(name)

    return row_of


def _plain(name: str) -> str:
    """Written the same on every system."""
    return unicodedata.normalize("NFC", name).replace("\\", "/").removeprefix("./")
