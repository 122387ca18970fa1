"""Rules tried on a made-up learner, and how well they met the hard times that were made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from fer_lms.rules.engine.evaluation import Firing, advance, begin, change_settings, take_doing
from fer_lms.rules.engine.learner import LearnerSettings, LearnerState
from fer_lms.rules.trials.generator import MadeUp

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
    learner: MadeUp, settings: LearnerSettings, state: LearnerState | None = None
) -> list[Firing]:
    """Let rules evaluate a made-up sitting, in the order in which live would."""
    state = state or begin(float(learner.began))
    firings: list[Firing] = []
    change_settings(state, settings)
    for number, doing in enumerate(learner.doings):
        firings += advance(state, settings, doing.at, learner.windows)
        firings += take_doing(state, settings, doing, doing.at, f"e{number}")
    return firings + advance(
        state, settings, learner.began + learner.seconds + 15.0, learner.windows
    )


def outcome_of(tried: Sequence[tuple[MadeUp, Sequence[Firing]]]) -> Outcome:
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
