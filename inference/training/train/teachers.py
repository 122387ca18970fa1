"""What other trained networks say of every face: targets for a smaller one to learn from.

Distillation (Hinton et al. 2015, arXiv 1503.02531) with fixed targets: the mean of several runs'
probabilities, each for the face and its mirror image, computed once and mixed with the votes while
training. With the run's own earlier weights as the only teacher it is self-training.

Or with live ones (Beyer et al. 2022, arXiv 2106.05237): the teachers look at the very view that the
network sees, moved, spoilt and blended, in every step. They learned from the same faces and know
these almost by heart; what they say of views that they never saw tells more.
"""

import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.data.dataset import (
    FaceDataset,
    Floats,
    Targets,
    compute_majority_labels,
    read_derived_arrays,
)
from inference.training.errors import BadData
from inference.training.evaluate.held_out import Learned, once_each, run_learned_from
from inference.training.evaluate.metrics import Doubles, softmax
from inference.training.file_lock import end_with_parent


@dataclass(frozen=True)
class TeacherScores:
    ferplus: Floats
    """[N, 8] probabilities, a row per face of the set"""
    fer7: Floats
    """[N, 7]"""
    said: list[dict[str, Any]]
    """each teacher's run, for the record"""
    learned_from: list[Learned] = field(default_factory=list)
    """all that they have seen"""


@dataclass(frozen=True)
class LiveTeachers:
    """Runs that are asked in every step."""

    runs: tuple[Path, ...]

    @property
    def said(self) -> list[dict[str, Any]]:
        return [{"run": run.name, "live": True} for run in self.runs]

    @property
    def learned_from(self) -> list[Learned]:
        return once_each([each for run in self.runs for each in run_learned_from(run)])


def ask_teachers(faces: FaceDataset, runs: Sequence[Path]) -> TeacherScores:
    """The mean of what each run's best weights say of every face and of its mirror image; two runs
    at a time, a core each."""
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, start, initializer=end_with_parent) as pool:
        said = list(pool.map(_ask, [faces] * len(runs), runs))
    return TeacherScores(
        np.mean([each[0] for each in said], axis=0).astype(np.float32),
        np.mean([each[1] for each in said], axis=0).astype(np.float32),
        [{"run": run.name} for run in runs],
        once_each([each for run in runs for each in run_learned_from(run)]),
    )


def _ask(faces: FaceDataset, run: Path) -> tuple[Doubles, Doubles]:
    from inference.training.evaluate.evaluation import load_run, run_scorer

    torch.set_num_threads(1)  # two that wait for each other are far slower beside other work
    network, side = load_run(run)
    rows = np.arange(len(faces.images))
    mirrored = replace(faces, images=np.ascontiguousarray(faces.images[:, :, ::-1]))
    eight, seven = [], []
    for looks in (faces, mirrored):
        ferplus, fer7 = run_scorer(network, side, looks)(rows)
        eight.append(softmax(ferplus))
        seven.append(softmax(fer7))
    return np.mean(eight, axis=0), np.mean(seven, axis=0)


def write_scores(scores: TeacherScores, faces: FaceDataset, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        ferplus=scores.ferplus,
        fer7=scores.fer7,
        runs=np.array([each["run"] for each in scores.said]),
        learned_from=np.array(json.dumps(scores.learned_from)),
        data_sha256=faces.sha256,
    )


def read_scores(path: Path, faces: FaceDataset) -> TeacherScores:
    """Raises BadData where the file is missing, none, or made from other faces."""
    columns = read_derived_arrays(path, faces, "teach", ("ferplus", "fer7", "runs"))
    for name, width in (("ferplus", len(LABELS)), ("fer7", len(FER7_LABELS))):
        if columns[name].shape != (len(faces.images), width):
            raise BadData(f"{path}: {name} must be [{len(faces.images)}, {width}]")
    said = [{"run": str(name)} for name in columns["runs"]]
    if "learned_from" not in columns:  # of an earlier teach: the records beside it tell
        seen = [each for run in said for each in run_learned_from(path.parent / run["run"])]
        return TeacherScores(columns["ferplus"], columns["fer7"], said, once_each(seen))
    learned_from = json.loads(str(columns["learned_from"]))
    return TeacherScores(columns["ferplus"], columns["fer7"], said, learned_from)


def taught(targets: Targets, scores: TeacherScores, share: float) -> Targets:
    """The votes, mixed with what the teachers say."""

    def mixed(votes: Floats, said: Floats) -> Floats:
        return np.asarray(votes * (1 - share) + said * share, dtype=np.float32)

    known = targets.fer7.sum(axis=1, keepdims=True) > 0
    return replace(
        targets,
        ferplus=mixed(targets.ferplus, scores.ferplus),
        fer7=np.where(known, mixed(targets.fer7, scores.fer7), 0).astype(np.float32),
    )


def balanced(targets: Targets, faces: FaceDataset, rows: np.ndarray, power: float) -> Targets:
    """Rare expressions' faces weigh more: by (1 / frequency) ** power, with a mean of 1."""
    classes = compute_majority_labels(faces.votes)
    counts = np.bincount(classes[rows], minlength=targets.ferplus.shape[1])
    factors = (1 / np.maximum(counts, 1)) ** power
    factors = factors / factors[classes[rows]].mean()
    weight = targets.ferplus_weight * factors[classes]
    return replace(targets, ferplus_weight=weight.astype(np.float32))
