"""The choice of the cohort, and its comparison with earlier ones."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.disclosure.cohort import (
    LiveDecision,
    ReleasedGroup,
    choose_final,
    choose_releasable,
    decide_live,
    is_group_releasable,
    is_releasable,
    isolates_few,
    isolates_student,
)
from tests.disclosure.simulation import clear, keep_students, make_record

K = 5


def name(*numbers: int) -> frozenset[str]:
    return frozenset(f"s{number}" for number in numbers)


def span(first: int, last: int) -> frozenset[str]:
    return name(*range(first, last + 1))


def all_share(members: frozenset[str]) -> ReleasedGroup:
    """A group in which everybody present shares a camera."""
    return ReleasedGroup(members, members)


def permits(members: frozenset[str], earlier: list[frozenset[str]]) -> bool:
    groups = [all_share(group) for group in earlier]
    expected = is_releasable(members, K, earlier)
    assert is_group_releasable(all_share(members), K, groups) == expected
    return expected


def test_gate_permits_equal_and_clearly_different_cohorts() -> None:
    earlier = [span(0, 5)]
    assert permits(span(0, 5), earlier)
    assert permits(span(0, 10), earlier), "five more"
    assert permits(span(20, 25), earlier), "no common student"
    assert not permits(span(0, 6), earlier)
    assert not permits(span(1, 5), earlier)
    assert not permits(span(1, 6), earlier), "one exchanged"


def test_gate_refuses_a_combination_that_is_the_mean_of_few() -> None:
    """A + B - C is twice the sum of a pair; any two of the three differ by at least five."""
    first, second, others = span(0, 6), name(0, 1) | span(7, 11), span(2, 11)
    for earlier in ([], [first], [second]):
        assert permits(others, earlier)
    assert permits(second, [first])
    assert not isolates_student([first, second, others])
    assert isolates_few([first, second, others], K)
    assert not permits(others, [first, second])


@pytest.mark.parametrize(("few", "expected"), [(4, True), (5, False)])
def test_mean_of_as_many_as_the_threshold_is_not_of_few(few: int, expected: bool) -> None:
    """The larger cohort without the smaller one; equal cohorts count once."""
    larger, smaller = span(0, 9 + few), span(0, 9)
    assert isolates_few([larger, smaller, larger], K) == expected


def test_gate_finds_combinations_of_several_cohorts() -> None:
    """A + B - S is twice one student; no two of the three differ by fewer than five."""
    first, second = span(0, 10), frozenset({"s0"}) | span(20, 29)
    both = span(0, 10) | span(20, 29)
    assert permits(second, [first])
    assert isolates_student([first, second, both])
    assert not permits(both, [first, second])


def test_gate_finds_chains_through_cohorts_without_common_students() -> None:
    """S - R1 + R2 - R3 isolates s0, and R2 has no student in common with S."""
    one, two, three = name(*range(1, 6), *range(10, 16)), span(10, 21), span(16, 21)
    assert not isolates_student([one, two, three])
    candidate = name(0, *range(1, 6))
    assert not (candidate & two)
    assert isolates_student([candidate, one, two, three])
    assert not permits(candidate, [one, two, three])


@given(
    cohorts=st.lists(
        st.frozensets(st.sampled_from([f"s{n}" for n in range(7)]), min_size=1), max_size=6
    )
)
def test_elimination_agrees_with_floating_point_rank(cohorts: list[frozenset[str]]) -> None:
    if not cohorts:
        return
    students = sorted(set().union(*cohorts))
    matrix = np.array([[float(s in cohort) for s in students] for cohort in cohorts])
    rank = np.linalg.matrix_rank(matrix)
    units = np.eye(len(students))
    expected = any(np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank for unit in units)
    assert isolates_student(cohorts) == expected


@given(
    sessions=st.lists(
        st.frozensets(st.sampled_from([f"s{n}" for n in range(9)]), min_size=K), max_size=8
    )
)
def test_released_cohorts_never_isolate_a_student(sessions: list[frozenset[str]]) -> None:
    """Released one after another; also no two of them differ by a small group."""
    released: list[ReleasedGroup] = []
    for members in sessions:
        chosen = choose_releasable([members], members, K, released)
        if not chosen.is_relative:
            released.append(ReleasedGroup(chosen.members, members))
            assert chosen.members <= members
    cohorts = {group.members for group in released}
    assert not cohorts or not isolates_student(cohorts)
    for one, other in combinations(cohorts, 2):
        assert not (one & other) or len(one ^ other) >= K


def test_fallback_is_the_largest_earlier_cohort_within() -> None:
    earlier = [all_share(group) for group in (span(0, 5), span(30, 40), span(0, 4))]
    chosen = choose_releasable([span(0, 7)], span(0, 7), K, earlier)
    assert (chosen.members, chosen.is_relative) == (span(0, 5), False)
    earlier = [all_share(span(0, 7))]
    assert choose_releasable([span(1, 7)], span(1, 7), K, earlier).is_relative


def test_level_is_withheld_by_attendance_whether_or_not_the_absent_student_shares() -> None:
    """Student 0 stays at home. Withheld only if 0 shares, the report would tell that."""
    for members in (span(0, 6), span(1, 6)):
        earlier = [ReleasedGroup(members, span(0, 7))]
        chosen = choose_releasable([members - {"s0"}], span(1, 7), K, earlier)
        assert chosen.is_relative


def test_new_student_changes_nothing_whether_or_not_they_share() -> None:
    earlier = [ReleasedGroup(span(1, 6), span(1, 7))]
    for members in (span(0, 6), span(1, 6)):
        chosen = choose_releasable([members], span(0, 7), K, earlier)
        assert (chosen.members, chosen.is_relative) == (span(1, 6), False)


def test_level_is_withheld_where_sharing_changed_with_the_same_attendance() -> None:
    earlier = [ReleasedGroup(span(0, 6), span(0, 14))]
    assert choose_releasable([span(1, 6)], span(0, 14), K, earlier).is_relative
    assert choose_releasable([span(5, 14)], span(0, 14), K, earlier).is_relative


def test_live_needs_more_present_than_the_threshold() -> None:
    assert decide_live(make_record(5), K, []) is None
    decision = decide_live(make_record(6, cameras=range(5)), K, [])
    assert decision == LiveDecision(span(0, 4), present=span(0, 5))
    assert decide_live(make_record(8, cameras=range(4)), K, []) == LiveDecision(frozenset())


def test_live_is_relative_beside_a_similar_earlier_cohort() -> None:
    record = make_record(8, cameras=range(6))
    decision = decide_live(record, K, [all_share(span(0, 6))])
    assert decision == LiveDecision(span(0, 5), True, span(0, 7))
    decision = decide_live(record, K, [all_share(span(0, 4))])
    assert decision == LiveDecision(span(0, 4), False, span(0, 7))


@pytest.mark.parametrize(("late", "counted"), [(1, 0), (4, 0), (5, 5)])
def test_late_sharers_join_live_figures_as_a_group(late: int, counted: int) -> None:
    record = make_record(6 + late, opened_at=[0.0] * 6 + [900.0] * late)
    chosen = choose_final(record, K, LiveDecision(span(0, 5)), [])
    assert (chosen.members, chosen.is_relative) == (span(0, 5 + counted), False)


@pytest.mark.parametrize(("late", "counted"), [(1, 0), (4, 0), (5, 5)])
def test_late_students_count_as_a_group_after_a_decision_against(late: int, counted: int) -> None:
    record = make_record(8 + late, opened_at=[0.0] * 8 + [900.0] * late)
    chosen = choose_final(record, K, LiveDecision(frozenset()), [])
    assert chosen.members == span(0, 7 + counted)


def test_small_number_of_late_sharers_does_not_count_by_cameras() -> None:
    """Five came late, and by attendance they count, whether or not they share."""
    record = make_record(13, opened_at=[0.0] * 8 + [900.0] * 5, cameras=[*range(8), 9])
    assert choose_final(record, K, LiveDecision(frozenset()), []).members == span(0, 7) | {"s9"}
    assert choose_final(record, K, LiveDecision(span(0, 7)), []).members == span(0, 7)


def test_everyone_counts_where_the_class_did_not_come_together() -> None:
    record = make_record(6, opened_at=[0.0, 5e3, 9e4, 1e5, 2e5, 3e5])
    assert choose_final(record, K, None, []).members == span(0, 5)
    record = make_record(8, opened_at=[0.0] * 4 + [9e4] * 4)
    assert choose_final(record, K, None, []).members == span(0, 7)


def test_one_late_comer_does_not_decide_what_is_shown() -> None:
    """Six students, of whom one comes late: five are too few by attendance, whoever shares."""
    for cameras in (range(6), range(1, 6), range(5)):
        record = make_record(6, opened_at=[900.0, *[0.0] * 5], cameras=cameras)
        assert choose_final(record, K, None, []).members == frozenset()


def test_relative_live_cohort_stays() -> None:
    record = make_record(7)
    decision = LiveDecision(span(0, 5), is_relative=True)
    chosen = choose_final(record, K, decision, [all_share(span(1, 5))])
    assert chosen.members == span(1, 5), "released before"
    chosen = choose_final(record, K, decision, [all_share(span(0, 7))])
    assert (chosen.members, chosen.is_relative) == (span(0, 5), True)


def test_students_seen_briefly_are_no_members() -> None:
    record = make_record(8)
    clear(record, 7, columns=range(1, 10))
    assert choose_final(record, K, None, []).members == span(0, 7)
    record.bins.seen_seconds[7] = 0
    record.bins.seen_seconds[7, 0] = 119
    assert choose_final(record, K, None, []).members == span(0, 6)


def test_names_select_the_students_of_another_session() -> None:
    record = keep_students(make_record(9), [2, 3, 4, 5, 6, 7, 8])
    assert choose_final(record, K, None, [all_share(span(0, 1))]).members == span(2, 8)
