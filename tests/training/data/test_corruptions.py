"""Corruptions, robustness, and the gallery of the most confident errors."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.corruptions import CORRUPTIONS, add_glasses, add_mask
from inference.training.data.dataset import FaceDataset, Rows
from inference.training.evaluate.evaluation import Scorer, compute_accuracy_by_agreement
from inference.training.evaluate.metrics import Doubles, compute_reliability, compute_risk_coverage
from inference.training.evaluate.robustness import (
    format_robustness,
    list_confident_errors,
    measure_robustness,
)


@pytest.fixture
def face() -> np.ndarray:
    return np.random.default_rng(3).integers(60, 200, (48, 48)).astype(np.uint8)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corruptions_are_graded_and_deterministic_and_copy(name: str, face: np.ndarray) -> None:
    before = face.copy()
    changes = []
    for corrupt in CORRUPTIONS[name].values():
        out = corrupt(face)
        assert out.shape == (48, 48)
        assert out.dtype == np.uint8
        assert np.array_equal(out, corrupt(face))
        changes.append(np.abs(out.astype(int) - face).mean())
    assert 0 < changes[0] <= changes[1] <= changes[2]
    assert np.array_equal(face, before)


def test_a_mask_covers_the_mouth_and_glasses_the_eyes(face: np.ndarray) -> None:
    assert (add_mask(face, 0.35)[40, 18:30] == 200).all()
    assert np.array_equal(add_mask(face, 0.45)[:20], face[:20])
    dark = add_glasses(face, 1.0)
    assert dark[19, 15] < 40
    assert dark[19, 33] < 40
    assert np.array_equal(dark[30:], face[30:])


def brightness_scorer(faces: FaceDataset) -> Scorer:
    """Correct on bright faces only."""

    def score(rows: Rows) -> tuple[Doubles, Doubles]:
        said = np.where(faces.images[rows].mean(axis=(1, 2)) > 60, np.arange(len(rows)) % 4, 7)
        return np.eye(8)[said] * 9, np.zeros((len(rows), 7))

    return score


def test_robustness_is_lower_under_severe_corruption(synthetic_faces: FaceDataset) -> None:
    found = measure_robustness(brightness_scorer, synthetic_faces, np.arange(40))
    assert found["faces"] == 40
    assert found["accuracy"]["untouched"]["accuracy"] == 1.0
    assert found["accuracy"]["darker, times"]["0.2"]["accuracy"] == 0.0
    assert set(found["accuracy"]) == {"untouched", *CORRUPTIONS}
    assert "darker, times" in format_robustness(found)
    sample = measure_robustness(brightness_scorer, synthetic_faces, np.arange(40), max_faces=8)
    assert sample["faces"] == 8


def test_the_gallery_lists_the_most_confident_errors_first() -> None:
    probabilities = np.eye(8)[[1, 1, 2, 0]] * [[0.6], [0.9], [0.8], [1.0]]
    gallery = list_confident_errors(probabilities, np.zeros(4, int), np.array([10, 20, 30, 40]))
    assert [error["row"] for error in gallery["neutral"]] == [20, 30, 10]
    assert gallery["neutral"][0] == {"row": 20, "said": "happiness", "sureness": 0.9}
    assert gallery["fear"] == []
    files = np.array([f"happy/{row}.png" for row in range(50)])
    named = list_confident_errors(
        probabilities, np.zeros(4, int), np.array([10, 20, 30, 40]), files
    )
    assert named["neutral"][0]["file"] == "happy/20.png"


def test_accuracy_by_agreement_splits_at_the_votes() -> None:
    probabilities = np.eye(8)[[0, 0, 1, 1]]
    found = compute_accuracy_by_agreement(
        probabilities, np.array([0, 1, 1, 1]), np.array([10, 5, 8, 9], np.uint8)
    )
    assert {name: (each["faces"], each["accuracy"]) for name, each in found.items()} == {
        "at most 5": (1, 0.0),
        "8 or 9": (2, 1.0),
        "10": (1, 1.0),
    }


def test_full_coverage_is_accuracy_and_bins_have_equal_mass() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 300)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    wanted = (rng.random(300) > sure).astype(int)
    points = compute_risk_coverage(probabilities, wanted)
    assert points[-1]["coverage"] == 1.0
    assert points[-1]["accuracy"] == pytest.approx((wanted == 0).mean())
    assert points[0]["accuracy"] > points[-1]["accuracy"]
    bins = compute_reliability(probabilities, wanted)
    assert [item["faces"] for item in bins] == [20] * 15
