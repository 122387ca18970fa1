"""The choice of the cohort, and whether levels are shown, by attendance."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.disclosure.cohort import (
    ChosenCohort,
    LiveDecision,
    choose_final,
    decide_live,
    is_level_releasable,
    is_releasable,
    isolates_few,
)
from tests.disclosure.simulation import clear, keep_students, make_record

K = 5


def name(*numbers: int) -> frozenset[str]:
    return frozenset(f"s{number}" for number in numbers)


def span(first: int, last: int) -> frozenset[str]:
    return name(*range(first, last + 1))


def test_groups_are_equal_or_clearly_different() -> None:
    earlier = [span(0, 5)]
    assert is_releasable(span(0, 5), K, earlier)
    assert is_releasable(span(0, 10), K, earlier), "five more"
    assert is_releasable(span(20, 25), K, earlier), "no common student"
    assert not is_releasable(span(0, 6), K, earlier)
    assert not is_releasable(span(1, 5), K, earlier)
    assert not is_releasable(span(1, 6), K, earlier), "one exchanged"


def test_gate_refuses_a_combination_that_is_the_mean_of_few() -> None:
    """A + B - C is twice the sum of a pair; any two of the three differ by at least five."""
    first, second, others = span(0, 6), name(0, 1) | span(7, 11), span(2, 11)
    for earlier in ([], [first], [second]):
        assert is_releasable(others, K, earlier)
    assert is_releasable(second, K, [first])
    assert isolates_few([first, second, others], K)
    assert not is_releasable(others, K, [first, second])
    # As after a change of the threshold: what was shown is shown again, and tells nothing new.
    assert is_releasable(first, K, [first, second, others])


@pytest.mark.parametrize(("few", "expected"), [(4, True), (5, False)])
def test_mean_of_as_many_as_the_threshold_is_not_of_few(few: int, expected: bool) -> None:
    """The larger group without the smaller one; equal groups count once."""
    larger, smaller = span(0, 9 + few), span(0, 9)
    assert isolates_few([larger, smaller, larger], K) == expected


def test_gate_finds_chains_through_groups_without_common_students() -> None:
    """S - R1 + R2 - R3 isolates s0, and R2 has no student in common with S."""
    one, two, three = name(*range(1, 6), *range(10, 16)), span(10, 21), span(16, 21)
    candidate = name(0, *range(1, 6))
    assert not (candidate & two)
    assert not is_releasable(candidate, K, [one, two, three])


GROUPS = st.frozensets(st.sampled_from([f"s{n}" for n in range(9)]), min_size=K)


@given(groups=st.lists(GROUPS, min_size=1, max_size=6))
def test_a_group_that_isolates_a_student_isolates_few(groups: list[frozenset[str]]) -> None:
    students = sorted(set().union(*groups))
    matrix = np.array([[float(s in group) for s in students] for group in groups])
    rank = np.linalg.matrix_rank(matrix)
    units = np.eye(len(students))
    if any(np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank for unit in units):
        assert isolates_few(groups, K)


@given(groups=st.lists(GROUPS, max_size=8))
def test_released_groups_never_isolate_few(groups: list[frozenset[str]]) -> None:
    """Released one after another; also no two of them differ by a small group."""
    released: list[frozenset[str]] = []
    for group in groups:
        if is_releasable(group, K, released):
            released.append(group)
    assert not isolates_few(released, K) if released else True
    for one, other in combinations(set(released), 2):
        assert not (one & other) or len(one ^ other) >= K


@given(
    sessions=st.lists(
        st.tuples(
            st.frozensets(st.sampled_from([f"s{n}" for n in range(14)]), min_size=8),
            st.frozensets(st.sampled_from([f"s{n}" for n in range(14)])),
        ),
        max_size=5,
    )
)
def test_levels_of_two_sessions_never_have_many_students_in_common(
    sessions: list[tuple[frozenset[str], frozenset[str]]],
) -> None:
    """Whoever of those present shares a camera: they are at least five."""
    released: list[tuple[frozenset[str], frozenset[str]]] = []
    for present, sharing in sessions:
        if is_level_releasable(present, K, [other for other, _ in released]):
            released.append((present, present & sharing))
    for (_, one), (_, other) in combinations(released, 2):
        assert len(one & other) <= 2
        if len(one) >= K and len(other) >= K:
            assert len(one ^ other) > K


def test_decision_on_levels_does_not_depend_on_who_shares() -> None:
    """The same class again, or one student less or more: whoever is seen the second time."""
    for size in (8, 9, 10):
        for cameras in (range(size), range(1, size), range(5)):
            record = make_record(size, cameras=cameras)
            for earlier in (span(0, 8), span(1, 8), span(0, 20), span(7, 14), span(6, 14)):
                expected = not is_level_releasable(frozenset(record.students), K, [earlier])
                chosen = choose_final(record, K, None, [earlier])
                assert chosen.is_relative == expected
                decision = decide_live(record, K, [earlier])
                assert decision is not None
                assert decision.is_relative == expected


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        *((span(0, 7), False), (span(0, 8), False), (span(1, 8), False), (span(5, 12), False)),
        *((span(6, 13), True), (span(20, 27), True)),
    ],
)
def test_levels_beside_those_of_a_class(present: frozenset[str], expected: bool) -> None:
    assert is_level_releasable(present, K, [span(0, 7)]) == expected


def test_student_of_several_classes_is_in_few_levels() -> None:
    """Of otherwise different students: together they would tell as much as a mean of few."""
    groups = [name(0, *range(10 * n, 10 * n + 7)) for n in range(1, 4)]
    assert is_level_releasable(groups[1], K, groups[:1])
    assert not is_level_releasable(groups[2], K, groups[:2])


def test_live_needs_more_present_than_the_threshold() -> None:
    assert decide_live(make_record(7), K, []) is None
    decision = decide_live(make_record(8, cameras=range(5)), K, [])
    assert decision == LiveDecision(span(0, 4), present=span(0, 7))
    few = decide_live(make_record(8, cameras=range(4)), K, [])
    assert few == LiveDecision(frozenset(), present=span(0, 7))


@pytest.mark.parametrize(("late", "counted"), [(1, 0), (5, 0), (9, 0), (10, 10)])
@pytest.mark.parametrize("members", [span(0, 4), frozenset()])
def test_late_students_count_only_as_a_large_group(
    late: int, counted: int, members: frozenset[str]
) -> None:
    record = make_record(8 + late, cameras=[*range(5), *range(8, 8 + late)])
    record.opened_at[8:] = 900.0
    chosen = choose_final(record, K, LiveDecision(members), [])
    joined = span(8, 7 + counted) if counted else frozenset()
    expected = members | joined
    assert chosen.members == (expected | span(0, 4) if joined else expected)
    assert chosen.present == span(0, 7 + counted)


def test_late_sharers_do_not_decide() -> None:
    """Ten came late and count by attendance; too few of them share to change the live cohort."""
    record = make_record(18, opened_at=[0.0] * 8 + [900.0] * 10, cameras=[*range(8), *range(9, 13)])
    assert choose_final(record, K, LiveDecision(span(0, 7)), []).members == span(0, 7)


def test_student_who_is_seen_after_the_decision_does_not_decide() -> None:
    """Kept out of the picture for ten minutes, such a student could be found out otherwise."""
    for cameras in (range(5), range(4)):
        record = make_record(8, cameras=cameras)
        few = LiveDecision(frozenset(), present=span(0, 7))
        assert choose_final(record, K, few, []) == ChosenCohort(present=span(0, 7))
    record = make_record(12)
    shown = LiveDecision(span(0, 5), present=span(0, 11))
    assert choose_final(record, K, shown, []).members == span(0, 5)


def test_everyone_counts_where_the_class_did_not_come_together() -> None:
    record = make_record(8, opened_at=[0.0, 5e3, 9e4, 1e5, 2e5, 3e5, 4e5, 5e5])
    assert choose_final(record, K, None, []).members == span(0, 7)
    record = make_record(8, opened_at=[0.0] * 7 + [900.0])
    assert choose_final(record, K, None, []).members == span(0, 7)


def test_small_class_does_not_decide_by_cameras() -> None:
    for size in range(8):
        for cameras in range(size + 1):
            record = make_record(size, cameras=range(cameras))
            assert choose_final(record, K, None, []) == ChosenCohort()


def test_group_below_a_minimum_that_was_raised_is_not_shown() -> None:
    """`contributors_at_least` would state the new minimum of a smaller group."""
    record = make_record(12)
    decision = LiveDecision(span(0, K - 1), present=span(0, 11))
    assert choose_final(record, K, decision, []).members == span(0, K - 1)
    assert choose_final(record, K + 1, decision, []) == ChosenCohort(present=span(0, 11))


def test_relative_decision_stays() -> None:
    decision = LiveDecision(span(0, 5), is_relative=True)
    for earlier in ([], [span(0, 7)]):
        chosen = choose_final(make_record(8), K, decision, earlier)
        assert (chosen.members, chosen.is_relative) == (span(0, 5), True)
    decision = LiveDecision(span(0, 5))
    assert not choose_final(make_record(8), K, decision, [span(0, 7)]).is_relative


def test_students_seen_briefly_are_no_members() -> None:
    record = make_record(8)
    clear(record, 7, columns=range(1, 10))
    assert choose_final(record, K, None, []).members == span(0, 7)
    record.bins.seen_seconds[7] = 0
    record.bins.seen_seconds[7, 0] = 119
    assert choose_final(record, K, None, []).members == span(0, 6)


@pytest.mark.parametrize(("indexed", "members"), [(5, span(0, 4)), (4, span(0, 7))])
def test_students_without_an_index_count_only_where_it_is_missing_in_general(
    indexed: int, members: frozenset[str]
) -> None:
    record = make_record(8)
    record.bins.engagement_windows[indexed:] = 0
    assert choose_final(record, K, None, []).members == members


def test_names_select_the_students_of_another_session() -> None:
    record = keep_students(make_record(10), range(2, 10))
    chosen = choose_final(record, K, None, [span(0, 1)])
    assert (chosen.members, chosen.is_relative) == (span(2, 9), False)
