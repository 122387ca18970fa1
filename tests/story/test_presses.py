"""A sample of what tests/bench/presses does at length: nothing is lost, nothing counts twice."""

import random

import pytest
from playwright.sync_api import Browser

from fer_lms.stack import Stack
from tests.bench.presses.double_clicks import measure
from tests.bench.presses.power_cut import Trials, run_trial
from tests.bench.presses.scenes import Scene
from tests.bench.presses.teacher_scenes import open_editor, open_step_editor

pytestmark = pytest.mark.timeout(300)
SAMPLE = [
    Scene("editor", open_editor, ("add-step",)),
    Scene("step", open_step_editor, ("save-step",)),
]


def test_double_click_counts_once(browser: Browser, stack: Stack) -> None:
    result = measure(stack, browser, iter(SAMPLE), presses=100, is_complete=False)
    assert result.presses == sum(len(scene.presses) for scene in SAMPLE)
    assert result.doubles == []


@pytest.mark.parametrize("write", ["answer", "self-report"])
def test_write_of_a_killed_tab_is_stored_once(browser: Browser, stack: Stack, write: str) -> None:
    trials = Trials(stack, browser, random.Random(1))
    run_trial(trials, 900 + len(write), "tab", write)
    assert (trials.lost, trials.doubled) == ([], [])
