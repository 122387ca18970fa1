from typing import Any

import pytest

from tests.bench.load.learner_client import LearnerLog
from tests.bench.load.reconciliation import check_windows, sum_frames
from tests.bench.metrics import compute_fairness, compute_percentile

START = 1_800_000_000.0
"""Unix time at which a window starts."""


def build_log(seconds: int = 20, **ack: Any) -> LearnerLog:
    """Build the log of a learner who sent one frame a second, half a second into each."""
    sent = {seq: START + seq + 0.5 for seq in range(seconds)}
    counts = {"received": seconds, "accepted": seconds, "processed": seconds, "in_flight": 0}
    return LearnerLog(sent_at=sent, ack=counts | {"refused": {}, "lost": {}} | ack)


def build_window(start: str, count: int = 10, **fields: Any) -> dict[str, Any]:
    counts = {"received": count, "accepted": count, "processed": count}
    return {
        "start": f"2027-01-15T08:00:{start}Z",
        "state": "closed",
        "refused": {},
        "lost": {},
    } | (counts | fields)


def test_equal_windows_have_no_problem() -> None:
    check = check_windows(build_log(), [build_window("00"), build_window("10")])
    assert (check.expected, check.found, check.wrong, check.problems) == (2, 2, 0, [])


def test_missing_window_is_reported() -> None:
    check = check_windows(build_log(), [build_window("00")])
    assert (check.expected, check.found) == (2, 1)
    assert any(line.endswith("missing") for line in check.problems)


@pytest.mark.parametrize(
    "fields",
    [
        {"processed": 9},
        {"accepted": 9, "processed": 9},
        {"state": "provisional"},
        {"processed": 9, "lost": {"late": 2}},
    ],
)
def test_window_with_unbalanced_counts_is_wrong(fields: dict[str, Any]) -> None:
    assert check_windows(build_log(), [build_window("00", **fields), build_window("10")]).wrong == 1


def test_sums_other_than_socket_make_one_window_wrong() -> None:
    check = check_windows(build_log(), [build_window("00"), build_window("10", count=9)])
    assert check.wrong == 1
    assert "received 19 in the windows, 20 on the socket" in check.problems[-1]


def test_loss_with_other_reason_is_a_difference() -> None:
    sent = build_log(processed=19, lost={"superseded": 1})
    late = build_window("10", processed=9, lost={"late": 1})
    assert check_windows(sent, [build_window("00"), late]).wrong == 1


def test_window_without_sent_frame_is_wrong() -> None:
    assert (
        check_windows(build_log(10), [build_window("00"), build_window("30", count=0)]).wrong == 1
    )


def test_last_frame_at_window_end_may_be_in_either_window() -> None:
    edge = build_log(10)
    edge.sent_at[10] = START + 9.9
    edge.ack |= {"received": 11, "accepted": 11, "processed": 11}
    assert check_windows(edge, [build_window("00", count=11)]).problems == []
    both = check_windows(edge, [build_window("00"), build_window("10", count=1)])
    assert (both.expected, both.found, both.problems) == (2, 2, [])


def test_uncounted_frame_makes_totals_unbalanced() -> None:
    assert sum_frames([build_log().ack]).is_balanced
    assert sum_frames([build_log(in_flight=1, processed=19).ack]).is_balanced
    assert not sum_frames([build_log(processed=19).ack]).is_balanced
    assert not sum_frames([build_log(refused={"bad_seq": 1}).ack]).is_balanced


def test_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [compute_percentile(values, share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert compute_percentile([7.0], 0.99) == 7
    assert compute_percentile([], 0.5) is None


def test_fairness_is_largest_over_smallest() -> None:
    assert compute_fairness([10, 20]) == 2
    assert compute_fairness([10, 0]) is None
