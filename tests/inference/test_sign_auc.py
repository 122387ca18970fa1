"""The table of signs against expressions."""

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.results import SIGNS
from tests.inference.sign_auc import MIN_FACES, YAW_BINS, Groups, Signs, compute_auc, format_auc


def test_auc_counts_ties_half() -> None:
    assert compute_auc([1, 2], [0, 1]) == pytest.approx(0.875)
    assert compute_auc([0], [1]) == 0.0
    assert compute_auc([1, 1], [1, 1]) == 0.5


def test_the_table_has_a_row_per_sign_and_yaw() -> None:
    low: list[Signs] = [dict.fromkeys(SIGNS, 0.1)] * MIN_FACES
    high: list[Signs] = [dict.fromkeys(SIGNS, 0.9)] * MIN_FACES
    groups: Groups = {("neutral", YAW_BINS[0]): low, ("happiness", YAW_BINS[0]): high}
    lines = list(format_auc(groups))
    smile = next(line for line in lines if line.startswith("| smile | 0 to 10"))
    assert smile.startswith("| smile | 0 to 10 | 1.00 | - |")
    assert sum(line.startswith("| ") for line in lines) == 1 + len(SIGNS) * len(YAW_BINS)
    assert lines[-1].startswith("faces at 20 to 40 degrees")
