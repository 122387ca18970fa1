"""Actions of simulated learners in a lesson, generated from a seed by pure functions.

On the hard step first answers are mostly wrong, hints are requested and the step is rated hard;
on other steps most answers are right. fer_lms.demo.simulated_session performs the actions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from fer_lms.demo.simulation import (
    PAPER_SECONDS,
    SESSION_SECONDS,
    STEP_START_SECONDS,
    SimulatedLearner,
)

Kind = Literal["open", "answer", "ask_hint", "self_report", "idle", "return"]
HARD_STEP: Final = 2
"""Index of the step in which the class is stuck (fer_lms.demo.simulation)."""
HINT_ANSWERS: Final = ("helped", "helped", "not_hard", "helped", "helped", "not_now", "helped", "")


@dataclass(frozen=True, slots=True)
class SimulatedAction:
    """An action at `second` of the session on the step with index `step`."""

    second: float
    kind: Kind
    step: int
    value: str = ""


def simulate_actions(learner: SimulatedLearner) -> list[SimulatedAction]:
    """Generate all actions of one learner in time order."""
    random = Random(1000 + learner.number)  # noqa: S311 - reproducible, not a secret
    actions = []
    for step, start in enumerate(STEP_START_SECONDS):
        opened = start + (learner.lag_seconds if start else 0)
        actions.append(SimulatedAction(opened, "open", step))
        if step == HARD_STEP:
            actions += _simulate_hard_step(opened, learner, random)
        else:
            actions += _simulate_easy_step(opened, step, random)
    ends = (*[start + learner.lag_seconds for start in STEP_START_SECONDS[1:]], SESSION_SECONDS)
    in_time = [action for action in actions if action.second < ends[action.step]]
    return sorted(in_time, key=lambda action: action.second)


def choose_hint_answer(learner: SimulatedLearner) -> str:
    """Return the learner's answer to hints from rules; "" for no answer."""
    return HINT_ANSWERS[learner.number % len(HINT_ANSWERS)]


def _simulate_easy_step(opened: float, step: int, random: Random) -> Iterator[SimulatedAction]:
    second = opened + random.uniform(30, 55)
    if random.random() < 0.25:
        yield SimulatedAction(second, "answer", step, "wrong")
        second += random.uniform(15, 25)
    yield SimulatedAction(second, "answer", step, "right")
    # A self-report before the hard step would suppress rule hints for five minutes.
    if step > HARD_STEP and random.random() < 0.8:
        value = "easy" if random.random() < 0.4 else "fine"
        yield SimulatedAction(second + random.uniform(4, 12), "self_report", step, value)


def _simulate_hard_step(
    opened: float, learner: SimulatedLearner, random: Random
) -> Iterator[SimulatedAction]:
    """Yield three wrong attempts; some learners request a hint, most report "hard"."""
    second = opened + random.uniform(70, 80)
    if learner.number == 4:  # the one learner who finds it easy
        yield SimulatedAction(second, "answer", HARD_STEP, "right")
        yield SimulatedAction(second + 8, "self_report", HARD_STEP, "fine")
        return
    for _ in range(3):
        yield SimulatedAction(second, "answer", HARD_STEP, "wrong")
        second += random.uniform(18, 30)
    if learner.number % 4 != 1:
        yield SimulatedAction(second + random.uniform(40, 50), "ask_hint", HARD_STEP)
    if learner.number % 3 != 2:
        yield SimulatedAction(second + random.uniform(52, 60), "self_report", HARD_STEP, "hard")
    else:
        yield SimulatedAction(PAPER_SECONDS[0], "idle", HARD_STEP)
        yield SimulatedAction(PAPER_SECONDS[1] - 5, "return", HARD_STEP)
    solved_at = opened + 225 + random.uniform(0, 12)
    yield SimulatedAction(solved_at, "answer", HARD_STEP, "right")
