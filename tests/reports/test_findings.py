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
    return format_finding(select_finding(summary))


def test_step_with_lowest_engagement() -> None:
    text = text_of(step(1, 0.8, 60), step(2, 0.5, 40))
    assert text == "Lowest engagement in step 2, “Part 2”."
    text = text_of(step(1, 0.8, 60), step(2, 0.5, 90))
    assert text == "Step 2, “Part 2”, took the longest and had the lowest engagement."


def test_no_step_stands_out() -> None:
    text = text_of(step(1, 0.7, 60), step(2, 0.68, 40))
    assert text.startswith("Step 1, “Part 1”, took the longest; no step")


def test_without_steps_the_lesson_is_even() -> None:
    even = text_of(step(1, 0.7, 60) | {"seconds": None}, step(2, 0.65, 40) | {"seconds": None})
    assert even == "Engagement was about the same in all steps."


def test_steps_without_engagement_are_not_called_even() -> None:
    assert text_of() == "No step can be compared with the others."
    assert text_of(step(1, 0.7, 60), step(2, None, 9)) == "Step 1, “Part 1”, took the longest."


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
    assert "lowest" not in text_of(step(1, 0.7, 60), step(2, 0.65, 90))
    assert "lowest" in text_of(step(1, 0.7, 60), step(2, 0.6, 90))


def test_the_only_lower_step_of_a_group_without_levels_is_named() -> None:
    changes = [step(1, None, 60) | {"change": "similar"}, step(2, None, 40) | {"change": "lower"}]
    shown = [row | {"withheld": None} for row in changes]
    assert text_of(*shown, mean=None) == "Lowest engagement in step 2, “Part 2”."
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
