"""A detector that knows the generator `episodes`, to compare rules with.

A hidden Markov filter over calm, failing, slow and silent, every five seconds, with the parameters
of fer_lms/rules/trials/assumptions.toml and with each learner's own error rate and pace outside of
episodes, which no rule knows. It uses interactions only. For the second generator its parameters
are wrong, as those of every real detector are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, hypot, log
from statistics import NormalDist, median
from typing import Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.rules.trials.assumptions import ASSUMPTIONS
from fer_lms.rules.trials.generator import SimulatedLearner
from tests.bench.rules.outcomes import Help
from tests.bench.rules.policies import apply_limits

TICK_S: Final = 5
THRESHOLDS: Final = (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.96)
MAX_GAP_S: Final = 120.0
"""Longer pauses between answers are no answering time."""
SILENT_HAZARD: Final = 0.01
READING_SURVIVAL: Final = 0.97
"""Least probability of a calm learner not to answer within a tick: they may be reading."""
NORMAL: Final = NormalDist()

Probabilities = list[float]
"""Of calm, failing, slow and silent."""


@dataclass(frozen=True, slots=True)
class _Behaviour:
    """How a learner answers in one state; pace 0: not at all."""

    error_rate: float
    pace_s: float
    sigma: float
    asks: float

    def compute_hazard(self, waited_s: float) -> float:
        """Return the probability of an answer within the next tick."""
        if not self.pace_s:
            return SILENT_HAZARD
        waited_s = max(waited_s, 0.5)
        survival = self._compute_survival(waited_s + TICK_S) / self._compute_survival(waited_s)
        return min(max(1 - survival, 1e-4), 0.95)

    def _compute_survival(self, waited_s: float) -> float:
        return max(1 - NORMAL.cdf(log(waited_s / self.pace_s) / self.sigma), 1e-9)


def compute_stuck_probabilities(learner: SimulatedLearner) -> list[tuple[float, float]]:
    """Return (second, probability of an episode) at the end of each tick."""
    behaviours = _describe_learner(learner)
    per_hour = ASSUMPTIONS.get_number("episodes.per_hour")
    sigma = ASSUMPTIONS.get_number("episodes.sigma")
    length = ASSUMPTIONS.get_number("episodes.median_s") * exp(sigma * sigma / 2)
    begins, ends = TICK_S / (3600 / per_hour - length), TICK_S / length
    kinds = ASSUMPTIONS.get_numbers("episodes.kinds")
    probabilities = [1.0, 0.0, 0.0, 0.0]
    stuck = []
    for second, likelihoods in _list_likelihoods(learner, behaviours):
        calm, *episodes = probabilities
        predicted = [calm * (1 - begins) + sum(episodes) * ends]
        predicted += [
            calm * begins * share + probability * (1 - ends)
            for share, probability in zip(kinds, episodes, strict=True)
        ]
        joint = [p * likelihood for p, likelihood in zip(predicted, likelihoods, strict=True)]
        probabilities = [max(p / sum(joint), 1e-4) for p in joint]
        stuck.append((second, 1 - probabilities[0]))
    return stuck


def give_hints(stuck: Sequence[tuple[float, float]], threshold: float) -> list[Help]:
    return apply_limits([second for second, probability in stuck if probability > threshold])


def _describe_learner(learner: SimulatedLearner) -> list[_Behaviour]:
    """Return the behaviour in each state, from the learner's answers outside of episodes."""
    number, numbers = ASSUMPTIONS.get_number, ASSUMPTIONS.get_numbers
    calm = [
        action
        for action in learner.actions
        if action.kind == "answered" and not learner.find_episode(action.at - learner.started_at)
    ]
    total = number("answers.error_concentration")
    wrong = sum(action.value == "wrong" for action in calm)
    rate = (wrong + number("answers.error_rate") * total) / (len(calm) + total)
    gaps = [b.at - a.at for a, b in pairwise(calm) if b.at - a.at < MAX_GAP_S]
    pace, sigma = median(gaps or [number("answers.median_s")]), number("answers.time_sigma")
    asks = number("answers.asks_rate_in_episode")
    described = [_Behaviour(rate, pace, sigma, number("answers.asks_rate"))]
    for kind in ("failing", "slow"):
        factor, spread = numbers(f"answers.{kind}_time")
        at_least = number(f"answers.{kind}_error_rate")
        described.append(_Behaviour(max(rate, at_least), factor * pace, hypot(sigma, spread), asks))
    return [*described, _Behaviour(rate, 0.0, sigma, SILENT_HAZARD)]


def _list_likelihoods(
    learner: SimulatedLearner, behaviours: Sequence[_Behaviour]
) -> Iterator[tuple[float, Probabilities]]:
    """Yield the likelihood of what happened in each tick, by state."""
    reading_s = ASSUMPTIONS.get_numbers("answers.reading_s")[0]
    actions = [one for one in learner.actions if one.kind in ("answered", "hint_asked")]
    opened = [one.at for one in learner.actions if one.kind == "step_opened"]
    since = learner.started_at + reading_s
    for second in range(0, learner.seconds, TICK_S):
        at = learner.started_at + second
        happened = [one for one in actions if at <= one.at < at + TICK_S]
        since = max([since, *(one + reading_s for one in opened if at <= one < at + TICK_S)])
        yield second + TICK_S, _compute_likelihoods(happened, at - since, behaviours)
        since = max([since, *(one.at for one in happened if one.kind == "answered")])


def _compute_likelihoods(
    happened: Sequence[LearnerAction], waited_s: float, behaviours: Sequence[_Behaviour]
) -> Probabilities:
    likelihoods = [1.0] * len(behaviours)
    for action in happened:
        for number, one in enumerate(behaviours):
            likelihoods[number] *= _compute_likelihood(action, waited_s, one)
    if waited_s > 0 and not any(action.kind == "answered" for action in happened):
        survived = [1 - one.compute_hazard(waited_s) for one in behaviours]
        survived[0] = max(survived[0], READING_SURVIVAL if waited_s > 60 else 0.0)
        likelihoods = [a * b for a, b in zip(likelihoods, survived, strict=True)]
    return likelihoods


def _compute_likelihood(action: LearnerAction, waited_s: float, one: _Behaviour) -> float:
    if action.kind == "hint_asked":
        return one.asks
    rate = one.error_rate if action.value == "wrong" else 1 - one.error_rate
    return one.compute_hazard(waited_s) * rate
