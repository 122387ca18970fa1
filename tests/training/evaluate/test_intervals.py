"""Coverage of the confidence intervals."""

import numpy as np
import pytest

from inference.training.evaluate.intervals import (
    bootstrap_gap_interval,
    bootstrap_mean_interval,
    compute_wilson_interval,
)


@pytest.mark.parametrize(
    ("true", "faces"),
    [
        ([0.87] * 2, [200] * 2),
        ([0.87] * 6, [100] * 6),
        ([0.89] + [0.85] * 5, [100] * 6),
        ([0.87] * 10, [60] * 10),
        ([0.97, 0.9], [15, 15]),
        ([0.9, 0.6], [200, 200]),
    ],
)
def test_the_true_gap_is_in_the_interval(true: list[float], faces: list[int]) -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(60):
        hits = rng.binomial(faces, true)
        low, high = bootstrap_gap_interval(hits.tolist(), faces, draws=200)
        assert low <= np.ptp(hits / np.array(faces)) <= high
        held += low <= np.ptp(true) <= high
    assert held >= 54


def test_a_large_gap_is_distinguished_from_none() -> None:
    low, high = bootstrap_gap_interval([180, 120], [200, 200])
    assert 0.2 < low < 0.3 < high < 0.4


def test_wilson_intervals_cover_shares_of_few_faces() -> None:
    rng = np.random.default_rng(1)
    for true, faces in ((0.95, 13), (0.5, 13), (0.99, 60)):
        intervals = [
            compute_wilson_interval(int(hits), faces) for hits in rng.binomial(faces, true, 400)
        ]
        held = sum(low <= true <= high for low, high in filter(None, intervals))
        assert held >= 360
    assert compute_wilson_interval(0, 0) is None
    assert compute_wilson_interval(13, 13) == pytest.approx((0.7719, 1.0), abs=1e-3)


def test_bootstrap_intervals_cover_the_mean() -> None:
    low, high = bootstrap_mean_interval(np.repeat([0.0, 1.0], 500))
    assert low == pytest.approx(0.469, abs=0.01)
    assert high == pytest.approx(0.531, abs=0.01)
