"""What learners' answers about the moment of hints say about the camera, for whole groups only."""

import uuid
from collections.abc import Iterable

import pytest

from fer_lms.rules.trials.moments import (
    WITH_FACE,
    WITHOUT_FACE,
    MomentAnswer,
    compare_sources,
    format_comparison,
)

BOTH = frozenset({WITH_FACE, WITHOUT_FACE})
LEARNERS = [uuid.UUID(int=number) for number in range(40)]


def answer(
    answers: Iterable[str], sources: frozenset[str], learners: list[uuid.UUID] = LEARNERS
) -> list[MomentAnswer]:
    return [
        MomentAnswer(learner, given, sources)
        for learner, given in zip(learners, answers, strict=False)
    ]


def test_camera_adds_where_it_leaves_out_hints_at_the_wrong_moment() -> None:
    answers = answer(["right"] * 34 + ["too_early"] * 6, BOTH)
    answers += answer(["not_needed"] * 36 + ["right"] * 4, frozenset({WITHOUT_FACE}))
    comparison = compare_sources(answers, 5)
    assert comparison.conclusion == "adds"
    assert comparison.difference == 0.4
    assert comparison.interval is not None
    low, high = comparison.interval
    assert 0 < low < 0.4 < high
    with_face = comparison.sources[0]
    assert with_face.source == WITH_FACE
    assert with_face.answer_shares == {"right": 0.8, "too_early": 0.2, "not_needed": 0.2}, "clamped"


def test_camera_harms_where_its_hints_are_not_needed() -> None:
    answers = answer(["right"] * 40, BOTH)
    answers += answer(["not_needed"] * 40, frozenset({WITH_FACE}))
    assert compare_sources(answers, 5).conclusion == "harms"


def test_no_difference_is_shown_for_the_same_hints() -> None:
    comparison = compare_sources(answer(["right", "too_early"] * 20, BOTH), 5)
    assert (comparison.difference, comparison.conclusion) == (0.0, "no_difference_shown")


def test_one_learner_with_many_answers_counts_once() -> None:
    answers = answer(["right"] * 20, BOTH)
    answers += answer(["not_needed"] * 100, BOTH, [LEARNERS[0]] * 100)
    share = compare_sources(answers, 5).sources[0].answer_shares
    assert share is not None
    assert share["right"] == 0.8


@pytest.mark.parametrize("size", [5, 8])
def test_too_few_learners_have_no_figures(size: int) -> None:
    few = answer(["right"] * (size - 1), BOTH)
    comparison = compare_sources(few, size)
    assert comparison.conclusion == "too_few_learners"
    assert comparison.difference is None
    assert {one.answer_shares for one in comparison.sources} == {None}
    assert "small-group rule" in format_comparison(comparison.to_json())
    assert compare_sources(answer(["right"] * size, BOTH), size).difference is not None


def test_difference_that_rests_on_few_learners_is_withheld() -> None:
    answers = answer(["right"] * 20, BOTH) + answer(["not_needed"] * 4, frozenset({WITH_FACE}))
    assert compare_sources(answers, 5).conclusion == "too_few_learners"
    answers += answer(["not_needed"], frozenset({WITHOUT_FACE}), LEARNERS[30:])
    assert compare_sources(answers, 5).difference is not None


def test_number_of_learners_is_given_in_whole_groups() -> None:
    assert compare_sources(answer(["right"] * 23, BOTH), 5).sources[0].learners == 20


def test_text_states_the_interval_and_the_conclusion() -> None:
    text = format_comparison(
        compare_sources(answer(["right", "too_early"] * 20, BOTH), 5).to_json()
    )
    assert "+0 points (+0 to +0): no difference is shown" in text
