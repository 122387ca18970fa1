"""Figures of a trained run, or of a released model through the very runtime that serves it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.expressions import FER7_LABELS, ExpressionClassifier
from inference.results import LABELS
from inference.training.export import Temperatures
from inference.training.faces import FaceSet, Rows, Split, majority, scored_rows
from inference.training.metrics import (
    Classes,
    Doubles,
    accuracy,
    all_figures,
    expected_calibration_error,
    fitted_temperature,
    softmax,
)
from inference.training.networks import ExpressionNetwork
from inference.training.scores import logits_of
from inference.training.train import BEST

Scorer = Callable[[Rows], tuple[Doubles, Doubles]]
"""Row numbers -> logits (or log probabilities) of both heads, [N, 8] and [N, 7]."""


def load_run(run: Path) -> tuple[ExpressionNetwork, int]:
    """A run's best averaged network and its input side; FileNotFoundError where it has none yet."""
    if not (run / BEST).exists():
        raise FileNotFoundError(f"{run / BEST} is missing; train until the last picture size")
    saved = torch.load(run / BEST, map_location="cpu", weights_only=True)
    network = ExpressionNetwork(saved["architecture"])
    network.load_state_dict(saved["state"])
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
        fer7=fitted_temperature(fer7, fer7_labels(faces, validation)),
    )


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
    agreed = votes[scored][np.arange(len(wanted)), wanted] >= 8
    return {
        "temperature": {"expressions": temperatures.expressions, "fer7": temperatures.fer7},
        "ferplus": {
            **all_figures(eight, wanted, LABELS, draws),
            "ece_before_temperature": expected_calibration_error(softmax(ferplus[scored]), wanted),
            "accuracy_where_8_of_10_agree": accuracy(eight[agreed], wanted[agreed]),
            "faces_where_8_of_10_agree": int(agreed.sum()),
        },
        "fer7": all_figures(
            softmax(fer7, temperatures.fer7), fer7_labels(faces, split.test), FER7_LABELS, draws
        ),
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
