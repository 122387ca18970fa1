from typing import Any

import pytest

from fer_lms.lessons.models import EngagementPreset
from fer_lms.reports.findings import format_finding, format_limits, list_limit_keys, select_finding


def step(position: int, engagement: float | None, seconds: int) -> dict[str, Any]:
    return {
        "position": position,
        "title": f"Part {position}",
        "engagement": engagement,
        "change": None,
        "seconds": seconds,
        "withheld": None if engagement is not None else "too_few_learners",
    }


def text_of(*steps: dict[str, Any], gaps: int = 0, mean: float | None = 0.7) -> str:
    timeline = [{"withheld": "not_enough_seen"}] * gaps + [{"withheld": None}] * (10 - gaps)
    summary = {
        "withheld": None,
        "engagement": mean and {"mean": mean},
        "steps": list(steps),
        "timeline": timeline,
    }
    return format_finding(select_finding(summary, 5))


def acted(
    hard: float | None = None, asked: float | None = None, right: float | None = None
) -> dict[str, Any]:
    said = None if hard is None else {"hard": hard}
    return {"said": said, "asked_for_hint": asked, "right_at_first": right}


def test_what_students_did_precedes_the_camera() -> None:
    first, second = (
        step(1, 0.8, 60) | acted(0.2, 0.2, 0.8),
        step(2, 0.5, 40) | acted(0.8, 0.55, 0.2),
    )
    assert text_of(first, second) == (
        "Step 2, “Part 2”, was hard: 80% or more of those who rated it called it hard, 55% asked "
        "for a hint and 20% or less were right at first. Engagement was lowest there too."
    )
    assert text_of(first | acted(0.8), second | acted(0.2)) == (
        "Step 1, “Part 1”, was hard: 80% or more of those who rated it called it hard. "
        "Lowest engagement in step 2, “Part 2”."
    )


@pytest.mark.parametrize(
    ("first", "second", "position"),
    [
        (acted(hard=0.5), acted(hard=0.8), 2),  # the stronger word
        (acted(asked=0.8), acted(hard=0.5, right=0.4), 2),  # more signals
        (acted(right=0.2), acted(right=0.3), 1),  # fewer right
        (acted(hard=0.8), acted(hard=0.8), 1),  # equal: the first
        (acted(hard=0.45, asked=0.35, right=0.45), acted(asked=0.4), 2),  # at the thresholds
    ],
)
def test_hardest_step(first: dict[str, Any], second: dict[str, Any], position: int) -> None:
    text = text_of(step(1, 0.7, 9) | first, step(2, 0.7, 9) | second)
    assert text.startswith(f"Step {position}, ")


def test_a_face_never_changes_which_step_was_hard() -> None:
    acts = acted(hard=0.8), acted(hard=0.2)
    for levels in ((0.9, 0.1), (0.1, 0.9), (None, None)):
        rows = [step(n + 1, level, 9) | acts[n] for n, level in enumerate(levels)]
        assert text_of(*rows).startswith("Step 1, “Part 1”, was hard: ")


def test_no_step_was_hard() -> None:
    rows = step(1, 0.7, 60) | acted(0.2, 0.2, 0.8), step(2, 0.7, 90) | acted(0.2, 0.2, 0.8)
    assert text_of(*rows) == (
        "No step was hard for most students; step 2, “Part 2”, took the longest. "
        "Engagement was about the same in all steps."
    )
    untimed = [row | {"seconds": None} for row in rows]
    assert text_of(*untimed).startswith("No step was hard for most students. ")


def test_step_with_lowest_engagement() -> None:
    text = text_of(step(1, 0.8, 60), step(2, 0.5, 40))
    assert text == "Step 1, “Part 1”, took the longest. Lowest engagement in step 2, “Part 2”."
    text = text_of(step(1, 0.8, 60), step(2, 0.5, 90))
    assert text == "Step 2, “Part 2”, took the longest. Engagement was lowest there too."


def test_without_steps_the_lesson_is_even() -> None:
    even = text_of(step(1, 0.7, 60) | {"seconds": None}, step(2, 0.65, 40) | {"seconds": None})
    assert even == "Engagement was about the same in all steps."


def test_steps_without_engagement_are_not_called_even() -> None:
    assert text_of() == "No step can be compared with the others."
    assert text_of(step(1, 0.7, 60), step(2, None, 9)) == "Step 1, “Part 1”, took the longest."


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("called_hard", "Step 2, “Halves”, was called hard by many of the students who rated it"),
        ("longest_and_least", "Step 2, “Halves”, took the longest and had the lowest engagement"),
        ("longest", "Step 2, “Halves”, took the longest; no step had clearly lower engagement"),
    ],
)
def test_finding_stored_by_an_earlier_version(kind: str, text: str) -> None:
    stored = {"kind": kind, "position": 2, "title": "Halves", "unseen_percent": 10}
    assert format_finding(stored).startswith(text)
    assert format_finding(stored).endswith("; no data for 10% of the time.")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("not_yet", "Results by step follow when the lesson is closed."),
        ("changed_group", "Results by step are not shown, because the group changed."),
    ],
)
def test_finding_of_live_figures(reason: str, text: str) -> None:
    steps = [step(n, None, 0) | {"withheld": reason, "seconds": None} for n in (1, 2)]
    assert text_of(*steps) == text


def test_two_lowest_steps_are_not_named() -> None:
    assert "lowest engagement" not in text_of(step(1, 0.5, 60), step(2, 0.5, 90), step(3, 0.8, 9))


def test_small_difference_names_no_step() -> None:
    assert "owest" not in text_of(step(1, 0.7, 60), step(2, 0.65, 90))
    assert "lowest" in text_of(step(1, 0.7, 60), step(2, 0.6, 90))


def test_the_only_lower_step_of_a_group_without_levels_is_named() -> None:
    changes = [step(1, None, 60) | {"change": "similar"}, step(2, None, 40) | {"change": "lower"}]
    shown = [row | {"withheld": None} for row in changes]
    assert text_of(*shown, mean=None).endswith("Lowest engagement in step 2, “Part 2”.")
    both = [row | {"change": "lower"} for row in shown]
    assert "owest" not in text_of(*both, mean=None)


def test_finding_states_share_without_data() -> None:
    steps = step(1, 0.7, 60), step(2, 0.65, 40)
    assert text_of(*steps, gaps=2).endswith("; no data for 20% of the time.")


@pytest.mark.parametrize("reason", ["too_few_learners", "not_enough_seen"])
def test_finding_of_withheld_report(reason: str) -> None:
    text = format_finding(select_finding({"withheld": reason}))
    assert text.startswith("Too ")
    assert text.endswith(".")


@pytest.mark.parametrize("preset", EngagementPreset.values)
def test_limits_of_every_preset(preset: str) -> None:
    texts = format_limits(list_limit_keys(preset=preset, simulated=True))
    assert "simulated" in texts[0]
    assert len(texts) == len(list_limit_keys(preset=preset, simulated=False)) + 1
