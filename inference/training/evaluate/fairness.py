"""Accuracy gaps between groups of faces, for any grouping that a user provides.

FER2013 has no labels of age, skin tone, gender or disability, so that the product's own metrics
cannot show such gaps. A csv (`groups_csv`) provides them for other faces.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.data.dataset import FaceDataset, Rows, has_majority_label
from inference.training.data.groups_csv import Grouping
from inference.training.errors import BadData
from inference.training.evaluate.intervals import (
    DRAWS,
    bootstrap_gap_interval,
    compute_wilson_interval,
)
from inference.training.evaluate.metrics import Classes, Doubles
from inference.training.evaluate.unseen import UnseenFaces

MIN_GROUP_FACES = 10
"""A smaller group is listed, but does not count for the gap."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class SelectedFaces:
    """Faces of a grouping that are evaluated, and the number left out by reason."""

    rows: Rows
    in_file: int
    maybe_trained_on: int
    not_scored: int
    description: str
    """which faces are evaluated, as text"""

    def to_json(self) -> dict[str, Any]:
        return {
            "judged": len(self.rows),
            "in_file": self.in_file,
            "maybe_learned_from": self.maybe_trained_on,
            "not_scored": self.not_scored,
            "said": self.description,
        }


def select_group_faces(
    grouping: Grouping, unseen: UnseenFaces, faces: FaceDataset
) -> SelectedFaces:
    """Select the grouping's unseen faces with a majority label. Raises BadData for none."""
    named = np.array(sorted(grouping.group_by_row), dtype=np.intp)
    held_out = named[np.isin(named, unseen.rows)]
    rows = held_out[has_majority_label(faces.votes[held_out])]
    selected = SelectedFaces(
        rows,
        in_file=len(named),
        maybe_trained_on=len(named) - len(held_out),
        not_scored=len(held_out) - len(rows),
        description=unseen.description,
    )
    if not len(rows):
        words = "; ".join(line.strip() for line in _format_counts(selected.to_json()))
        raise BadData(f"{grouping.name}: {words}")
    return selected


def compute_group_metrics(
    grouping: Grouping, probabilities: Doubles, labels: Classes, selected: SelectedFaces
) -> dict[str, Any]:
    """Compute each group's accuracy and the gap between the best and the worst group.

    A gap is never negative, and chance alone gives one where groups do not differ:
    `expected_by_chance` is the mean gap over permutations of the group names.

    Args:
        grouping: group names by row.
        probabilities: [N, 8], of the selected rows.
        labels: majority labels [N], of the selected rows.
        selected: the rows.
    """
    right = probabilities.argmax(axis=1) == labels
    named = np.array([grouping.group_by_row[int(row)] for row in selected.rows])
    parts = {str(name): right[named == name] for name in np.unique(named)}
    large = [part for part in parts.values() if len(part) >= MIN_GROUP_FACES]
    return {
        "faces": selected.to_json(),
        "groups": {
            name: {
                "faces": len(part),
                "accuracy": float(part.mean()),
                "interval_95": compute_wilson_interval(int(part.sum()), len(part)),
            }
            for name, part in parts.items()
        },
        "gap": _compute_gap(large) if len(large) > 1 else None,
    }


def _compute_gap(parts: list[Bools]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    pooled, ends = np.concatenate(parts), np.cumsum([len(part) for part in parts])[:-1]
    shuffled = [
        np.ptp([part.mean() for part in np.split(rng.permutation(pooled), ends)])
        for _ in range(DRAWS)
    ]
    gap = float(np.ptp([part.mean() for part in parts]))
    hits, faces = [int(part.sum()) for part in parts], [len(part) for part in parts]
    return {
        "points": gap,
        "interval_95": bootstrap_gap_interval(hits, faces),
        "expected_by_chance": float(np.mean(shuffled)),
        "chance_of_such_a_gap": float(np.mean(np.array(shuffled) >= gap)),
    }


def _format_counts(counts: dict[str, Any]) -> list[str]:
    return [
        f"  {counts['in_file']} faces in the file, {counts['judged']} of them evaluated: faces "
        f"{counts['said']}",
        f"  left out: {counts['maybe_learned_from']} that the network was or may have been trained "
        f"on, {counts['not_scored']} without a label that most annotators chose",
    ]


def format_group_metrics(grouping: Grouping, metrics: dict[str, Any]) -> str:
    lines = [f"accuracy by {grouping.name}", *_format_counts(metrics["faces"])]
    for name, group in metrics["groups"].items():
        low, high = group["interval_95"]
        few = "  (too few for the gap)" if group["faces"] < MIN_GROUP_FACES else ""
        lines.append(
            f"  {name:24} {group['accuracy']:.3f}  [{low:.3f}, {high:.3f}]  {group['faces']}{few}"
        )
    gap = metrics["gap"]
    if gap is None:
        return "\n".join([*lines, "  no gap: fewer than two groups are large enough"])
    low, high = gap["interval_95"]
    lines.append(
        f"  gap {gap['points']:.3f}  [{low:.3f}, {high:.3f}]; by chance alone "
        f"{gap['expected_by_chance']:.3f}, such a gap or a larger one in "
        f"{gap['chance_of_such_a_gap']:.0%} of permutations"
    )
    return "\n".join(lines)
