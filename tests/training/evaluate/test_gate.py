"""The release gate: temperature and limits on clean and shifted validation faces."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.dataset import FaceDataset
from inference.training.evaluate import gate
from inference.training.evaluate.evaluation import Scorer
from inference.training.evaluate.gate import (
    LIMITS,
    ValidationLogits,
    choose_temperature,
    format_gate,
    list_gate_failures,
    measure_gate,
    score_validation,
)
from inference.training.evaluate.metrics import Classes, Doubles, fit_temperature


def make_scorer(faces: FaceDataset) -> Scorer:
    """Right, more confident than it should be."""

    def score(rows: Classes) -> tuple[Doubles, Doubles]:
        rng = np.random.default_rng(0)
        logits = rng.normal(0, 1, (len(rows), 8))
        logits[np.arange(len(rows)), faces.votes[rows, :8].argmax(axis=1)] += 3
        return logits * 2, np.zeros((len(rows), 7))

    return score


@pytest.fixture
def logits(synthetic_faces: FaceDataset) -> ValidationLogits:
    return score_validation(make_scorer, synthetic_faces, np.arange(60))


def test_equal_graphs_lose_nothing(logits: ValidationLogits) -> None:
    measured = measure_gate(logits, logits, 1.0)
    assert measured["faces"] == 60
    assert measured["int8_loss"] == measured["int8_loss_shifted"] == 0.0
    assert set(LIMITS) < set(measured)
    text = format_gate(measured)
    assert all(limit.title in text for limit in LIMITS.values())


def test_a_worse_graph_loses_accuracy_on_both(logits: ValidationLogits) -> None:
    def break_sixth(scores: Doubles) -> Doubles:
        worse = scores.copy()
        worse[::6] = -worse[::6]
        return worse

    worse = replace(logits, clean=break_sixth(logits.clean), shifted=break_sixth(logits.shifted))
    measured = measure_gate(worse, logits, 1.0)
    assert measured["int8_loss"] > 0.1
    assert measured["int8_loss_shifted"] > 0.1
    low, high = measured["interval_95"]["int8_loss_shifted"]
    assert low < measured["int8_loss_shifted"] < high


def test_the_temperature_serves_clean_and_shifted_faces(logits: ValidationLogits) -> None:
    labels = np.tile(logits.labels, len(logits.faces.kinds))
    noisy = replace(logits, shifted=logits.shifted * 2)
    ends = sorted(
        (fit_temperature(noisy.clean, noisy.labels), fit_temperature(noisy.shifted, labels))
    )
    assert ends[0] < ends[1]
    assert ends[0] * 0.99 <= choose_temperature(noisy) <= ends[1] * 1.01


def test_limits_are_enforced_from_a_thousand_faces_on() -> None:
    good = {name: limit.goal / 100 for name, limit in LIMITS.items()} | {"faces": 1800}
    assert list_gate_failures(good) == []
    for name, limit in LIMITS.items():
        bad = good | {name: limit.floor / 100 + 0.001}
        (failure,) = list_gate_failures(bad)
        assert failure.startswith(limit.title)
        assert list_gate_failures(bad | {"faces": gate.MIN_GATE_FACES - 1}) == []
