from typing import Any

import pytest

from fer_lms.lessons.models import EngagementPreset
from fer_lms.reports.findings import format_finding, format_limits, list_limit_keys, select_finding


def step(position: int, engagement: float | None, seconds: int) -> dict[str, Any]:
    return {
        "position": position,
        "title": f"Part {position}",
        "engagement": engagement,
        "seconds": seconds,
        "withheld": None if engagement is not None else "too_few_learners",
    }


def text_of(*steps: dict[str, Any], gaps: int = 0) -> str:
    timeline = [{"withheld": "not_enough_seen"}] * gaps + [{"withheld": None}] * (10 - gaps)
    summary = {
        "withheld": None,
        "engagement": {"mean": 0.7},
        "steps": list(steps),
        "timeline": timeline,
    }
    return format_finding(select_finding(summary))


def test_the_step_that_lost_the_class() -> None:
    told = text_of(step(1, 0.8, 60), step(2, 0.5, 40))
    assert told == "Step 2, “Part 2”, held the class least."
    told = text_of(step(1, 0.8, 60), step(2, 0.5, 90))
    assert told == "Step 2, “Part 2”, took longest and held the class least."


def test_no_step_stands_out() -> None:
    assert text_of(step(1, 0.7, 60), step(2, 0.68, 40)).startswith("Step 1, “Part 1”, took longest")


def test_without_steps_the_lesson_is_even() -> None:
    assert text_of() == "The lesson held the class about equally throughout."
    assert text_of(step(1, 0.7, 60), step(2, None, 0)).startswith("The lesson held")


def test_gaps_are_named() -> None:
    assert text_of(gaps=2).endswith("; nothing can be said about 20 % of the time.")


@pytest.mark.parametrize("reason", ["too_few_learners", "not_enough_seen"])
def test_a_withheld_report_says_why(reason: str) -> None:
    told = format_finding(select_finding({"withheld": reason}))
    assert told.startswith("Too ")
    assert told.endswith(".")


@pytest.mark.parametrize("preset", EngagementPreset.values)
def test_every_preset_has_its_limits(preset: str) -> None:
    texts = format_limits(list_limit_keys(preset=preset, simulated=True))
    assert "simulated" in texts[0]
    assert len(texts) == len(list_limit_keys(preset=preset, simulated=False)) + 1
