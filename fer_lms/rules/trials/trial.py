"""Rules tried on a made-up learner, and how well they met the hard times that were made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from fer_lms.rules.engine.evaluation import (
    Firing,
    advance,
    apply_action,
    apply_settings,
    create_state,
)
from fer_lms.rules.engine.learner import EffectiveSettings, EvaluationState
from fer_lms.rules.trials.generator import SimulatedLearner

AFTERWARDS: int = 20
"""Seconds after a hard time's end in which help still comes for it."""


@dataclass(slots=True)
class Outcome:
    """Of one set of rules over a class."""

    episodes: int = 0
    met: int = 0
    false_alarms: int = 0
    hours: float = 0.0
    delays: list[float] = field(default_factory=list)

    @property
    def hit_rate(self) -> float | None:
        return self.met / self.episodes if self.episodes else None

    @property
    def false_alarms_an_hour(self) -> float:
        return self.false_alarms / self.hours if self.hours else 0.0

    @property
    def median_delay(self) -> float | None:
        return median(self.delays) if self.delays else None


def try_out(
    learner: SimulatedLearner, settings: EffectiveSettings, state: EvaluationState | None = None
) -> list[Firing]:
    """Let rules evaluate a made-up sitting, in the order in which live would."""
    state = state or create_state(float(learner.began))
    firings: list[Firing] = []
    apply_settings(state, settings)
    for number, action in enumerate(learner.activity):
        firings += advance(state, settings, action.at, learner.windows)
        firings += apply_action(state, settings, action, action.at, f"e{number}")
    return firings + advance(
        state, settings, learner.began + learner.seconds + 15.0, learner.windows
    )


def compute_outcome(tried: Sequence[tuple[SimulatedLearner, Sequence[Firing]]]) -> Outcome:
    """Which hard times were met, which hints came for nothing, and how late help came."""
    outcome = Outcome()
    for learner, firings in tried:
        outcome.hours += learner.seconds / 3600
        outcome.episodes += len(learner.episodes)
        times = [firing.at - learner.began for firing in firings]
        met = 0
        for episode in learner.episodes:
            inside = [at for at in times if episode.start <= at < episode.end + AFTERWARDS]
            if inside:
                outcome.met += 1
                outcome.delays.append(inside[0] - episode.start)
            met += len(inside)
        outcome.false_alarms += len(times) - met
    return outcome
