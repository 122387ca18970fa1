"""Filter that knows the generator `markov`: a hidden Markov model with its own states and rates.

Every five seconds it computes the probability of being frustrated, or of having been within the
last 20 s. It has the parameters of assumptions.toml and the learner's own error rates, which no
rule knows. Interactions only.
"""

from collections.abc import Iterator
from functools import cache
from math import exp, log
from typing import Final

import numpy as np

from fer_lms.engagement.activity import LearnerAction
from fer_lms.rules.trials.generator import SimulatedLearner
from tests.bench.rules.markov import FRUSTRATED, MARKOV, READING_S, TICK_S
from tests.bench.rules.outcomes import HIT_MARGIN_S, Array

OTHERS: Final = ("engaged", "confused", "bored", "away")
MARGIN_TICKS: Final = HIT_MARGIN_S // TICK_S
OPENED_FACTOR: Final = 0.02
"""Nobody opens a step while frustrated, except at the very end."""
LEAST: Final = 1e-4

State = tuple[str, str | int]
"""A frustrated state and its way, or another state and the ticks since frustration ended."""


@cache
def _list_states() -> tuple[State, ...]:
    others: list[State] = [(one, ticks) for one in OTHERS for ticks in range(MARGIN_TICKS + 1)]
    ways = MARKOV.get_table("answers.ways")
    return (*others, *((state, way) for state in FRUSTRATED for way in ways))


@cache
def _build_transitions() -> Array:
    states = _list_states()
    numbers = {state: number for number, state in enumerate(states)}
    means, ways = MARKOV.get_table("states.mean_s"), MARKOV.get_table("answers.ways")
    matrix = np.zeros((len(states), len(states)))
    for number, (name, detail) in enumerate(states):
        ticks = 0 if isinstance(detail, str) else min(detail + 1, MARGIN_TICKS)
        leaves = 1 - exp(-TICK_S / means[name])
        stays = number if isinstance(detail, str) else numbers[name, ticks]
        matrix[number, stays] += 1 - leaves
        for following, share in MARKOV.get_table(f"states.from_{name}").items():
            if following in FRUSTRATED:
                for way, part in ways.items():
                    matrix[number, numbers[following, way]] += leaves * share * part
            else:
                matrix[number, numbers[following, ticks]] += leaves * share
    scaled: Array = matrix / matrix.sum(axis=1, keepdims=True)
    return scaled


def _get_by_state(name: str, usual: str | None = None) -> Array:
    """Return the value of a table for each state; without an own one, that of `usual` or 0."""
    table = MARKOV.get_table(name)
    default = table[usual] if usual else 0.0
    behaviours = [
        str(detail) if isinstance(detail, str) else state for state, detail in _list_states()
    ]
    return np.array([table.get(one, default) for one in behaviours])


class MarkovFilter:
    """The filter of one learner."""

    def __init__(self, learner: SimulatedLearner) -> None:
        self._learner = learner
        states = _list_states()
        self._is_frustrated = np.array([isinstance(detail, str) for _, detail in states])
        self._is_hit = np.array([detail != MARGIN_TICKS for _, detail in states])
        self._answers = 1 - np.exp(-_get_by_state("answers.rate_per_minute") * TICK_S / 60)
        self._asks = np.maximum(_get_by_state("answers.asks_rate", "frustrated"), LEAST)
        self._logits = _get_by_state("answers.logit")
        self._least_rates = _get_by_state("answers.frustrated_error_rate")
        self._probabilities = np.zeros(len(states))
        self._probabilities[states.index(("engaged", MARGIN_TICKS))] = 1.0

    def run(self) -> Iterator[tuple[float, float]]:
        """Yield (second, probability) at the end of each tick."""
        learner = self._learner
        first = next(one for one in learner.actions if one.kind == "step_opened")
        opened = int(first.at - learner.started_at)
        for _ in range(opened // TICK_S):
            self._probabilities = self._probabilities @ _build_transitions()
        step = first.step
        for second in range(opened + READING_S, learner.seconds, TICK_S):
            self._probabilities = self._probabilities @ _build_transitions()
            at = learner.started_at + second
            happened = [one for one in learner.actions if at - 1 <= one.at < at + TICK_S]
            for one in happened:
                if one.kind == "step_opened" and one.step != step:
                    step = one.step
                    self._probabilities[self._is_frustrated] *= OPENED_FACTOR
            answers = [one for one in happened if one.kind == "answered" and one.at >= at]
            self._probabilities *= (
                self._compute_likelihood(answers[0]) if answers else 1 - self._answers
            )
            self._probabilities /= self._probabilities.sum()
            yield float(second + TICK_S), float(self._probabilities[self._is_hit].sum())

    def _compute_likelihood(self, answer: LearnerAction) -> Array:
        own = self._learner.true_error_rates[answer.step or 0]
        rates = 1 / (1 + np.exp(-(log(own / (1 - own)) + self._logits)))
        rates = np.maximum(rates, self._least_rates)
        asked = any(
            one.kind == "hint_asked" and 0 <= answer.at - one.at <= 1.01
            for one in self._learner.actions
        )
        result: Array = self._answers * (rates if answer.value == "wrong" else 1 - rates)
        result *= self._asks if asked else 1 - self._asks
        return result
