"""Average the weights of several runs where that lowers the validation loss: a greedy model soup.

Wortsman et al. 2022, arXiv 2203.05482, for runs that started from the same weights. Candidates are
added greedily with replacement, as Caruana et al. 2004 select ensembles: the best run first, then
repeatedly the candidate, one already included among them, that lowers the validation loss most. The
loss is that of both heads with flip test-time augmentation and fitted temperatures, as released. It
needs no training, and the result is as fast as each of its candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.splits import make_split
from inference.training.errors import TrainingRefused, WrongCheckpoint
from inference.training.evaluate.evaluation import (
    get_fer7_labels,
    load_run,
    make_flip_tta_scorer,
)
from inference.training.evaluate.metrics import (
    Classes,
    Doubles,
    compute_log_loss,
    fit_temperature,
    softmax,
)
from inference.training.evaluate.scores import compute_validation_metrics
from inference.training.json_files import write_json
from inference.training.networks.registry import ExpressionNetwork
from inference.training.records import (
    BEST,
    RUN_RECORD,
    AveragedRun,
    AveragingLoss,
    EpochLog,
    RunRecord,
    load_run_record,
)
from inference.training.train.state import CHECKPOINT, save_best_weights

State = dict[str, Tensor]
MAX_SELECTIONS = 8


@dataclass(frozen=True, eq=False)
class Candidate:
    name: str
    network: ExpressionNetwork
    side: int
    fer7_weight: float
    record: RunRecord
    loss: float
    """validation loss of both heads"""


@dataclass(frozen=True)
class ValidationSet:
    """Faces and settings with which every candidate and average is evaluated."""

    faces: FaceDataset
    rows: Rows
    side: int
    """in pixels"""
    fer7_weight: float


def average_checkpoints(faces: FaceDataset, runs: Sequence[Path], output: Path) -> RunRecord:
    """Write the averaged weights (`best.pt`) and their record into the folder `output`.

    Args:
        faces: the dataset that all runs were trained on.
        runs: folders of the candidates; picture size and weight of the FER2013 head are those of
            the first one.
        output: a folder without a run.

    Returns:
        The record; `averaging_loss` contains the losses that the selection compared.

    Raises:
        TrainingRefused: the runs have different networks or splits, `output` contains a run, or no
            average is better than the best run.
    """
    if (output / CHECKPOINT).exists():
        raise TrainingRefused(f"{output} contains a run; pass another folder for the average")
    records = [_load_record(run, faces) for run in runs]
    first = records[0].settings
    validation = ValidationSet(
        faces, _select_common_validation(records, faces), load_run(runs[0])[1], first.fer7_weight
    )
    candidates = _load_candidates(runs, records, validation)
    losses = {candidate.name: candidate.loss for candidate in candidates}
    selected, loss = _select_greedily(candidates, validation)
    best = selected[0]
    if len(selected) == 1:
        raise TrainingRefused(f"no average has a lower validation loss than {best.name} alone")
    average = _average_networks(selected)
    output.mkdir(parents=True, exist_ok=True)
    save_best_weights(average, best.side, output / BEST)
    metrics = compute_validation_metrics(average, faces, validation.rows, best.side)
    record = replace(
        best.record,
        averaged=[
            AveragedRun(candidate.name, weight, candidate.record)
            for candidate in candidates
            if (weight := sum(other is candidate for other in selected))
        ],
        left_out=[candidate.name for candidate in candidates if candidate not in selected],
        averaging_loss=AveragingLoss(loss, losses),
        log=[*best.record.log[:-1], EpochLog(**{**vars(best.record.log[-1]), **metrics})],
    )
    write_json(output / RUN_RECORD, record.to_json())
    return record


def _load_record(run: Path, faces: FaceDataset) -> RunRecord:
    if not (run / RUN_RECORD).exists():
        raise WrongCheckpoint(f"{run} is not a run: {RUN_RECORD} is missing")
    record = load_run_record(run / RUN_RECORD)
    if record.data_sha256 != faces.sha256:
        raise TrainingRefused(f"{run} was trained on other faces than those given")
    return record


def _select_common_validation(records: Sequence[RunRecord], faces: FaceDataset) -> Rows:
    """Return the validation rows; all runs have to hold out the same ones."""
    kinds = {
        (record.settings.architecture, record.settings.stem_stride, record.own_data)
        for record in records
    }
    if len(kinds) > 1:
        raise TrainingRefused("the runs have different networks or splits and cannot be averaged")
    data = records[0].own_data
    return make_split(data.split, faces, data.split_seed, data.validation_share).validation


def _load_candidates(
    runs: Sequence[Path], records: Sequence[RunRecord], validation: ValidationSet
) -> list[Candidate]:
    """Load all candidates, the one with the lowest loss first."""
    side, weight = validation.side, validation.fer7_weight
    candidates = []
    for run, record in zip(runs, records, strict=True):
        network, _ = load_run(run)
        loss = _compute_loss(network, validation)
        candidates.append(Candidate(run.name, network, side, weight, record, loss))
    return sorted(candidates, key=lambda candidate: candidate.loss)


def _select_greedily(
    candidates: Sequence[Candidate], validation: ValidationSet
) -> tuple[list[Candidate], float]:
    """Return the selected candidates, repeated by weight, best first; and the loss."""
    selected, best = [candidates[0]], candidates[0].loss
    losses = {_compute_shares(selected, candidates): best}

    def evaluate(parts: Sequence[Candidate]) -> float:
        shares = _compute_shares(parts, candidates)
        if shares not in losses:
            losses[shares] = _compute_loss(_average_networks(parts), validation)
        return losses[shares]

    while len(selected) < MAX_SELECTIONS:
        loss, added = min(
            ((evaluate([*selected, candidate]), candidate) for candidate in candidates),
            key=lambda pair: pair[0],
        )
        if loss >= best:
            break
        selected, best = [*selected, added], loss
    return selected, best


def _compute_shares(
    parts: Sequence[Candidate], candidates: Sequence[Candidate]
) -> tuple[float, ...]:
    return tuple(parts.count(candidate) / len(parts) for candidate in candidates)


def _average_networks(parts: Sequence[Candidate]) -> ExpressionNetwork:
    first = parts[0].network
    average = ExpressionNetwork(first.name, first.stem_stride)
    average.load_state_dict(average_states([part.network for part in parts]))
    average.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return average.eval()


def _compute_loss(network: ExpressionNetwork, validation: ValidationSet) -> float:
    """Compute the loss of both heads with flip TTA, temperatures fitted."""
    faces, rows = validation.faces, validation.rows
    ferplus, fer7 = make_flip_tta_scorer(network, validation.side, faces)(rows)
    scored = has_majority_label(faces.votes[rows])
    labels = get_fer7_labels(faces, rows)
    known = labels >= 0
    loss = _compute_fitted_loss(ferplus[scored], compute_majority_labels(faces.votes[rows])[scored])
    if not known.any():
        return loss
    return loss + validation.fer7_weight * _compute_fitted_loss(fer7[known], labels[known])


def _compute_fitted_loss(logits: Doubles, labels: Classes) -> float:
    return compute_log_loss(softmax(logits, fit_temperature(logits, labels)), labels)


@torch.no_grad()
def average_states(networks: Sequence[ExpressionNetwork]) -> State:
    """Average all floating-point tensors, batch norm statistics included.

    Counters are those of the first network.
    """
    states = [network.state_dict() for network in networks]
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        if first.is_floating_point()
        else first.clone()
        for name, first in states[0].items()
    }
