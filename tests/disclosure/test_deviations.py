"""Weight and noise of the own data of few members, in classes of all sizes."""

from dataclasses import replace

import numpy as np
import pytest

from fer_lms.disclosure import figures as figures_module
from fer_lms.disclosure.cohort import LiveDecision
from fer_lms.disclosure.deviations import (
    average_deviations,
    compute_full_weight_members,
    weigh_own_data,
)
from fer_lms.disclosure.figures import compute_final, compute_live
from fer_lms.disclosure.records import BoolArray, FloatArray
from tests.disclosure.simulation import make_record

K = 5
SIZES = [(0, 6), (8, 6), (12, 6), (13, 7), (24, 12), (300, 150)]


@pytest.mark.parametrize(("present", "full"), SIZES)
def test_own_data_counts_fully_from_half_of_a_large_class(present: int, full: int) -> None:
    assert compute_full_weight_members(present) == full
    weights = weigh_own_data(np.tri(full + 9, dtype=bool).T, full)
    totals = weights.sum(axis=0)
    assert totals[0] == 0
    assert (np.diff(totals) > -1e-9).all()
    assert totals[full - 2] < 1
    assert totals[full - 1 :] == pytest.approx(1)
    assert weights.max() <= 1 / 6 + 1e-9
    assert present <= 12 or (weights**2).sum(axis=0).max() < 1.1 / full, "varies as full data does"


@pytest.mark.parametrize("full", [7, 12, 150])
def test_noise_of_a_large_class_ends_where_own_data_is_full(full: int) -> None:
    """Else a live and a final figure would differ until the last member is seen, then agree."""
    random = np.random.default_rng(full)
    has_data = np.tri(full + 9, dtype=bool).T
    common = random.normal(0, 0.2, (1, has_data.shape[1], 1))
    deviations = common + random.normal(0, 0.1, (*has_data.shape, 1))
    weights = weigh_own_data(has_data, full)
    drawn = [
        average_deviations(deviations, weights, np.full((has_data.shape[1], 1), value), full)
        for value in (0.0, 1.0)
    ]
    noise = (drawn[1] - drawn[0])[:, 0]
    assert np.isfinite(noise).all()
    assert (noise[full - 1 :] < 1e-6).all()
    assert noise[1] > 0.05
    assert noise[full - 2] < 0.6 * noise[1]


@pytest.mark.parametrize("cameras", [14, 24])
def test_full_weight_depends_on_attendance_not_on_cameras(
    cameras: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def weigh(has_data: BoolArray, full_members: int) -> FloatArray:
        used.append(full_members)
        return weigh_own_data(has_data, full_members)

    monkeypatch.setattr(figures_module, "weigh_own_data", weigh)
    record = make_record(24, cameras=range(cameras))
    members = frozenset(record.students[:cameras])
    decision = LiveDecision(members, present=frozenset(record.students))
    compute_final(record, K, decision=decision)
    compute_final(record, K)
    compute_live(replace(record, first_bin_second=0.0), K, decision)
    assert set(used) == {12}
