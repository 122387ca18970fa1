"""What a simulated learner does in the lesson: made up from a seed, as the class drifts away.

Pure. Where the class is stuck, first answers are mostly wrong, hints are asked for and the step is
called hard; elsewhere it goes as it usually goes. It happens through the actions that serve real
learners (fer_lms.demo.simulated_session).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from fer_lms.demo.simulation import ON_PAPER, SECONDS, STEP_STARTS, SimulatedLearner

Kind = Literal["open", "answer", "ask", "say", "idle", "back"]
HARD_STEP: Final = 2
"""The place of the step in which the class is stuck (fer_lms.demo.simulation)."""


@dataclass(frozen=True, slots=True)
class SimulatedAction:
    second: float
    """Of the sitting."""
    kind: Kind
    step: int
    """Its place, from 0."""
    value: str = ""


def simulate_actions(player: SimulatedLearner) -> list[SimulatedAction]:
    """Everything one learner does, in order."""
    random = Random(1000 + player.number)  # noqa: S311 - the same every time, no secret
    found = []
    for step, start in enumerate(STEP_STARTS):
        opened = start + (player.lag_seconds if start else 0)
        found.append(SimulatedAction(opened, "open", step))
        if step == HARD_STEP:
            found += _struggles(opened, player, random)
        else:
            found += _gets_on(opened, step, random)
    ends = (*[each + player.lag_seconds for each in STEP_STARTS[1:]], SECONDS)
    return sorted(
        (each for each in found if each.second < ends[each.step]), key=lambda each: each.second
    )


def choose_hint_answer(player: SimulatedLearner) -> str:
    """What this learner says to a hint that came by itself; empty: nothing."""
    return ("helped", "helped", "not_hard", "helped", "helped", "not_now", "helped", "")[
        player.number % 8
    ]


def _gets_on(opened: float, step: int, random: Random) -> Iterator[SimulatedAction]:
    at = opened + random.uniform(30, 55)
    if random.random() < 0.25:
        yield SimulatedAction(at, "answer", step, "wrong")
        at += random.uniform(15, 25)
    yield SimulatedAction(at, "answer", step, "right")
    # Earlier it would keep hints away for five minutes: the learner's word stands above all signs.
    if step > HARD_STEP and random.random() < 0.8:
        said = "easy" if random.random() < 0.4 else "fine"
        yield SimulatedAction(at + random.uniform(4, 12), "say", step, said)


def _struggles(
    opened: float, player: SimulatedLearner, random: Random
) -> Iterator[SimulatedAction]:
    """Three tries that are not right, some ask, most call it hard, some look at their paper."""
    at = opened + random.uniform(70, 80)
    if player.number == 4:  # the one for whom it is no trouble
        yield SimulatedAction(at, "answer", HARD_STEP, "right")
        yield SimulatedAction(at + 8, "say", HARD_STEP, "fine")
        return
    for _ in range(3):
        yield SimulatedAction(at, "answer", HARD_STEP, "wrong")
        at += random.uniform(18, 30)
    if player.number % 4 != 1:
        yield SimulatedAction(at + random.uniform(40, 50), "ask", HARD_STEP)
    if player.number % 3 != 2:
        yield SimulatedAction(at + random.uniform(52, 60), "say", HARD_STEP, "hard")
    else:
        yield SimulatedAction(ON_PAPER[0], "idle", HARD_STEP)
        yield SimulatedAction(ON_PAPER[1] - 5, "back", HARD_STEP)
    yield SimulatedAction(opened + 225 + random.uniform(0, 12), "answer", HARD_STEP, "right")
