"""The mean of several runs' weights, where it does better than each: a model soup.

Wortsman et al. 2022, arXiv 2203.05482, of runs that started from the same weights. What goes in is
found as Caruana et al. 2004 find ensembles (Ensemble selection from libraries of models): the best
run first, then again and again the one portion, of a run that may be in already, that lowers the
loss on the validation part most. The loss is what training lowers, both heads' together, read as
what is released reads a face: in two looks, by the temperatures that fit. It costs no training, and
the network that comes out is as fast as each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

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
from inference.training.evaluate.evaluation import fer7_labels, load_run, mirrored_scorer
from inference.training.evaluate.metrics import (
    Classes,
    Doubles,
    fitted_temperature,
    log_loss,
    softmax,
)
from inference.training.evaluate.scores import validation_scores
from inference.training.networks.registry import ExpressionNetwork
from inference.training.records import RUN_RECORD, read_json, write_json
from inference.training.settings import Settings
from inference.training.train.state import save_whole
from inference.training.train.training import BEST, CHECKPOINT

State = dict[str, Tensor]
MOST_PORTIONS = 8


@dataclass(frozen=True)
class Ingredient:
    name: str
    network: ExpressionNetwork
    side: int
    fer7_weight: float
    record: dict[str, Any]
    loss: float
    """of both heads on the validation part, as released"""


def cook(faces: FaceDataset, runs: Sequence[Path], into: Path) -> dict[str, Any]:
    """Write the soup's `best.pt` and record into the folder `into`; returns the record.

    `loss_as_released` in it is what was chosen by: the soup's loss, and each run's alone.

    Raises TrainingRefused where the runs are of different networks or splits, where `into` holds a
    run already, or where nothing could be stirred in.
    """
    if (into / CHECKPOINT).exists():
        raise TrainingRefused(f"{into} holds a run; name a folder of its own for the soup")
    records = [_record(run, faces) for run in runs]
    validation = _common_validation(records, faces)
    pot = _ingredients(runs, records, faces, validation)
    taken, loss = _greedy(pot, faces, validation)
    if len(taken) == 1:
        raise TrainingRefused(
            f"no mean of the weights does better on the validation part than {taken[0].name} alone"
        )
    first, stirred = taken[0], _stirred(taken)
    into.mkdir(parents=True, exist_ok=True)
    saved = {"architecture": first.network.name, "side": first.side}
    save_whole(
        {**saved, "stem_stride": first.network.stem_stride, "state": stirred.state_dict()},
        into / BEST,
    )
    scores = validation_scores(stirred, faces, validation, first.side)
    last = {**first.record["log"][-1], **scores}
    record = {
        **first.record,
        "soup": [
            {"run": each.name, "portions": portions, "record": each.record}
            for each in pot
            if (portions := sum(part is each for part in taken))
        ],
        "left_out": [each.name for each in pot if each not in taken],
        "loss_as_released": {"soup": loss, "alone": {each.name: each.loss for each in pot}},
        "log": [*first.record["log"][:-1], last],
    }
    write_json(into / RUN_RECORD, record)
    return record


def _record(run: Path, faces: FaceDataset) -> dict[str, Any]:
    if not (run / RUN_RECORD).exists():
        raise WrongCheckpoint(f"{run} is no run: {RUN_RECORD} is missing")
    record: dict[str, Any] = read_json(run / RUN_RECORD)
    if record["data_sha256"] != faces.sha256:
        raise TrainingRefused(f"{run} learned from other faces than those given")
    return record


def _common_validation(records: Sequence[dict[str, Any]], faces: FaceDataset) -> Rows:
    """The part that no run has learned from: all have to have left out the same."""
    known = {field.name: field.default for field in fields(Settings)}
    names = ("architecture", "stem_stride", "split", "split_seed", "validation_share")
    kinds = {tuple({**known, **each["settings"]}[name] for name in names) for each in records}
    if len(kinds) > 1:
        raise TrainingRefused("the runs are of different networks or splits: no soup of them")
    *_, split, seed, share = kinds.pop()
    return make_split(split, faces, seed, share).validation


def _ingredients(
    runs: Sequence[Path], records: Sequence[dict[str, Any]], faces: FaceDataset, validation: Rows
) -> list[Ingredient]:
    """The best first, all at the picture size, and with the second head weighed, as the first one
    named was trained."""
    side, weight = load_run(runs[0])[1], _fer7_weight(records[0])
    pot = []
    for run, record in zip(runs, records, strict=True):
        network, _ = load_run(run)
        loss = _loss_as_released(network, faces, validation, side, weight)
        pot.append(Ingredient(run.name, network, side, weight, record, loss))
    return sorted(pot, key=lambda each: each.loss)


def _fer7_weight(record: dict[str, Any]) -> float:
    return float(record["settings"].get("fer7_weight", Settings.fer7_weight))


def _greedy(
    pot: Sequence[Ingredient], faces: FaceDataset, validation: Rows
) -> tuple[list[Ingredient], float]:
    """What goes in, an ingredient once for every portion, the best one first; and its loss."""
    taken, best = [pot[0]], pot[0].loss
    side, weight = pot[0].side, pot[0].fer7_weight
    tasted = {_shares([pot[0]], pot): best}

    def taste(parts: Sequence[Ingredient]) -> float:
        shares = _shares(parts, pot)
        if shares not in tasted:
            tasted[shares] = _loss_as_released(_stirred(parts), faces, validation, side, weight)
        return tasted[shares]

    while len(taken) < MOST_PORTIONS:
        loss, more = min(((taste([*taken, each]), each) for each in pot), key=lambda pair: pair[0])
        if loss >= best:
            break
        taken, best = [*taken, more], loss
    return taken, best


def _shares(parts: Sequence[Ingredient], pot: Sequence[Ingredient]) -> tuple[float, ...]:
    return tuple(sum(part is each for part in parts) / len(parts) for each in pot)


def _stirred(parts: Sequence[Ingredient]) -> ExpressionNetwork:
    first = parts[0].network
    stirred = ExpressionNetwork(first.name, first.stem_stride)
    stirred.load_state_dict(mean_of([part.network for part in parts]))
    stirred.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return stirred.eval()


def _loss_as_released(
    network: ExpressionNetwork, faces: FaceDataset, validation: Rows, side: int, fer7_weight: float
) -> float:
    ferplus, fer7 = mirrored_scorer(network, side, faces)(validation)
    scored = has_majority_label(faces.votes[validation])
    labels = fer7_labels(faces, validation)
    known = labels >= 0
    loss = _fitted_loss(ferplus[scored], compute_majority_labels(faces.votes[validation])[scored])
    return loss + fer7_weight * _fitted_loss(fer7[known], labels[known]) if known.any() else loss


def _fitted_loss(logits: Doubles, wanted: Classes) -> float:
    return log_loss(softmax(logits, fitted_temperature(logits, wanted)), wanted)


@torch.no_grad()
def mean_of(networks: Sequence[ExpressionNetwork]) -> State:
    """Tensor by tensor, the statistics of batch norms included; counters are the first one's."""
    states = [network.state_dict() for network in networks]
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        if first.is_floating_point()
        else first.clone()
        for name, first in states[0].items()
    }
