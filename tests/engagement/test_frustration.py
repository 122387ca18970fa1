"""Frustration: answers, silence, self-reports and their explanation."""

from collections.abc import Sequence

import pytest

from fer_lms.engagement.activity import ActivityState, LearnerAction
from fer_lms.engagement.answer_model import compute_usual_probability
from fer_lms.engagement.evidence import compute_frustration
from fer_lms.engagement.weights import DEFAULT_WEIGHTS as WEIGHTS
from fer_lms.rules.engine.spec import RuleSpec
from tests.engagement.evidence_input import (
    T,
    build_activity,
    build_face,
    build_inputs,
    get_frustration,
)


def answer_on(
    values: Sequence[str], every: float = 25.0, error_rate: float | None = None
) -> ActivityState:
    """Return the activity after these answers, the last one now.

    Args:
        error_rate: Expected on the step; None: not known.
    """
    rates = {} if error_rate is None else {1: error_rate}
    activity = ActivityState()
    activity.apply(LearnerAction(T - every * len(values), "step_opened", 1), WEIGHTS)
    for number, value in enumerate(values, start=1):
        at = T - every * (len(values) - number)
        activity.apply(LearnerAction(at, "answered", 1, value), WEIGHTS, rates)
    return activity


DRILL = ("right", "wrong", "right", "right", "wrong", "right") * 10


def test_face_alone_stays_below_default_threshold() -> None:
    most = build_face(nats={"negative": 50.0}, at=T)
    evidence = compute_frustration(build_inputs(most, build_activity()))
    assert evidence.face is not None
    assert evidence.face < 0.5 < RuleSpec().threshold
    assert evidence.interaction is not None
    assert evidence.interaction < WEIGHTS.other_source


def test_a_third_of_wrong_answers_is_usual() -> None:
    values = [get_frustration(answer_on(DRILL[:count])) for count in range(6, 60)]
    assert max(values) < 0.3


def test_eight_wrong_in_a_row_are_not_usual() -> None:
    assert get_frustration(answer_on((*DRILL, *["wrong"] * 8))) > RuleSpec().threshold


@pytest.mark.parametrize("every", [30, 45, 60, 90, 180])
@pytest.mark.parametrize("error_rate", [None, 0.1, 0.35])
def test_nine_wrong_in_a_row_are_not_usual_at_any_pace(
    every: float, error_rate: float | None
) -> None:
    """Neither at the start of a session nor later, and also after forty of them."""
    for before, count in (((), 9), (DRILL[:12], 9), ((), 40)):
        values = [*before, *["wrong"] * count]
        assert get_frustration(answer_on(values, every, error_rate)) > RuleSpec().threshold


def test_runs_of_wrong_answers_go_on_from_step_to_step() -> None:
    activity = ActivityState()
    for number in range(9):
        at = T - 31 * (8 - number)
        activity.apply(LearnerAction(at - 30, "step_opened", number), WEIGHTS)
        activity.apply(LearnerAction(at, "answered", number, "wrong"), WEIGHTS)
    assert get_frustration(activity) > RuleSpec().threshold
    activity.apply(LearnerAction(T, "step_opened", 9), WEIGHTS)
    assert get_frustration(activity) < 0.2, "nobody is stuck yet at a step just opened"


def test_run_says_less_of_who_often_fails() -> None:
    before = ["wrong", "wrong", "right", "wrong", "right"] * 6
    often, seldom = (
        answer_on([*known, *["wrong"] * 8], 60.0).run[-1] for known in (before, DRILL[:30])
    )
    assert 1 < often < seldom


def test_quick_answers_in_a_row_do_not_count_in_full() -> None:
    assert answer_on(["wrong"] * 8, 3.0).run_length < 6


@pytest.mark.parametrize("every", [15, 25, 30, 45, 60])
def test_alternating_answers_reach_the_threshold_at_any_pace(every: float) -> None:
    values = [
        get_frustration(answer_on((["wrong", "wrong", "right"] * 9)[:n], every))
        for n in range(1, 27)
    ]
    assert max(values) > RuleSpec().threshold
    mastered = ["right", "right", *(["wrong", "right", "right"] * 9)]
    assert get_frustration(answer_on(mastered, every)) < 0.3


def test_closed_page_is_no_time_on_the_step() -> None:
    """Who comes back the next day, to the same step, did not work on it for a day."""
    activity, day = answer_on(DRILL[:4], 20.0), 86_400
    activity.apply(LearnerAction(T + day, "step_opened", 1), WEIGHTS)
    activity.apply(LearnerAction(T + day + 30, "answered", 1, "right"), WEIGHTS)
    assert activity.compute_dwell_seconds(T + day + 30) == pytest.approx(4 * 20 + 30)


def test_answer_that_arrives_late_is_no_quick_one() -> None:
    """Its time is not known, and the estimate does not go back."""
    activity = answer_on(DRILL[:12])
    times, at = list(activity.answer_times), activity.estimated_at
    activity.apply(LearnerAction(T - 60, "answered", 1, "wrong"), WEIGHTS)
    in_time = answer_on([*DRILL[:12]])
    in_time.apply(LearnerAction(T + 25, "answered", 1, "wrong"), WEIGHTS)
    assert (activity.answer_times, activity.estimated_at) == (times, at)
    assert activity.answered_at == T
    assert get_frustration(activity) == pytest.approx(get_frustration(in_time), rel=0.35)


def test_four_wrong_and_nothing_right_are_not_usual() -> None:
    values = [get_frustration(answer_on(["wrong"] * count, 30.0)) for count in range(1, 5)]
    assert values == sorted(values)
    assert values[2] < RuleSpec().threshold < values[3]


@pytest.mark.parametrize("count", [3, 6, 10])
def test_wrong_answers_say_less_the_harder_a_step_is(count: int) -> None:
    values = [
        get_frustration(answer_on([*DRILL, *["wrong"] * count], error_rate=rate))
        for rate in (0.1, 0.2, 0.35, 0.5)
    ]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)
    usual = get_frustration(answer_on([*DRILL, *["wrong"] * count]))
    assert values[2] == pytest.approx(usual), "as where nothing is known"


def test_step_that_everybody_failed_is_no_excuse() -> None:
    """Expected error rates are limited: a class that failed together is helped next time."""
    run = ["wrong"] * 8
    hard, hopeless = (get_frustration(answer_on(run, error_rate=rate)) for rate in (0.5, 0.97))
    assert hopeless == pytest.approx(hard)
    assert hopeless > RuleSpec().threshold


def test_none_right_counts_once_in_a_session() -> None:
    """Later the learner's own error rate is known."""
    activity = answer_on(["right", *["wrong"] * 3], 30.0)
    assert "unmastered" not in compute_frustration(build_inputs(build_face(), activity)).parts
    activity.apply(LearnerAction(T + 1, "step_opened", 2), WEIGHTS)
    for number in range(1, 5):
        activity.apply(LearnerAction(T + 30 * number, "answered", 2, "wrong"), WEIGHTS)
    evidence = compute_frustration(build_inputs(build_face(), activity, T + 120))
    assert "unmastered" not in evidence.parts


@pytest.mark.parametrize("values", [["wrong"] * 4, (["wrong", "wrong", "right"] * 4)[:11]])
def test_calm_face_does_not_outweigh_repeated_failing(values: list[str]) -> None:
    activity = answer_on(values, 30.0 if len(values) == 4 else 20.0)
    calm = build_face(nats={"negative": -1.5}, at=T)
    evidence = compute_frustration(build_inputs(calm, activity))
    assert evidence.value == pytest.approx(evidence.interaction)
    assert evidence.value is not None
    assert evidence.value > RuleSpec().threshold
    usual = compute_frustration(build_inputs(calm, answer_on(DRILL)))
    assert usual.value is not None
    assert usual.interaction is not None
    assert usual.value < usual.interaction, "otherwise it counts"


def test_right_answer_lowers_and_does_not_erase() -> None:
    failing = (*DRILL, *["wrong"] * 6)
    before, after = (
        get_frustration(answer_on(values)) for values in (failing, (*failing, "right"))
    )
    assert compute_usual_probability(WEIGHTS) < after < before


def test_alternating_answers_reach_the_threshold() -> None:
    values = [
        get_frustration(answer_on((["wrong", "wrong", "right"] * 4)[:n], 20.0))
        for n in range(1, 13)
    ]
    assert max(values) > RuleSpec().threshold


def test_new_step_ends_what_went_wrong_before() -> None:
    activity = answer_on(["wrong"] * 8)
    activity.apply(LearnerAction(T, "step_opened", 2), WEIGHTS)
    assert get_frustration(activity) == pytest.approx(compute_usual_probability(WEIGHTS))


def test_answers_fade() -> None:
    activity = answer_on((*DRILL, *["wrong"] * 6))
    activity.answered_at = None  # without what silence says
    values = [get_frustration(activity, T + later) for later in (0, 60, 240, 1200)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(compute_usual_probability(WEIGHTS), abs=0.01)


def test_quick_answers_say_less_in_a_drill() -> None:
    run = (*DRILL, *["wrong"] * 5)
    assert get_frustration(answer_on(run, 6.0)) < get_frustration(answer_on(run, 25.0))


def test_silence_and_idleness_add_up_to_a_limit() -> None:
    activity = answer_on(DRILL)
    values = [get_frustration(activity, T + later) for later in (0, 60, 120)]
    assert values == sorted(values)
    activity.apply(LearnerAction(T + 210, "idle", 1, seconds=90), WEIGHTS)
    assert values[-1] < get_frustration(activity, T + 210) < get_frustration(activity, T + 300)
    assert get_frustration(activity, T + 3000) < 0.95


def test_explanation_parts_are_listed_by_source() -> None:
    activity = answer_on((*DRILL, *["wrong"] * 8))
    face = build_face(nats={"brow": 0.5}, at=T)
    evidence = compute_frustration(build_inputs(face, activity))
    assert sorted(evidence.parts, key=evidence.parts.__getitem__) == [
        "brow",
        "wrong",
        "unmastered",
    ]
    assert evidence.wrong_answers == 9  # in four minutes


def test_self_report_overrides_all_signs() -> None:
    activity = build_activity(
        (20, "answered", "wrong"), (10, "answered", "wrong"), (5, "self_report", "fine")
    )
    evidence = compute_frustration(build_inputs(build_face(nats={"brow": 1.0}, at=T), activity))
    assert (evidence.value, evidence.parts) == (0, {"said_fine": 1})
    later = compute_frustration(
        build_inputs(build_face(nats={"brow": 1.0}, at=T), activity, T + 301)
    )
    assert "said_fine" not in later.parts


def test_self_report_applies_to_one_step() -> None:
    activity = build_activity((5, "self_report", "fine"))
    activity.apply(LearnerAction(T, "step_opened", 2), WEIGHTS)
    activity.apply(LearnerAction(T + 5, "answered", 2, "wrong"), WEIGHTS)
    assert get_frustration(activity, T + 6) > 0
