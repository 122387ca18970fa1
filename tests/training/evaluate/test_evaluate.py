import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import ExpressionClassifier, list_released_models
from inference.training.data.dataset import FaceDataset, Rows, compute_majority_labels
from inference.training.data.splits import make_official_split
from inference.training.evaluate.evaluation import (
    Scorer,
    compute_accuracy_loss,
    evaluate,
    fit_temperatures,
    make_onnx_scorer,
)
from inference.training.evaluate.metrics import Doubles
from inference.training.networks.onnx_export import Temperatures
from inference.training.report.evaluation_text import format_accuracy_loss, format_evaluation


def scorer(faces: FaceDataset, sureness: float, wrong: int = 0) -> Scorer:
    """Logits that are right, but for the first `wrong` requested rows."""

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        said = compute_majority_labels(faces.votes[rows]).copy()
        said[:wrong] = (said[:wrong] + 1) % 4
        return np.eye(8)[said] * sureness, np.eye(7)[faces.labels[rows]] * sureness

    return score


def test_metrics_are_of_the_test_part(synthetic_faces: FaceDataset) -> None:
    split = make_official_split(synthetic_faces, 0, 0.2)
    figures = evaluate(
        scorer(synthetic_faces, 5, wrong=5), synthetic_faces, split, Temperatures(), draws=20
    )
    assert figures["ferplus"]["faces"] == 20
    assert figures["ferplus"]["accuracy"] == 0.75
    assert figures["fer7"]["accuracy"] == 1.0
    text = format_evaluation("model", figures)
    assert "0.7500" in text
    assert "surprise" in text


def test_temperature_changes_confidence_and_not_accuracy(synthetic_faces: FaceDataset) -> None:
    split = make_official_split(synthetic_faces, 0, 0.2)
    score = scorer(synthetic_faces, 5, wrong=5)
    sure, soft = (
        evaluate(score, synthetic_faces, split, Temperatures(t, t), draws=20) for t in (0.5, 3.0)
    )
    assert sure["ferplus"]["accuracy"] == soft["ferplus"]["accuracy"]
    assert sure["ferplus"]["loss"] > soft["ferplus"]["loss"]


def test_temperature_is_fitted_on_the_validation_part(synthetic_faces: FaceDataset) -> None:
    validation = make_official_split(synthetic_faces, 0, 0.2).validation
    right = fit_temperatures(scorer(synthetic_faces, 5), synthetic_faces, validation)
    unsure = fit_temperatures(scorer(synthetic_faces, 5, wrong=8), synthetic_faces, validation)
    assert right.expressions < unsure.expressions


def test_classes_and_agreement_bands_have_intervals(
    synthetic_faces: FaceDataset,
) -> None:
    split = make_official_split(synthetic_faces, 0, 0.2)
    score = scorer(synthetic_faces, 5, wrong=5)
    eight = evaluate(score, synthetic_faces, split, Temperatures(), draws=20)["ferplus"]
    assert eight["draws"] == 20
    assert eight["faces_where_8_of_10_agree"] == eight["by_agreement"]["8 or 9"]["faces"] == 20
    low, high = eight["interval_95"]["accuracy_where_8_of_10_agree"]
    assert low < eight["accuracy_where_8_of_10_agree"] == 0.75 < high
    assert eight["by_agreement"]["8 or 9"]["interval_95"] == (low, high)
    for metrics in eight["classes"].values():
        for name, interval in metrics["interval_95"].items():
            assert interval is None or interval[0] <= metrics[name] <= interval[1]
    assert eight["classes"]["contempt"]["interval_95"]["recall"] is None, "nobody shows it"


def test_the_temperature_of_a_released_graph_is_undone(synthetic_faces: FaceDataset) -> None:
    """Log probabilities times the temperature inside: as if the graph had none."""
    _, models = list_released_models()
    classifier = ExpressionClassifier(models["mobilenet_v2"])
    rows, inside = np.arange(4), Temperatures(0.5, 2.0)
    plain = make_onnx_scorer(classifier, synthetic_faces)(rows)
    undone = make_onnx_scorer(classifier, synthetic_faces, inside)(rows)
    assert undone[0] == pytest.approx(plain[0] * 0.5)
    assert undone[1] == pytest.approx(plain[1] * 2.0)
    split = make_official_split(synthetic_faces, 0, 0.2)
    figures = evaluate(
        make_onnx_scorer(classifier, synthetic_faces, inside), synthetic_faces, split, inside, 20
    )
    served = evaluate(
        make_onnx_scorer(classifier, synthetic_faces), synthetic_faces, split, Temperatures(), 20
    )
    assert figures["temperature"] == {"expressions": 0.5, "fer7": 2.0}
    assert figures["ferplus"]["loss"] == pytest.approx(served["ferplus"]["loss"])
    assert figures["ferplus"]["ece_before_temperature"] != served["ferplus"]["ece"]


def test_accuracy_loss_is_paired_by_face(
    synthetic_faces: FaceDataset,
) -> None:
    split = make_official_split(synthetic_faces, 0, 0.2)
    good, bad = scorer(synthetic_faces, 5, wrong=2), scorer(synthetic_faces, 5, wrong=5)
    lost = compute_accuracy_loss(bad, good, synthetic_faces, split)
    assert lost["ferplus"]["accuracy_lost"] == pytest.approx(0.15)
    low, high = lost["ferplus"]["interval_95"]
    assert 0 <= low < 0.15 < high < 0.4, "unpaired it would reach below 0"
    assert lost["fer7"] == {"faces": 20, "accuracy_lost": 0.0, "interval_95": (0.0, 0.0)}
    back = compute_accuracy_loss(good, bad, synthetic_faces, split)
    assert back["ferplus"]["accuracy_lost"] == pytest.approx(-0.15)
    assert "+0.1500" in format_accuracy_loss({"model": "good", **lost})
