"""A sample of what tests/bench/presses does at length: nothing is lost, nothing counts twice."""

import random

import pytest
from playwright.sync_api import Browser, expect

from fer_lms.stack import Stack
from tests.bench.presses.double_clicks import measure
from tests.bench.presses.power_cut import Trials, enter_lesson, run_trial
from tests.bench.presses.scenes import Scene
from tests.bench.presses.settling import wait_until_sent
from tests.bench.presses.stored_rows import open_database
from tests.bench.presses.teacher_scenes import open_editor, open_step_editor
from tests.bench.presses.world import World

pytestmark = pytest.mark.timeout(300)
SAMPLE = [
    Scene("editor", open_editor, ("add-step",)),
    Scene("step", open_step_editor, ("save-step",)),
]


def test_double_click_counts_once(browser: Browser, stack: Stack) -> None:
    result = measure(stack, browser, iter(SAMPLE), presses=100, is_complete=False)
    assert result.presses == sum(len(scene.presses) for scene in SAMPLE)
    assert result.doubles == []


def count_ratings(stack: Stack, name: str) -> int:
    query = """SELECT count(*) FROM lessons_interactionevent AS event
        JOIN lessons_participant AS learner ON learner.id = event.participant_id
        JOIN people_user AS person ON person.id = learner.user_id
        WHERE event.kind = 'self_report' AND person.first_name = ?"""
    with open_database(stack) as connection:
        return int(connection.execute(query, [name]).fetchone()[0])


def test_two_students_on_one_computer(browser: Browser, stack: Stack) -> None:
    """The first one's open tab writes into nobody else's record, and loses nothing."""
    world = World(stack)
    context = browser.new_context()
    left_open, other = context.new_page(), context.new_page()
    session = world.enter_shared(left_open, "First here")
    enter_lesson(left_open, world, session)
    left_open.get_by_test_id("next-step").click()
    wait_until_sent(left_open)

    world.enter_as(other, "Second here", session)
    left_open.get_by_test_id("rating-hard").click()
    expect(left_open.get_by_test_id("signed-out")).to_contain_text("Somebody else")
    enter_lesson(other, world, session)
    expect(other.locator("step-question input[type=text]")).to_have_value("")
    other.get_by_test_id("rating-easy").click()
    wait_until_sent(other)
    assert [count_ratings(stack, name) for name in ("First here", "Second here")] == [0, 1]

    world.enter_as(other, "First here", session)
    enter_lesson(left_open, world, session)
    wait_until_sent(left_open)
    assert [count_ratings(stack, name) for name in ("First here", "Second here")] == [1, 1]
    context.close()


@pytest.mark.parametrize("write", ["answer", "self-report"])
def test_write_of_a_killed_tab_is_stored_once(browser: Browser, stack: Stack, write: str) -> None:
    trials = Trials(stack, browser, random.Random(1))
    run_trial(trials, 900 + len(write), "tab", write)
    assert (trials.lost, trials.doubled) == ([], [])
