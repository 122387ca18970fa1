"""The gap between groups of faces, for any grouping that a user brings.

FER2013 says nothing about age, skin tone, gender or disability, so that the product's own figures
cannot. Who has such knowledge about faces that may be used for it gives it as a csv (`groups_csv`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.data.dataset import FaceDataset, Rows, has_majority_label
from inference.training.data.groups_csv import Grouping
from inference.training.errors import BadData
from inference.training.evaluate.intervals import DRAWS, of_gap, of_share
from inference.training.evaluate.metrics import Classes, Doubles
from inference.training.evaluate.unseen import Unseen

FEWEST = 10
"""Faces; a smaller group's figure is shown, but takes no part in the gap."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Chosen:
    """Of a grouping's faces, those that may be judged."""

    rows: Rows
    in_file: int
    maybe_learned_from: int
    not_scored: int
    said: str
    """which faces are judged, for people"""


def chosen_rows(grouping: Grouping, unseen: Unseen, faces: FaceDataset) -> Chosen:
    """Raises BadData where none is left."""
    named = np.array(sorted(grouping.group_of), dtype=np.intp)
    held = named[np.isin(named, unseen.rows)]
    rows = held[has_majority_label(faces.votes[held])]
    left_out = len(named) - len(held), len(held) - len(rows)
    chosen = Chosen(rows, len(named), *left_out, unseen.said)
    if not len(rows):
        words = "; ".join(line.strip() for line in _which({"judged": 0, **_counts(chosen)}))
        raise BadData(f"{grouping.name}: {words}")
    return chosen


def group_figures(
    grouping: Grouping, probabilities: Doubles, wanted: Classes, chosen: Chosen
) -> dict[str, Any]:
    """Accuracy of each group, and the gap between the best and the worst, with intervals.

    `probabilities` and `wanted` are of the chosen rows.

    A gap is never negative, and where groups differ by nothing, chance gives one:
    `expected_by_chance` is the mean gap when group names are shuffled.
    """
    right = probabilities.argmax(axis=1) == wanted
    named = np.array([grouping.group_of[int(row)] for row in chosen.rows])
    parts = {str(name): right[named == name] for name in np.unique(named)}
    found = {name: _figures(part) for name, part in parts.items()}
    large = [part for part in parts.values() if len(part) >= FEWEST]
    return {
        "faces": {"judged": len(chosen.rows), **_counts(chosen)},
        "groups": found,
        "gap": _gap(large) if len(large) > 1 else None,
    }


def _counts(chosen: Chosen) -> dict[str, Any]:
    return {name: each for name, each in vars(chosen).items() if name != "rows"}


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


def _which(counts: dict[str, Any]) -> list[str]:
    return [
        f"  {counts['in_file']} faces in the file, {counts['judged']} of them judged: faces "
        f"{counts['said']}",
        f"  left out: {counts['maybe_learned_from']} that the network learned from or may have, "
        f"{counts['not_scored']} without a label that most annotators chose",
    ]


def groups_text(grouping: Grouping, figures: dict[str, Any]) -> str:
    lines = [f"accuracy by {grouping.name}", *_which(figures["faces"])]
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
