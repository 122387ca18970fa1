import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.evaluate import Scorer, evaluate, fitted_temperatures, report_text
from inference.training.export import Temperatures
from inference.training.faces import FaceSet, Rows, majority
from inference.training.metrics import Doubles
from inference.training.splits import official_split


def scorer(faces: FaceSet, sureness: float, wrong: int = 0) -> Scorer:
    """Logits that are right, but for the first `wrong` rows asked for."""

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        said = majority(faces.votes[rows]).copy()
        said[:wrong] = (said[:wrong] + 1) % 4
        return np.eye(8)[said] * sureness, np.eye(7)[faces.labels[rows]] * sureness

    return score


def test_figures_are_of_the_test_part(synthetic_faces: FaceSet) -> None:
    split = official_split(synthetic_faces, 0, 0.2)
    figures = evaluate(
        scorer(synthetic_faces, 5, wrong=5), synthetic_faces, split, Temperatures(), draws=20
    )
    assert figures["ferplus"]["faces"] == 20
    assert figures["ferplus"]["accuracy"] == 0.75
    assert figures["fer7"]["accuracy"] == 1.0
    text = report_text("model", figures)
    assert "0.7500" in text
    assert "surprise" in text


def test_temperature_changes_confidence_and_not_accuracy(synthetic_faces: FaceSet) -> None:
    split = official_split(synthetic_faces, 0, 0.2)
    score = scorer(synthetic_faces, 5, wrong=5)
    sure, soft = (
        evaluate(score, synthetic_faces, split, Temperatures(t, t), draws=20) for t in (0.5, 3.0)
    )
    assert sure["ferplus"]["accuracy"] == soft["ferplus"]["accuracy"]
    assert sure["ferplus"]["loss"] > soft["ferplus"]["loss"]


def test_temperature_is_fitted_on_the_validation_part(synthetic_faces: FaceSet) -> None:
    validation = official_split(synthetic_faces, 0, 0.2).validation
    right = fitted_temperatures(scorer(synthetic_faces, 5), synthetic_faces, validation)
    unsure = fitted_temperatures(scorer(synthetic_faces, 5, wrong=8), synthetic_faces, validation)
    assert right.expressions < unsure.expressions
