"""The live view: groups of the smallest size, statements that appear once, attacks on it."""

from typing import Any

import pytest

from fer_lms.disclosure import live_activity
from fer_lms.disclosure.live_activity import (
    LiveActivity,
    LiveStep,
    StudentActivity,
    release_activity,
)
from tests.bench.disclosure.estimators import Advantage, measure
from tests.bench.disclosure.live_attacks import LIVE_ATTACKS
from tests.bench.disclosure.plays import Attack, collect

K = 5
ORDER = {11: 1, 12: 2, 13: 3}


def student(step: int | None, *, asked: bool = False, stuck: bool = False) -> StudentActivity:
    """A student who came by all steps before `step`; without one, who left after the first."""
    opened = frozenset(key for key in ORDER if key <= (step or 11))
    return StudentActivity(step, opened, frozenset({step or 11} if asked else ()), stuck)


def release(
    *groups: tuple[int, StudentActivity], earlier: LiveActivity | None = None
) -> LiveActivity:
    students = [one for count, one in groups for _ in range(count)]
    return release_activity(students, ORDER, K, earlier.steps if earlier else {})


@pytest.mark.parametrize(
    ("groups", "withheld", "places"),
    [
        ([(7, student(11))], "few_present", (None, None)),
        ([(7, student(11)), (4, student(None))], "few_present", (None, None)),
        ([(8, student(11))], None, (11, 11)),
        ([(4, student(11)), (4, student(12))], None, (11, 12)),
        ([(3, student(11)), (5, student(12))], None, (12, 12)),
        ([(4, student(11)), (12, student(12)), (4, student(13))], None, (12, 12)),
        ([(5, student(11)), (10, student(12)), (5, student(13))], None, (11, 13)),
    ],
)
def test_place_is_of_the_middle_of_a_large_enough_class(
    groups: list[tuple[int, StudentActivity]], withheld: str | None, places: tuple[Any, Any]
) -> None:
    found = release(*groups)
    assert (found.withheld, (found.first, found.last)) == (withheld, places)


@pytest.mark.parametrize(
    ("here", "elsewhere", "part"),
    [(4, 4, None), (5, 11, "some"), (5, 3, "half"), (5, 4, "half"), (6, 3, "most"), (8, 0, "most")],
)
def test_part_on_a_step_is_coarse(here: int, elsewhere: int, part: str | None) -> None:
    found = release((here, student(12)), (elsewhere, student(11)))
    assert found.steps[12].on_step == part


@pytest.mark.parametrize(
    ("asked", "others", "level"),
    [
        (4, 4, None),
        (5, 2, None),
        (5, 3, "several"),
        (8, 0, "several"),
        (6, 4, "most"),
        (5, 5, "several"),
    ],
)
def test_requests_need_a_group_and_others_beside_it(
    asked: int, others: int, level: str | None
) -> None:
    found = release((asked, student(12, asked=True)), (others, student(12)))
    assert found.steps[12].asked == level


def test_statement_appears_only_while_a_group_is_on_the_step() -> None:
    before = release((4, student(12, asked=True)), (6, student(12)))
    left = release((1, student(12, asked=True)), (4, student(13)), (5, student(13)), earlier=before)
    assert left.steps[12] == LiveStep()
    alone = [StudentActivity(13, frozenset({12, 13}), frozenset({12}))] * 9 + [
        student(12, asked=True)
    ]
    assert release_activity(alone, ORDER, K, before.steps).steps[12].asked is None


def test_statement_stays_whatever_students_do_and_ends_by_attendance_once() -> None:
    first = release((5, student(12, stuck=True)), (4, student(12)))
    assert first.steps[12].stuck == "several"
    solved = release((9, student(12)), earlier=first)
    assert solved.steps[12].stuck == "several", "nobody can see when the fifth student is through"
    moved = release((4, student(12, stuck=True)), (5, student(13)), earlier=solved)
    assert moved.steps[12].stuck == "over"
    again = release((9, student(12, stuck=True)), earlier=moved)
    assert again.steps[12].stuck == "over"


def test_deleted_step_is_left_out() -> None:
    found = release_activity([student(99)] * 9, ORDER, K, {99: LiveStep("most", "most", "over")})
    assert found.withheld == "few_present"
    assert set(found.steps) == set(ORDER)


def attack(found: Attack, classes: int = 600) -> Advantage:
    trials = collect(found, "8-10", classes, 0, lambda _: [])
    assert trials is not None
    return measure(trials)


@pytest.mark.parametrize("found", LIVE_ATTACKS, ids=lambda attack: attack.name)
def test_live_view_tells_little_beyond_the_final_shares(found: Attack) -> None:
    advantage = attack(found)
    assert advantage.advantage <= 0.10 or advantage.ci_low < 0, advantage


@pytest.mark.parametrize("found", LIVE_ATTACKS, ids=lambda attack: attack.name)
def test_without_its_bounds_the_live_view_tells_more(
    found: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement about a single student, also where nobody else is on the step."""
    bounded = release_activity
    monkeypatch.setattr(live_activity, "PRESENT_MARGIN", 0)
    monkeypatch.setattr(live_activity, "has_enough_present", lambda present, _: len(present) > 0)
    monkeypatch.setattr(
        live_activity,
        "release_activity",
        lambda students, order, _size, earlier: bounded(students, order, 1, earlier),
    )
    assert attack(found).advantage > 0.10
