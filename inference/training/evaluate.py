"""Figures of a trained run, or of a released model through the very runtime that serves it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.expressions import FER7_LABELS, ExpressionClassifier
from inference.results import LABELS
from inference.training.errors import WrongCheckpoint
from inference.training.export import Temperatures
from inference.training.faces import FaceSet, Pixels, Rows, majority, scored_rows
from inference.training.metrics import (
    Classes,
    Doubles,
    accuracy,
    all_figures,
    expected_calibration_error,
    fitted_temperature,
    softmax,
)
from inference.training.networks import ExpressionNetwork, read_checkpoint
from inference.training.scores import logits_of
from inference.training.splits import Split
from inference.training.train import BEST

MOST_AGREE = 8
"""of ten annotators"""

Scorer = Callable[[Rows], tuple[Doubles, Doubles]]
"""Row numbers -> logits (or log probabilities) of both heads, [N, 8] and [N, 7]."""


def load_run(run: Path) -> tuple[ExpressionNetwork, int]:
    """A run's best averaged network and its input side. Raises WrongCheckpoint."""
    if not (run / BEST).exists():
        raise WrongCheckpoint(f"{run / BEST} is missing; train until the last picture size")
    saved = read_checkpoint(run / BEST)
    network = ExpressionNetwork(saved["architecture"], saved.get("stem_stride", 2))
    network.load_state_dict(saved["state"])
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval(), saved["side"]


def run_scorer(network: ExpressionNetwork, side: int, faces: FaceSet) -> Scorer:
    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        ferplus, fer7 = logits_of(network, faces, rows, side)
        return ferplus.double().numpy(), fer7.double().numpy()

    return score


def released_scorer(classifier: ExpressionClassifier, faces: FaceSet) -> Scorer:
    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        crops = list(faces.images[rows])
        eight, seven = classifier.classify(crops), classifier.classify_fer7(crops)
        return np.log(eight.astype(np.float64) + 1e-12), np.log(seven.astype(np.float64) + 1e-12)

    return score


def fitted_temperatures(score: Scorer, faces: FaceSet, validation: Rows) -> Temperatures:
    ferplus, fer7 = score(validation)
    scored = scored_rows(faces.votes[validation])
    return Temperatures(
        expressions=fitted_temperature(ferplus[scored], majority(faces.votes[validation])[scored]),
        fer7=_fer7_temperature(fer7, fer7_labels(faces, validation)),
    )


def _fer7_temperature(logits: Doubles, labels: Classes) -> float:
    """1 where no face has one of the seven labels."""
    known = labels >= 0
    return fitted_temperature(logits[known], labels[known]) if known.any() else 1.0


def fer7_labels(faces: FaceSet, rows: Rows) -> Classes:
    return faces.labels[rows].astype(np.intp)


def evaluate(
    score: Scorer, faces: FaceSet, split: Split, temperatures: Temperatures, draws: int = 1000
) -> dict[str, Any]:
    """All figures on the test part: FER+ by its own rule, and FER2013's labels on every row."""
    ferplus, fer7 = score(split.test)
    votes = faces.votes[split.test]
    scored = scored_rows(votes)
    wanted = majority(votes)[scored]
    eight = softmax(ferplus[scored], temperatures.expressions)
    agreement = votes[scored][np.arange(len(wanted)), wanted]
    agreed = agreement >= MOST_AGREE
    known = split.test[faces.labels[split.test] >= 0]
    fer7 = fer7[faces.labels[split.test] >= 0]
    return {
        "temperature": {"expressions": temperatures.expressions, "fer7": temperatures.fer7},
        "ferplus": {
            **all_figures(eight, wanted, LABELS, draws),
            "ece_before_temperature": expected_calibration_error(softmax(ferplus[scored]), wanted),
            "accuracy_where_8_of_10_agree": accuracy(eight[agreed], wanted[agreed])
            if agreed.any()
            else None,
            "faces_where_8_of_10_agree": int(agreed.sum()),
            "by_agreement": by_agreement(eight, wanted, agreement),
        },
        "fer7": all_figures(
            softmax(fer7, temperatures.fer7), fer7_labels(faces, known), FER7_LABELS, draws
        ),
    }


def by_agreement(
    probabilities: Doubles, wanted: Classes, agreement: Pixels
) -> dict[str, dict[str, float]]:
    """Accuracy by how many of the ten annotators chose the label that counts."""
    parts = {"at most 5": agreement <= 5, "6 or 7": (agreement > 5) & (agreement < MOST_AGREE)}
    parts |= {"8 or 9": (agreement >= MOST_AGREE) & (agreement < 10), "10": agreement >= 10}
    return {
        name: {"faces": int(part.sum()), "accuracy": accuracy(probabilities[part], wanted[part])}
        for name, part in parts.items()
        if part.any()
    }


def report_text(name: str, figures: dict[str, Any]) -> str:
    """The figures of `evaluate` as a table for people."""
    parts = [f"{name}: FER+ by its own rule", *_table(figures["ferplus"]), ""]
    parts += [f"{name}: FER2013's seven labels", *_table(figures["fer7"])]
    return "\n".join(parts)


def _table(figures: dict[str, Any]) -> list[str]:
    lines = [f"  {'faces':28} {figures['faces']}"]
    for key, value in figures.items():
        if isinstance(value, float):
            low, high = figures["interval_95"].get(key, (None, None))
            interval = f"  [{low:.4f}, {high:.4f}]" if low is not None else ""
            lines.append(f"  {key:28} {value:.4f}{interval}")
    lines.append(f"  {'':12}{'precision':>10}{'recall':>10}{'f1':>10}{'faces':>8}  said as")
    for (label, each), row in zip(figures["classes"].items(), figures["confusion"], strict=True):
        said = " ".join(f"{n:4d}" for n in row)
        lines.append(
            f"  {label:12}{each['precision']:10.3f}{each['recall']:10.3f}{each['f1']:10.3f}"
            f"{each['faces']:8d}  {said}"
        )
    return lines
