"""Metrics of a trained run in PyTorch, or of a released model in the runtime that serves it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.expressions import FER7_LABELS, ExpressionClassifier
from inference.results import LABELS
from inference.training.data.dataset import (
    FaceDataset,
    Floats,
    Pixels,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.splits import Split
from inference.training.errors import WrongCheckpoint
from inference.training.evaluate.intervals import (
    DRAWS,
    bootstrap_mean_interval,
    compute_wilson_interval,
)
from inference.training.evaluate.metrics import (
    Classes,
    Doubles,
    compute_all_metrics,
    compute_calibration_error,
    fit_temperature,
    softmax,
)
from inference.training.evaluate.scores import compute_logits
from inference.training.networks.onnx_export import UNIT_TEMPERATURES, Temperatures
from inference.training.networks.registry import ExpressionNetwork, read_checkpoint
from inference.training.records import BEST, Evaluation

MIN_AGREEMENT = 8
"""of ten annotators"""

Scorer = Callable[[Rows], tuple[Doubles, Doubles]]
"""Row numbers -> logits (or log probabilities) of both heads, float64 [N, 8] and [N, 7]."""
MakeScorer = Callable[[FaceDataset], Scorer]
"""Faces -> the scorer of one network for them."""


def load_run(run: Path) -> tuple[ExpressionNetwork, int]:
    """Load a run's best averaged network and its input side in pixels.

    Raises:
        WrongCheckpoint: the run has no readable weights.
    """
    if not (run / BEST).exists():
        raise WrongCheckpoint(f"{run / BEST} is missing; train until the last picture size")
    saved = read_checkpoint(run / BEST)
    try:
        network = ExpressionNetwork(saved["architecture"], saved.get("stem_stride", 2))
        side = int(saved["side"])
        network.load_state_dict(saved["state"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        # torch's message lists every tensor, hundreds of lines.
        wrong = f"{run / BEST} is not a file of best weights written by train"
        raise WrongCheckpoint(wrong) from error
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval(), side


def make_torch_scorer(network: ExpressionNetwork, side: int, faces: FaceDataset) -> Scorer:
    """Score faces at `side` pixels without flip TTA."""

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        ferplus, fer7 = compute_logits(network, faces, rows, side)
        return ferplus.double().numpy(), fer7.double().numpy()

    return score


def make_flip_tta_scorer(network: ExpressionNetwork, side: int, faces: FaceDataset) -> Scorer:
    """Score with flip test-time augmentation, as the released graphs do: mean logits."""
    flipped = replace(faces, images=np.ascontiguousarray(faces.images[:, :, ::-1]))
    scorers = [make_torch_scorer(network, side, views) for views in (faces, flipped)]

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        (eight, seven), (flipped_eight, flipped_seven) = (scorer(rows) for scorer in scorers)
        return (eight + flipped_eight) / 2, (seven + flipped_seven) / 2

    return score


def make_onnx_scorer(
    classifier: ExpressionClassifier,
    faces: FaceDataset,
    temperatures: Temperatures = UNIT_TEMPERATURES,
) -> Scorer:
    """Score with a released graph.

    Args:
        classifier: the graph in ONNX Runtime.
        faces: to be scored.
        temperatures: those inside the graph. Log probabilities times temperature are the graph's
            logits up to a constant, which softmax ignores.
    """

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        eight, seven = classifier.classify_both_heads(list(faces.images[rows]))
        return (
            _compute_logs(eight) * temperatures.expressions,
            _compute_logs(seven) * temperatures.fer7,
        )

    return score


def _compute_logs(probabilities: Floats) -> Doubles:
    return np.log(probabilities.astype(np.float64) + 1e-12)


def fit_temperatures(score: Scorer, faces: FaceDataset, validation: Rows) -> Temperatures:
    """Fit both heads' temperatures on the validation rows; 1 for a head without labels."""
    ferplus, fer7 = score(validation)
    scored = has_majority_label(faces.votes[validation])
    majority = compute_majority_labels(faces.votes[validation])
    labels = get_fer7_labels(faces, validation)
    known = labels >= 0
    return Temperatures(
        expressions=fit_temperature(ferplus[scored], majority[scored]),
        fer7=fit_temperature(fer7[known], labels[known]) if known.any() else 1.0,
    )


def get_fer7_labels(faces: FaceDataset, rows: Rows) -> Classes:
    """Return FER2013 labels [N]; -1 where a face has none."""
    return faces.labels[rows].astype(np.intp)


def evaluate(
    score: Scorer, faces: FaceDataset, split: Split, temperatures: Temperatures, draws: int = DRAWS
) -> Evaluation:
    """Compute all metrics on the test part.

    Args:
        score: the network.
        faces: the dataset.
        split: its test part is scored; FER+ metrics count faces with a majority label.
        temperatures: for calibrated probabilities of both heads.
        draws: bootstrap samples.

    Returns:
        JSON-ready: `temperature`, `ferplus` and `fer7`.
    """
    ferplus, fer7 = score(split.test)
    scored = has_majority_label(faces.votes[split.test])
    labels = get_fer7_labels(faces, split.test)
    return {
        "temperature": {"expressions": temperatures.expressions, "fer7": temperatures.fer7},
        "ferplus": _compute_ferplus_metrics(
            ferplus[scored], faces.votes[split.test][scored], temperatures.expressions, draws
        ),
        "fer7": compute_all_metrics(
            softmax(fer7[labels >= 0], temperatures.fer7), labels[labels >= 0], FER7_LABELS, draws
        ),
    }


def _compute_ferplus_metrics(
    logits: Doubles, votes: Pixels, temperature: float, draws: int
) -> dict[str, Any]:
    labels, probabilities = compute_majority_labels(votes), softmax(logits, temperature)
    agreement = votes[np.arange(len(labels)), labels]
    clear = compute_subset_accuracy(probabilities, labels, agreement >= MIN_AGREEMENT)
    metrics = compute_all_metrics(probabilities, labels, LABELS, draws)
    if clear["faces"]:
        metrics["interval_95"]["accuracy_where_8_of_10_agree"] = clear["interval_95"]
    return {
        **metrics,
        "ece_before_temperature": compute_calibration_error(softmax(logits), labels),
        "accuracy_where_8_of_10_agree": clear["accuracy"],
        "faces_where_8_of_10_agree": clear["faces"],
        "by_agreement": compute_accuracy_by_agreement(probabilities, labels, agreement),
    }


def compute_accuracy_by_agreement(
    probabilities: Doubles, labels: Classes, agreement: Pixels
) -> dict[str, dict[str, Any]]:
    """Compute accuracy by the number of annotators, of ten, who chose the majority label."""
    subsets = {
        "at most 5": agreement <= 5,
        "6 or 7": (agreement > 5) & (agreement < MIN_AGREEMENT),
        "8 or 9": (agreement >= MIN_AGREEMENT) & (agreement < 10),
        "10": agreement >= 10,
    }
    return {
        name: compute_subset_accuracy(probabilities, labels, subset)
        for name, subset in subsets.items()
        if subset.any()
    }


def compute_subset_accuracy(
    probabilities: Doubles, labels: Classes, subset: NDArray[np.bool_]
) -> dict[str, Any]:
    right = (probabilities.argmax(axis=1) == labels)[subset]
    return {
        "faces": len(right),
        "accuracy": float(right.mean()) if len(right) else None,
        "interval_95": compute_wilson_interval(int(right.sum()), len(right)),
    }


def compute_accuracy_loss(
    score: Scorer, reference: Scorer, faces: FaceDataset, split: Split, draws: int = DRAWS
) -> dict[str, Any]:
    """Compute the accuracy that `score` loses against `reference` on the test part.

    The comparison is paired by face, so that the interval is of the difference itself; below 0 is
    a gain.
    """
    votes, fer7 = faces.votes[split.test], get_fer7_labels(faces, split.test)
    heads = {
        "ferplus": (has_majority_label(votes), compute_majority_labels(votes)),
        "fer7": (fer7 >= 0, fer7),
    }
    loss: dict[str, Any] = {"draws": draws}
    for (name, (scored, labels)), own_logits, reference_logits in zip(
        heads.items(), score(split.test), reference(split.test), strict=True
    ):
        own, other = (
            logits[scored].argmax(axis=1) == labels[scored]
            for logits in (own_logits, reference_logits)
        )
        difference = other.astype(np.float64) - own
        loss[name] = {
            "faces": len(difference),
            "accuracy_lost": float(difference.mean()),
            "interval_95": bootstrap_mean_interval(difference, draws),
        }
    return loss
