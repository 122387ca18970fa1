"""The gap between groups of faces, for any grouping that a user brings.

FER2013 says nothing about age, skin tone, gender or disability, so that the product's own figures
cannot. Who has such knowledge about faces that may be used for it gives it as a csv: a column
`row` (the face's row number in the data) and one or more columns of groups.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.errors import BadData
from inference.training.faces import Rows
from inference.training.intervals import DRAWS, of_gap, of_share
from inference.training.metrics import Classes, Doubles

FEWEST = 10
"""Faces; a smaller group's figure is shown, but takes no part in the gap."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Grouping:
    name: str
    group_of: dict[int, str]
    """by row number; rows that are not in it belong to no group"""


def read_groups(path: Path, rows: int) -> list[Grouping]:
    """Raises BadData, naming the line, for a file that cannot be understood."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            names = [name for name in reader.fieldnames or [] if name != "row"]
            if "row" not in (reader.fieldnames or []) or not names:
                raise BadData(f"{path} needs a column row and at least one column of groups")
            groupings = [Grouping(name, {}) for name in names]
            for line in reader:
                row = _row_number(line["row"], rows, f"{path}, line {reader.line_num}")
                for each in groupings:
                    if line[each.name]:
                        each.group_of[row] = line[each.name].strip()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path} cannot be read: {error}") from error
    if not groupings[0].group_of:
        raise BadData(f"{path} assigns no row to a group")
    return groupings


def _row_number(text: str | None, rows: int, where: str) -> int:
    if text is None or not text.strip().isdigit() or int(text) >= rows:
        raise BadData(f"{where}: row is {text!r}, not a row number from 0 to {rows - 1}")
    return int(text)


def group_figures(
    grouping: Grouping, probabilities: Doubles, wanted: Classes, rows: Rows
) -> dict[str, Any]:
    """Accuracy of each group, and the gap between the best and the worst, with intervals.

    A gap is never negative, and where groups differ by nothing, chance gives one:
    `expected_by_chance` is the mean gap when group names are shuffled.
    """
    right = probabilities.argmax(axis=1) == wanted
    named = np.array([grouping.group_of.get(int(row), "") for row in rows])
    groups = [str(name) for name in np.unique(named) if name]
    if not groups:
        raise BadData(f"{grouping.name}: no face of the test part belongs to a group")
    parts = {name: right[named == name] for name in groups}
    found = {name: _figures(part) for name, part in parts.items()}
    large = [part for part in parts.values() if len(part) >= FEWEST]
    return {"groups": found, "gap": _gap(large) if len(large) > 1 else None}


def _figures(right: Bools) -> dict[str, Any]:
    return {
        "faces": len(right),
        "accuracy": float(right.mean()),
        "interval_95": of_share(int(right.sum()), len(right)),
    }


def _gap(parts: list[Bools]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    pooled, ends = np.concatenate(parts), np.cumsum([len(p) for p in parts])[:-1]
    shuffled = [
        np.ptp([p.mean() for p in np.split(rng.permutation(pooled), ends)]) for _ in range(DRAWS)
    ]
    gap = float(np.ptp([p.mean() for p in parts]))
    return {
        "points": gap,
        "interval_95": of_gap([int(p.sum()) for p in parts], [len(p) for p in parts]),
        "expected_by_chance": float(np.mean(shuffled)),
        "chance_of_such_a_gap": float(np.mean(np.array(shuffled) >= gap)),
    }


def groups_text(grouping: Grouping, figures: dict[str, Any]) -> str:
    lines = [f"accuracy by {grouping.name}"]
    for name, each in figures["groups"].items():
        low, high = each["interval_95"]
        few = "  (too few for the gap)" if each["faces"] < FEWEST else ""
        lines.append(
            f"  {name:24} {each['accuracy']:.3f}  [{low:.3f}, {high:.3f}]  {each['faces']}{few}"
        )
    gap = figures["gap"]
    if gap is None:
        return "\n".join([*lines, "  no gap: fewer than two groups are large enough"])
    low, high = gap["interval_95"]
    lines.append(
        f"  gap {gap['points']:.3f}  [{low:.3f}, {high:.3f}]; by chance alone "
        f"{gap['expected_by_chance']:.3f}, such a gap or a larger one in "
        f"{gap['chance_of_such_a_gap']:.0%} of shuffles"
    )
    return "\n".join(lines)
