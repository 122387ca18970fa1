"""Figures of a trained run, or of a released model through the very runtime that serves it."""

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
from inference.training.evaluate.intervals import DRAWS, of_mean, of_share
from inference.training.evaluate.metrics import (
    Classes,
    Doubles,
    all_figures,
    expected_calibration_error,
    fitted_temperature,
    softmax,
)
from inference.training.evaluate.scores import logits_of
from inference.training.networks.onnx_export import UNIT_TEMPERATURES, Temperatures
from inference.training.networks.registry import ExpressionNetwork, read_checkpoint
from inference.training.records import BEST

MOST_AGREE = 8
"""of ten annotators"""

Scorer = Callable[[Rows], tuple[Doubles, Doubles]]
"""Row numbers -> logits (or log probabilities) of both heads, [N, 8] and [N, 7]."""


def load_run(run: Path) -> tuple[ExpressionNetwork, int]:
    """A run's best averaged network and its input side. Raises WrongCheckpoint."""
    if not (run / BEST).exists():
        raise WrongCheckpoint(f"{run / BEST} is missing; train until the last picture size")
    saved = read_checkpoint(run / BEST)
    try:
        network = ExpressionNetwork(saved["architecture"], saved.get("stem_stride", 2))
        side = int(saved["side"])
        network.load_state_dict(saved["state"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        # torch's own words name every tensor, hundreds of lines.
        wrong = f"{run / BEST} holds no run's best weights as train writes them"
        raise WrongCheckpoint(wrong) from error
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval(), side


def run_scorer(network: ExpressionNetwork, side: int, faces: FaceDataset) -> Scorer:
    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        ferplus, fer7 = logits_of(network, faces, rows, side)
        return ferplus.double().numpy(), fer7.double().numpy()

    return score


def mirrored_scorer(network: ExpressionNetwork, side: int, faces: FaceDataset) -> Scorer:
    """As the released graphs do it: the mean of the logits of each face and of its mirror image."""
    mirrored = replace(faces, images=np.ascontiguousarray(faces.images[:, :, ::-1]))
    looks = [run_scorer(network, side, each) for each in (faces, mirrored)]

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        (eight, seven), (mirrored_eight, mirrored_seven) = (look(rows) for look in looks)
        return (eight + mirrored_eight) / 2, (seven + mirrored_seven) / 2

    return score


def released_scorer(
    classifier: ExpressionClassifier,
    faces: FaceDataset,
    temperatures: Temperatures = UNIT_TEMPERATURES,
) -> Scorer:
    """`temperatures`: those inside the released graph. Multiplied by them, its log probabilities
    are the logits from before, but for a number that a softmax does not see."""

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        crops = list(faces.images[rows])
        return (
            _logs(classifier.classify(crops)) * temperatures.expressions,
            _logs(classifier.classify_fer7(crops)) * temperatures.fer7,
        )

    return score


def _logs(probabilities: Floats) -> Doubles:
    return np.log(probabilities.astype(np.float64) + 1e-12)


def fitted_temperatures(score: Scorer, faces: FaceDataset, validation: Rows) -> Temperatures:
    ferplus, fer7 = score(validation)
    scored = has_majority_label(faces.votes[validation])
    return Temperatures(
        expressions=fitted_temperature(
            ferplus[scored], compute_majority_labels(faces.votes[validation])[scored]
        ),
        fer7=_fer7_temperature(fer7, fer7_labels(faces, validation)),
    )


def _fer7_temperature(logits: Doubles, labels: Classes) -> float:
    """1 where no face has one of the seven labels."""
    known = labels >= 0
    return fitted_temperature(logits[known], labels[known]) if known.any() else 1.0


def fer7_labels(faces: FaceDataset, rows: Rows) -> Classes:
    return faces.labels[rows].astype(np.intp)


def evaluate(
    score: Scorer, faces: FaceDataset, split: Split, temperatures: Temperatures, draws: int = DRAWS
) -> dict[str, Any]:
    """All figures on the test part: FER+ by its own rule, and FER2013's labels on every row."""
    ferplus, fer7 = score(split.test)
    scored = has_majority_label(faces.votes[split.test])
    labels = fer7_labels(faces, split.test)
    return {
        "temperature": {"expressions": temperatures.expressions, "fer7": temperatures.fer7},
        "ferplus": _ferplus_figures(
            ferplus[scored], faces.votes[split.test][scored], temperatures.expressions, draws
        ),
        "fer7": all_figures(
            softmax(fer7[labels >= 0], temperatures.fer7), labels[labels >= 0], FER7_LABELS, draws
        ),
    }


def _ferplus_figures(
    logits: Doubles, votes: Pixels, temperature: float, draws: int
) -> dict[str, Any]:
    wanted, eight = compute_majority_labels(votes), softmax(logits, temperature)
    agreement = votes[np.arange(len(wanted)), wanted]
    most = _figures_of_part(eight, wanted, agreement >= MOST_AGREE)
    figures = all_figures(eight, wanted, LABELS, draws)
    if most["faces"]:
        figures["interval_95"]["accuracy_where_8_of_10_agree"] = most["interval_95"]
    return {
        **figures,
        "ece_before_temperature": expected_calibration_error(softmax(logits), wanted),
        "accuracy_where_8_of_10_agree": most["accuracy"],
        "faces_where_8_of_10_agree": most["faces"],
        "by_agreement": by_agreement(eight, wanted, agreement),
    }


def by_agreement(
    probabilities: Doubles, wanted: Classes, agreement: Pixels
) -> dict[str, dict[str, Any]]:
    """Accuracy by how many of the ten annotators chose the label that counts."""
    parts = {"at most 5": agreement <= 5, "6 or 7": (agreement > 5) & (agreement < MOST_AGREE)}
    parts |= {"8 or 9": (agreement >= MOST_AGREE) & (agreement < 10), "10": agreement >= 10}
    return {
        name: _figures_of_part(probabilities, wanted, part)
        for name, part in parts.items()
        if part.any()
    }


def _figures_of_part(
    probabilities: Doubles, wanted: Classes, part: NDArray[np.bool_]
) -> dict[str, Any]:
    right = (probabilities.argmax(axis=1) == wanted)[part]
    return {
        "faces": len(right),
        "accuracy": float(right.mean()) if len(right) else None,
        "interval_95": of_share(int(right.sum()), len(right)),
    }


def accuracy_lost(
    score: Scorer, against: Scorer, faces: FaceDataset, split: Split, draws: int = DRAWS
) -> dict[str, Any]:
    """What `score` loses against another scorer on the test part; below 0 where it gains.

    Both see the same faces, so that the interval is of the difference itself.
    """
    votes, labels = faces.votes[split.test], fer7_labels(faces, split.test)
    heads = {
        "ferplus": (has_majority_label(votes), compute_majority_labels(votes)),
        "fer7": (labels >= 0, labels),
    }
    lost: dict[str, Any] = {"draws": draws}
    for (name, (kept, wanted)), said, others in zip(
        heads.items(), score(split.test), against(split.test), strict=True
    ):
        right, other = (each[kept].argmax(axis=1) == wanted[kept] for each in (said, others))
        difference = other.astype(np.float64) - right
        lost[name] = {
            "faces": len(difference),
            "accuracy_lost": float(difference.mean()),
            "interval_95": of_mean(difference, draws),
        }
    return lost
