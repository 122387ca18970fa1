"""Knowledge distillation: other trained networks' predictions as targets.

With fixed targets (Hinton et al. 2015, arXiv 1503.02531): the mean of several runs' probabilities,
each with flip test-time augmentation, is computed once and mixed with the votes. With the run's own
earlier weights as the only teacher it is self-training.

With live targets (Beyer et al. 2022, arXiv 2106.05237): the teachers predict every augmented and
blended batch. They were trained on the same faces, which they have nearly memorised; their
predictions of augmented ones carry more information.
"""

import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

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
from inference.training.evaluate.evaluation import load_run, make_torch_scorer
from inference.training.evaluate.leakage import list_run_data_uses
from inference.training.evaluate.metrics import Doubles, softmax
from inference.training.file_lock import exit_with_parent
from inference.training.records import DataUse, Teacher


@dataclass(frozen=True)
class FixedTeachers:
    """Precomputed mean probabilities of several runs, a row per face of the dataset."""

    ferplus: Floats
    """[N, 8]"""
    fer7: Floats
    """[N, 7]"""
    teachers: list[Teacher]
    data_uses: list[DataUse] = field(default_factory=list)
    """all data that the teachers were trained on"""


@dataclass(frozen=True)
class LiveTeachers:
    """Runs that are evaluated on every augmented batch."""

    runs: tuple[Path, ...]

    @property
    def teachers(self) -> list[Teacher]:
        return [Teacher(run.name, live=True) for run in self.runs]

    @property
    def data_uses(self) -> list[DataUse]:
        return list_data_uses_of_runs(self.runs)


AnyTeachers = FixedTeachers | LiveTeachers


def list_data_uses_of_runs(runs: Sequence[Path]) -> list[DataUse]:
    return list(dict.fromkeys(use for run in runs for use in list_run_data_uses(run)))


def predict_with_teachers(faces: FaceDataset, runs: Sequence[Path]) -> FixedTeachers:
    """Average the runs' probabilities of every face, with flip TTA; two processes, one core each.

    Raises:
        WrongCheckpoint: a run has no readable weights.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context, initializer=exit_with_parent) as pool:
        predictions = list(pool.map(_predict, [faces] * len(runs), runs))
    eight, seven = zip(*predictions, strict=True)
    return FixedTeachers(
        np.mean(eight, axis=0).astype(np.float32),
        np.mean(seven, axis=0).astype(np.float32),
        [Teacher(run.name) for run in runs],
        list_data_uses_of_runs(runs),
    )


def _predict(faces: FaceDataset, run: Path) -> tuple[Doubles, Doubles]:
    torch.set_num_threads(1)  # two threads that synchronise are far slower beside other work
    network, side = load_run(run)
    rows = np.arange(len(faces.images))
    flipped = replace(faces, images=np.ascontiguousarray(faces.images[:, :, ::-1]))
    eight, seven = [], []
    for views in (faces, flipped):
        ferplus, fer7 = make_torch_scorer(network, side, views)(rows)
        eight.append(softmax(ferplus))
        seven.append(softmax(fer7))
    return np.mean(eight, axis=0), np.mean(seven, axis=0)


def write_teacher_scores(scores: FixedTeachers, faces: FaceDataset, path: Path) -> None:
    """Write npz: `ferplus` float32 [N, 8], `fer7` float32 [N, 7], runs and provenance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        ferplus=scores.ferplus,
        fer7=scores.fer7,
        runs=np.array([teacher.run for teacher in scores.teachers]),
        learned_from=np.array(json.dumps([asdict(use) for use in scores.data_uses])),
        data_sha256=faces.sha256,
    )


def read_teacher_scores(path: Path, faces: FaceDataset) -> FixedTeachers:
    """Read what `write_teacher_scores` wrote.

    Raises:
        BadData: the file is missing, malformed, or of other faces.
    """
    columns = read_derived_arrays(path, faces, "teach", ("ferplus", "fer7", "runs"))
    for name, width in (("ferplus", len(LABELS)), ("fer7", len(FER7_LABELS))):
        if columns[name].shape != (len(faces.images), width):
            raise BadData(f"{path}: {name} must be [{len(faces.images)}, {width}]")
    teachers = [Teacher(str(name)) for name in columns["runs"]]
    if "learned_from" in columns:
        uses = [DataUse(**use) for use in json.loads(str(columns["learned_from"]))]
    else:  # file of an earlier revision; the runs' records are in its folder
        uses = list_data_uses_of_runs([path.parent / teacher.run for teacher in teachers])
    return FixedTeachers(columns["ferplus"], columns["fer7"], teachers, uses)


def mix_teacher_targets(targets: Targets, scores: FixedTeachers, share: float) -> Targets:
    """Mix votes and teachers' probabilities.

    Args:
        targets: soft targets from votes; a face without a FER2013 label gets none.
        scores: of the same faces.
        share: of the teachers, 0 to 1.
    """

    def mix(votes: Floats, predicted: Floats) -> Floats:
        return np.asarray(votes * (1 - share) + predicted * share, dtype=np.float32)

    known = targets.fer7.sum(axis=1, keepdims=True) > 0
    return replace(
        targets,
        ferplus=mix(targets.ferplus, scores.ferplus),
        fer7=np.where(known, mix(targets.fer7, scores.fer7), 0).astype(np.float32),
    )


def balance_targets(
    targets: Targets, faces: FaceDataset, rows: np.ndarray, power: float
) -> Targets:
    """Weight faces by (1 / class frequency) ** power, with a mean of 1 over `rows`."""
    classes = compute_majority_labels(faces.votes)
    counts = np.bincount(classes[rows], minlength=targets.ferplus.shape[1])
    factors = (1 / np.maximum(counts, 1)) ** power
    factors = factors / factors[classes[rows]].mean()
    weight = targets.ferplus_weight * factors[classes]
    return replace(targets, ferplus_weight=weight.astype(np.float32))
