"""Figures of a session are equal-weight means over one constant cohort."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.disclosure import figures as figures_module
from fer_lms.disclosure.coarsening import classify_change, compute_released_share
from fer_lms.disclosure.cohort import LiveDecision
from fer_lms.disclosure.deviations import FULL_WEIGHT_MEMBERS, weigh_own_data
from fer_lms.disclosure.figures import (
    CHANGED_GROUP,
    FEW_PRESENT,
    TOO_FEW_LEARNERS,
    EarlierLevel,
    SessionFigures,
    choose_bin_seconds,
    compute_final,
    compute_live,
    compute_profiles,
)
from fer_lms.disclosure.noise import NoiseSource
from fer_lms.disclosure.records import SessionRecord
from tests.disclosure.simulation import add_window, clear, keep_students, make_record

K = 5


def list_display_decisions(figures: SessionFigures) -> list[str | None]:
    return [figure.withheld for figure in (*figures.bins, *figures.steps)]


def compute_expected(record: SessionRecord, rows: list[int], column: int) -> float:
    """Compute a bin's engagement from the definition, with plain loops; enough are seen."""
    sums, means, deviations = record.bins, [], []
    for row in rows:
        own_mean = sums.engagement[row].sum() / sums.engagement_windows[row].sum()
        means.append(own_mean)
        if sums.seen_seconds[row, column] >= 10:
            own = sums.engagement[row, column] / sums.engagement_windows[row, column]
            deviations.append(own - own_mean)
    return float(sum(means) / len(means) + sum(deviations) / len(deviations))


@given(
    seed=st.integers(0, 1000),
    size=st.integers(8, 12),
    data=st.data(),
)
def test_every_figure_is_the_mean_level_and_the_mean_deviation(
    seed: int, size: int, data: st.DataObject
) -> None:
    cameras = data.draw(st.sets(st.integers(0, size - 1), min_size=K))
    record = make_record(size, cameras=sorted(cameras), seed=seed)
    for row in sorted(cameras):
        absent = data.draw(st.sets(st.integers(0, 9), max_size=3))
        clear(record, row, columns=sorted(absent)) if absent else None
    figures = compute_final(record, K)
    assert figures.cohort == {record.students[row] for row in cameras}
    seen = record.bins.seen_seconds[sorted(cameras)] >= 10
    for column, figure in enumerate(figures.bins):
        if figure.withheld is None and seen[:, column].sum() >= FULL_WEIGHT_MEMBERS:
            expected = compute_expected(record, sorted(cameras), column)
            assert figure.engagement == pytest.approx(expected, abs=0.050001)


@given(seed=st.integers(0, 1000), row=st.integers(0, 7), data=st.data())
def test_display_does_not_depend_on_who_is_seen_when(
    seed: int, row: int, data: st.DataObject
) -> None:
    record = make_record(8, seed=seed)
    before = compute_final(record, K)
    clear(record, row, columns=data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=8)))
    after = compute_final(record, K)
    assert list_display_decisions(after) == list_display_decisions(before)
    assert after.cohort == before.cohort


@given(row=st.integers(0, 7), order=st.permutations(range(8)))
def test_display_does_not_depend_on_the_order_of_a_students_values(
    row: int, order: list[int]
) -> None:
    record = make_record(8)
    before = compute_final(record, K)
    record.bins.engagement[row, :8] = record.bins.engagement[row, list(order)]
    after = compute_final(record, K)
    assert list_display_decisions(after) == list_display_decisions(before)
    assert after.engagement == before.engagement, "the mean over the lesson is the same"


def test_absence_releases_no_level() -> None:
    """With and without a member, the sums differ only by the member's deviation from their mean."""
    record = make_record(8, seed=3)
    record.bins.engagement[0] = record.bins.engagement_windows[0] * 0.15
    others = [3, 5, 6]
    before = compute_final(record, K)
    clear(record, 0, columns=[4])
    after = compute_final(record, K)
    assert [after.bins[at] for at in others] == [before.bins[at] for at in others]
    assert after.bins[4].engagement == pytest.approx(before.bins[4].engagement, abs=0.1001)


@pytest.mark.parametrize(
    ("size", "shown"), [*((size, False) for size in (0, 1, 4, 5, 7)), (8, True)]
)
def test_more_than_the_threshold_have_to_be_present(size: int, shown: bool) -> None:
    figures = compute_final(make_record(size), K)
    assert figures.withheld == (None if shown else FEW_PRESENT)


@pytest.mark.parametrize(("cameras", "shown"), [(4, False), (5, True), (6, True)])
def test_threshold_of_cameras(cameras: int, shown: bool) -> None:
    figures = compute_final(make_record(8, cameras=range(cameras)), K)
    assert (figures.withheld is None) == shown
    assert bool(figures.cohort) == shown
    assert figures.withheld in (None, TOO_FEW_LEARNERS)


def test_bins_are_shown_while_half_of_the_class_stays() -> None:
    stayed = [1200.0] * 5 + [700.0] * 3 + [490.0] * 4
    figures = compute_final(make_record(12, own_seconds=stayed), K)
    assert [figure.withheld for figure in figures.bins] == [None] * 5, "six of twelve until 600 s"
    few = compute_final(make_record(8, own_seconds=[1200.0] * 4 + [490.0] * 4), K)
    assert len(few.bins) == 4, "and at least five"


def test_step_needs_enough_students_who_opened_it() -> None:
    record = make_record(8)
    record.in_step[:4, 1] = False
    assert [figure.withheld for figure in compute_final(record, K).steps] == [None, FEW_PRESENT]


def test_bin_with_own_data_of_one_member_contains_none_of_it() -> None:
    """Withheld, it would tell whether the one student left in the picture shares a camera."""
    record = make_record(8)
    before = compute_final(record, K)
    for row in range(7):
        clear(record, row, columns=[2])
    figures = compute_final(record, K)
    weights = weigh_own_data(record.bins.engagement_windows > 0, FULL_WEIGHT_MEMBERS)
    assert weights[:, 2].tolist() == [0.0] * 8
    assert [figure.withheld for figure in figures.bins] == [f.withheld for f in before.bins]


def find_noise(seed: int, in_picture: int) -> list[float]:
    """Return how far two bins, in which few are in the picture, are from the mean."""
    record = make_record(9, seed=seed, own_seconds=2400.0)
    for row in range(in_picture, 9):
        clear(record, row, columns=[2, 9])
    figures = compute_final(record, K)
    assert figures.level is not None
    values = [figures.bins[at].engagement for at in (2, 9)]
    return [float(value or 0) - float(figures.level[0]) for value in values]


def test_bins_vary_alike_however_few_are_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bin that does not vary would tell that the one student in the picture does not share."""
    monkeypatch.setattr(figures_module, "round_engagement", float)
    spread = [
        float(np.std([value for seed in range(80) for value in find_noise(seed, in_picture)]))
        for in_picture in (0, 1, 2, 3, 4, 9)
    ]
    assert max(spread) < 1.35 * min(spread)
    assert find_noise(3, 1) == find_noise(3, 1), "the same noise again"


def test_how_much_was_seen_shows_nowhere() -> None:
    record = make_record(8)
    for row in range(3):
        clear(record, row, columns=range(2, 10))
    figures = compute_final(record, K)
    assert (figures.withheld, len(figures.cohort)) == (None, 8)
    assert list_display_decisions(figures) == list_display_decisions(compute_final(record, K))
    assert not hasattr(figures, "coverage")


def test_values_are_rounded() -> None:
    figures = compute_final(make_record(8, seed=5), K)
    assert figures.engagement is not None
    assert figures.expressions is not None
    assert figures.levels is not None
    rounded = [figures.engagement, *figures.expressions.values()]
    rounded += [figure.engagement for figure in figures.bins if figure.engagement is not None]
    assert all(round(value * 20, 6).is_integer() for value in rounded)
    assert all(round(value * 10, 6).is_integer() for value in figures.levels.values())


def test_similar_group_gets_changes_only() -> None:
    record = make_record(8, cameras=range(6))
    record.bins.engagement[:, 3] = record.bins.engagement_windows[:, 3] * 0.01
    figures = compute_final(record, K, earlier=[frozenset(record.students[:7])])
    assert (figures.level_withheld, figures.is_linked) == ("similar_group", False)
    assert (figures.engagement, figures.expressions, figures.levels) == (None, None, None)
    assert all(figure.engagement is None is figure.expressions for figure in figures.bins)
    assert figures.bins[3].change == "lower"
    assert {figure.change for figure in figures.bins} <= {"lower", "similar", "higher"}


def test_missing_index_of_all_leaves_expressions() -> None:
    record = make_record(8)
    record.bins.engagement_windows[:] = 0
    record.steps.engagement_windows[:] = 0
    figures = compute_final(record, K)
    assert (figures.withheld, figures.engagement) == (None, None)
    assert figures.expressions is not None
    assert figures.bins[0].expressions is not None


def test_live_figures_are_engagement_only() -> None:
    record = make_record(8, cameras=range(6))
    figures = compute_live(record, K, LiveDecision(frozenset(record.students[:6])))
    assert figures[0].engagement is not None
    assert all(figure.expressions is None for figure in figures)
    relative = compute_live(record, K, LiveDecision(frozenset(record.students[:6]), True))
    assert all(figure.engagement is None for figure in relative)
    assert relative[0].change is not None


def test_nothing_is_released_of_another_group_after_a_loss() -> None:
    record = make_record(8, cameras=range(7))
    decision = LiveDecision(frozenset(record.students[:7]))
    assert compute_final(record, K, decision=decision).withheld is None
    clear(record, 2)
    assert compute_final(record, K, decision=decision).withheld == CHANGED_GROUP


def test_erasure_of_a_person_without_a_camera_stops_the_figures_as_well() -> None:
    """Otherwise going on would tell that an erased person did not share a camera."""
    record = make_record(8, cameras=range(6))
    present = frozenset(record.students)
    decision = LiveDecision(frozenset(record.students[:6]), present=present)
    assert compute_final(record, K, decision=decision).withheld is None
    for lost in (7, 0):
        kept = keep_students(record, [row for row in range(8) if row != lost])
        assert compute_final(kept, K, decision=decision).withheld == CHANGED_GROUP


def test_bins_are_longer_where_most_stay_over_90_minutes() -> None:
    assert choose_bin_seconds(np.array([5401.0] * 5 + [100.0] * 5), K) == 180
    assert choose_bin_seconds(np.array([5401.0] * 4 + [100.0] * 2), K) == 120
    assert choose_bin_seconds(np.array([]), K) == 120


@pytest.mark.parametrize(
    ("true", "total", "k", "share"),
    [
        *((0, 5, 5, 0.2), (5, 5, 5, 0.8), (2, 5, 5, 0.4), (5, 7, 5, 0.7), (4, 6, 5, 0.65)),
        *((0, 12, 6, 0.2), (12, 12, 12, 0.9)),
    ],
)
def test_shares_of_actions(true: int, total: int, k: int, share: float) -> None:
    assert compute_released_share([n < true for n in range(total)], k) == pytest.approx(share)


def test_change_has_a_threshold() -> None:
    assert [classify_change(v, 0.5) for v in (0.44, 0.47, 0.5, 0.53, 0.56)] == [
        *("lower", "similar", "similar", "similar", "higher")
    ]


def test_a_step_that_some_did_not_see_is_the_mean_of_all_levels() -> None:
    record = make_record(8, seed=9)
    steps = record.steps
    untouched = compute_final(record, K).steps[1]
    own = record.bins.engagement.sum(axis=1) / record.bins.engagement_windows.sum(axis=1)
    for row in range(3):
        for name in ("engagement", "engagement_windows", "seen_seconds"):
            getattr(steps, name)[row, 1] = 0.0
    deviations = steps.engagement[3:, 1] / steps.engagement_windows[3:, 1] - own[3:]
    figure = compute_final(record, K).steps[1]
    assert untouched.engagement is not None
    assert figure.engagement == pytest.approx(own.mean() + deviations.mean(), abs=0.050001)


def test_windows_of_an_incomplete_last_bin_count_in_the_mean() -> None:
    record = make_record(8, own_seconds=650.0)
    assert record.in_bin.shape[1] == 6
    for row in range(8):
        add_window(record, row, 5, 1, 1.0)
    changed = replace(record)
    figures = compute_final(changed, K)
    assert len(figures.bins) == 5


def describe(figures: SessionFigures) -> object:
    return figures.engagement, figures.levels, figures.expressions, figures.bins, figures.steps


def link_to(record: SessionRecord) -> EarlierLevel:
    figures = compute_final(record, K)
    assert figures.level is not None
    return EarlierLevel(figures.level, compute_profiles(record))


def test_levels_are_linked_by_the_change_of_those_in_both_sessions() -> None:
    first, second = make_record(9, seed=1), make_record(9, seed=2)
    link, profiles = link_to(first), compute_profiles(second)
    figures = compute_final(second, K, earlier=[frozenset(first.students)], link=link)
    assert (figures.level_withheld, figures.is_linked) == (None, True)
    change = np.mean([profiles[name][0] - link.profiles[name][0] for name in first.students])
    assert figures.engagement == pytest.approx(link.level[0] + change, abs=0.050001)
    assert figures.expressions is not None
    assert figures.level is not None


@given(seed=st.integers(0, 1000), row=st.integers(0, 8), level=st.floats(0, 1))
def test_level_of_a_student_who_is_out_of_the_second_session_changes_nothing(
    seed: int, row: int, level: float
) -> None:
    """The figures of both sessions cannot be subtracted: the level cancels out."""
    first, second = make_record(9, seed=seed), make_record(9, seed=seed + 1)
    clear(second, row)
    earlier, link = [frozenset(first.students)], link_to(first)
    before = compute_final(second, K, earlier=earlier, link=link)
    other = EarlierLevel(link.level, {**link.profiles, first.students[row]: np.full(12, level)})
    assert describe(compute_final(second, K, earlier=earlier, link=other)) == describe(before)
    assert before.is_linked


def test_change_of_few_students_counts_less() -> None:
    first, second = make_record(9, seed=1), make_record(9, seed=2)
    link = link_to(first)
    for known, shows_level in ((1, True), (5, False)):
        kept = dict(list(link.profiles.items())[:known])
        figures = compute_final(
            second, K, earlier=[frozenset(first.students)], link=EarlierLevel(link.level, kept)
        )
        assert figures.level is not None
        assert np.allclose(figures.level, link.level) == shows_level


def test_no_level_is_linked_where_none_has_to_be() -> None:
    figures = compute_final(make_record(9), K, link=link_to(make_record(9, seed=4)))
    assert not figures.is_linked
    assert describe(figures) == describe(compute_final(make_record(9), K))


def test_loss_changes_nothing_where_no_group_was_shown() -> None:
    decision = LiveDecision(frozenset(), present=frozenset({"s0", "s1", "gone"}))
    assert compute_final(make_record(9), K, decision=decision).withheld == TOO_FEW_LEARNERS


def test_similar_group_without_an_index_has_no_changes() -> None:
    record = make_record(8)
    record.bins.engagement_windows[:] = record.steps.engagement_windows[:] = 0
    figures = compute_final(record, K, earlier=[frozenset(record.students)])
    assert figures.level_withheld == "similar_group"
    assert {figure.change for figure in (*figures.bins, *figures.steps)} == {None}


def test_noise_is_the_same_in_all_figures_of_a_time() -> None:
    """Drawn anew, live and final figures would differ only where there is noise."""
    final = NoiseSource(b"key", "time", column_seconds=120).draw("engagement", 10, 1)
    live = NoiseSource(b"key", "time", first_second=480, column_seconds=120)
    assert np.array_equal(live.draw("engagement", 2, 1), final[4:6])
    assert abs(final).max() > 0.1
    for other in (NoiseSource(b"other", "time"), NoiseSource(b"key", "step")):
        assert not np.isclose(other.draw("engagement", 2, 1), final[:2]).any()


@pytest.mark.parametrize("in_picture", [1, 3, 4])
def test_live_and_final_figures_agree_where_few_are_in_the_picture(in_picture: int) -> None:
    record = make_record(9, own_seconds=2400.0, opened_at=30.0)
    for row in range(in_picture, 9):
        clear(record, row, columns=range(4, 8))
    live = replace(record, first_bin_second=30.0)
    assert record.bin_noise == live.bin_noise
    decision = LiveDecision(frozenset(record.students))
    shown = [row.engagement for row in compute_live(live, K, decision)]
    final = [row.engagement for row in compute_final(record, K).bins]
    assert shown[: len(final)] == final[: len(shown)]
    assert set(shown[len(final) :]) <= {None}, "bins that have not ended"
    assert any(figure is not None for figure in shown)
