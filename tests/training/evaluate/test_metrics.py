import numpy as np
import pytest

from inference.training.evaluate.metrics import (
    compute_accuracy,
    compute_accuracy_at_coverage,
    compute_all_metrics,
    compute_balanced_accuracy,
    compute_bootstrap_interval,
    compute_calibration_error,
    compute_calibration_interval,
    compute_class_intervals,
    compute_class_metrics,
    compute_confusion_matrix,
    compute_log_loss,
    fit_temperature,
    simulate_calibration_errors,
    softmax,
)

WANTED = np.array([0, 0, 0, 1])
SAID = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.7, 0.3]])


def test_metrics_of_four_faces_computed_by_hand() -> None:
    assert compute_accuracy(SAID, WANTED) == 0.5
    assert compute_balanced_accuracy(SAID, WANTED) == pytest.approx((2 / 3 + 0) / 2)
    assert compute_log_loss(SAID, WANTED) == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.3]).mean())
    matrix = compute_confusion_matrix(WANTED, SAID.argmax(axis=1), 2)
    assert matrix.tolist() == [[2, 1], [1, 0]]
    first, second = compute_class_metrics(matrix)
    assert (first.precision, first.recall, first.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (second.precision, second.recall, second.f1, second.faces) == (0, 0, 0, 1)


def test_the_most_confident_faces_are_covered() -> None:
    sure = np.tile([0.99, 0.01], (85, 1))
    unsure = np.tile([0.55, 0.45], (15, 1))
    wanted = np.array([0] * 85 + [1] * 15)
    assert compute_accuracy_at_coverage(np.vstack([unsure, sure]), wanted[::-1]) == 1.0


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    probabilities = np.tile([0.9, 0.1], (1500, 1))
    rng = np.random.default_rng(0)
    right = rng.permutation(np.array([0] * 1350 + [1] * 150))
    assert compute_calibration_error(probabilities, right) < 0.03
    assert compute_calibration_error(probabilities, np.ones(1500, int)) == pytest.approx(0.9)


def test_temperature_undoes_a_known_overconfidence() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 4))
    wanted = np.array([rng.choice(4, p=row) for row in softmax(logits)])
    assert fit_temperature(logits * 2.5, wanted) == pytest.approx(2.5, rel=0.05)


def test_the_interval_contains_the_metric_and_narrows_with_more_faces() -> None:
    rng = np.random.default_rng(2)

    def width(faces: int) -> float:
        wanted = (rng.random(faces) < 0.2).astype(int)
        probabilities = np.tile([0.7, 0.3], (faces, 1))
        low, high = compute_bootstrap_interval(compute_accuracy, probabilities, wanted, draws=300)
        assert low <= compute_accuracy(probabilities, wanted) <= high
        return high - low

    assert width(2000) < width(100) / 2


def test_all_metrics_are_json_ready() -> None:
    import json

    figures = compute_all_metrics(SAID, WANTED, ("calm", "other"), draws=20)
    assert json.loads(json.dumps(figures))["classes"]["calm"]["faces"] == 3
    assert set(figures["interval_95"]) <= set(figures)
    right = compute_all_metrics(np.eye(2)[[0] * 10], np.zeros(10, int), ("calm", "other"), draws=20)
    assert right["interval_95"]["accuracy"] == pytest.approx((0.7225, 1.0), abs=1e-3)


def test_few_correct_faces_have_a_wide_interval() -> None:
    """One of four said first class is wrong; of the two of the second none was found."""
    first, second = compute_class_intervals(np.array([[3, 0], [2, 0]]))
    assert first["recall"] == pytest.approx((0.4385, 1.0), abs=1e-3), "Wilson, 3 of 3"
    assert first["precision"] == pytest.approx((0.2307, 0.8824), abs=1e-3), "Wilson, 3 of 5"
    assert second["precision"] is None, "never said"
    low, high = second["recall"] or (None, None)
    assert low == 0
    assert high == pytest.approx(0.6576, abs=1e-3)
    assert first["f1"] == pytest.approx((2 * 0.2307 / 1.2307, 2 * 0.8824 / 1.8824), abs=1e-3)


@pytest.mark.parametrize("slope", [0.0, 0.05, 0.2])
def test_the_calibration_error_of_the_population_is_in_the_interval(slope: float) -> None:
    """Accuracy falls behind confidence by a known part, 0 meaning perfect calibration."""
    rng = np.random.default_rng(4)
    true = slope * (0.75 - 0.2)
    held, above = 0, 0
    for _ in range(25):
        sure = rng.uniform(0.5, 1, 800)
        right = rng.random(800) < sure - slope * (sure - 0.2)
        probabilities, wanted = np.stack([sure, 1 - sure], axis=1), np.where(right, 0, 1)
        chance = simulate_calibration_errors(probabilities, 50)
        low, high = compute_calibration_interval(probabilities, wanted, float(chance.mean()), 100)
        found = compute_calibration_error(probabilities, wanted)
        assert low <= found <= high
        held += int(low <= true <= high)
        above += int(found > np.percentile(chance, 97.5))
    assert held >= 22
    assert above <= 4 if slope == 0 else above >= 10 * (slope > 0.1)
