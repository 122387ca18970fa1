"""Filter that knows the generator `episodes`: an explicit-duration hidden Markov model.

Every five seconds it computes the probability of being within an episode, or at most 20 s after
one. It has the laws of fer_lms/rules/trials/assumptions.toml and the learner's own error rates and
pace, which no rule knows. Interactions only.
"""

from collections.abc import Iterator, Sequence
from math import erfc, exp, gamma, hypot, log, sqrt
from typing import Final

import numpy as np

from fer_lms.engagement.activity import LearnerAction
from fer_lms.rules.trials.assumptions import ASSUMPTIONS
from fer_lms.rules.trials.generator import SimulatedLearner
from tests.bench.rules.outcomes import HIT_MARGIN_S, Array

TICK_S: Final = 5
TICKS: Final = 481
"""Longest duration that is kept apart, in ticks: 40 minutes."""
OPENED_FACTOR: Final = 0.1
"""Nobody opens a step within an episode, except at its very end."""
RARE: Final = 1e-5
LEAST: Final = 1e-9

_number, _numbers = ASSUMPTIONS.get_number, ASSUMPTIONS.get_numbers


def _compute_tail(z: float) -> float:
    """Return the probability of a standard normal number above z."""
    return max(0.5 * erfc(z / sqrt(2)), LEAST)


def _list_ending_rates() -> Array:
    """Return the probability that an episode of each age ends within a tick."""
    median, sigma = _number("episodes.median_s"), _number("episodes.sigma")
    low, high = _numbers("episodes.limits_s")
    ages = [TICK_S * tick for tick in range(TICKS + 1)]
    lasting = [
        1.0 if age < low else 0.0 if age >= high else _compute_tail(log(age / median) / sigma)
        for age in ages
    ]
    return _to_hazards(np.array(lasting))


def _list_beginning_rates() -> tuple[Array, Array]:
    """Return the same for pauses: the first one of a session, and later ones."""
    median, sigma = _number("episodes.median_s"), _number("episodes.sigma")
    pause = 3600 / _number("episodes.per_hour") - median * exp(sigma * sigma / 2)
    shape = _number("episodes.pause_shape")
    scale = pause / shape
    grid = np.arange(0.5, 20 * pause)
    density = (grid / scale) ** (shape - 1) * np.exp(-grid / scale) / gamma(shape) / scale
    lasting = np.append(1.0, 1 - np.cumsum(density))
    seconds = TICK_S * np.arange(TICKS + 1)
    later = np.interp(seconds, np.arange(len(lasting)), lasting)
    # The first pause is a uniform share of a pause, after the earliest second.
    shares = np.linspace(0, 1, 401)[1:]
    waited = np.maximum(seconds - _number("episodes.earliest_s"), 0)
    first = np.mean(
        [np.interp(waited / share, np.arange(len(lasting)), lasting) for share in shares], axis=0
    )
    return _to_hazards(first), _to_hazards(later)


def _to_hazards(lasting: Array) -> Array:
    lasting = np.maximum(lasting, LEAST)
    hazards: Array = np.clip(1 - lasting[1:] / lasting[:-1], 0.0, 1.0)
    return hazards


class _AnswerTime:
    """Log-normal time of one answer: probability that it comes within the next tick."""

    def __init__(self, pace_s: float, sigma: float) -> None:
        self._pace_s, self._sigma = pace_s, sigma
        self._by_age = np.array([self.compute(TICK_S * tick) for tick in range(TICKS)])

    def compute(self, waited_s: float) -> float:
        waited_s = max(waited_s, 0.5)
        later = self._compute_tail(waited_s + TICK_S) / self._compute_tail(waited_s)
        return min(max(1 - later, RARE), 0.98)

    def compute_by_age(self, waited_s: float) -> Array:
        """Return it for episodes of each age, with which the question began anew."""
        hazards = self._by_age.copy()
        hazards[int(max(waited_s, 0) // TICK_S) :] = self.compute(waited_s)
        return hazards

    def _compute_tail(self, seconds: float) -> float:
        return _compute_tail(log(seconds / self._pace_s) / self._sigma)


class EpisodeFilter:
    """The filter of one learner."""

    ends = _list_ending_rates()
    begins_first, begins_later = _list_beginning_rates()

    def __init__(self, learner: SimulatedLearner) -> None:
        sigma, pace = _number("answers.time_sigma"), learner.pace_s
        self._learner = learner
        self._calm_time = _AnswerTime(pace, sigma)
        self._times, self._error_rates = [], []
        for kind in ("failing", "slow"):
            factor, spread = _numbers(f"answers.{kind}_time")
            self._times.append(_AnswerTime(factor * pace, hypot(sigma, spread)))
            self._error_rates.append(_number(f"answers.{kind}_error_rate"))
        self._first, self._later = np.zeros(TICKS), np.zeros(TICKS)
        self._first[0] = 1.0
        self._stuck = [np.zeros(TICKS) for _ in range(3)]
        self._reading = 0.0
        """Probability that a calm learner reads for minutes."""

    def run(self) -> Iterator[tuple[float, float]]:
        """Yield (second, probability) at the end of each tick."""
        learner, reading_s = self._learner, _numbers("answers.reading_s")[0]
        step, since = 0, float(learner.seconds)
        for second in range(0, learner.seconds, TICK_S):
            self._pass_tick()
            at = learner.started_at + second
            happened = [one for one in learner.actions if at <= one.at < at + TICK_S]
            for one in happened:
                if one.kind == "step_opened" and one.step is not None:
                    step, since = one.step, one.at - learner.started_at + reading_s
                    self._stuck = [OPENED_FACTOR * ages for ages in self._stuck]
            answers = [one for one in happened if one.kind == "answered"]
            if step and (answers or second - since > -TICK_S):
                self._weigh(answers, happened, second - since, learner.true_error_rates[step])
            self._normalize()
            if answers:
                since = answers[-1].at - learner.started_at
            yield float(second + TICK_S), self._compute_probability()

    def _pass_tick(self) -> None:
        begun = 0.0
        for ages, begins in ((self._first, self.begins_first), (self._later, self.begins_later)):
            leaving = ages * begins
            begun += leaving.sum()
            _age(ages, leaving)
        ended = 0.0
        for ages, share in zip(self._stuck, _numbers("episodes.kinds"), strict=True):
            leaving = ages * self.ends
            ended += leaving.sum()
            _age(ages, leaving)
            ages[0] = begun * share
        self._later[0] = ended
        rate, shortest, longest = _numbers("page.reading")
        self._reading += (1 - self._reading) * rate * TICK_S / 3600
        self._reading -= self._reading * TICK_S / ((shortest + longest) / 2)

    def _weigh(
        self,
        answers: Sequence[LearnerAction],
        happened: Sequence[LearnerAction],
        waited_s: float,
        error_rate: float,
    ) -> None:
        """Multiply by the likelihood of what happened in the tick."""
        asked = any(one.kind == "hint_asked" for one in happened)
        calm, stuck = _number("answers.asks_rate"), _number("answers.asks_rate_in_episode")
        hazard = self._calm_time.compute(waited_s)
        hazards = [time.compute_by_age(waited_s) for time in self._times]
        if answers:
            is_wrong = answers[0].value == "wrong"
            calm_likelihood = hazard * _get_share(error_rate, is_wrong) * _get_share(calm, asked)
            reading = RARE * calm_likelihood
            rates = [max(error_rate, rate) for rate in self._error_rates]
            likelihoods = [
                by_age * _get_share(rate, is_wrong) * _get_share(stuck, asked)
                for by_age, rate in zip(hazards, rates, strict=True)
            ]
            likelihoods.append(np.full(TICKS, RARE))
        else:
            factor = RARE if asked else 1.0
            calm_likelihood, reading = (1 - hazard) * factor, factor
            likelihoods = [(1 - by_age) * factor for by_age in hazards]
            # Requests without an answer come in silent episodes only.
            likelihoods.append(np.full(TICKS, 0.01 if asked else 1.0))
        mixed = (1 - self._reading) * calm_likelihood + self._reading * reading
        self._reading *= reading / mixed
        self._first *= mixed
        self._later *= mixed
        self._stuck = [a * b for a, b in zip(self._stuck, likelihoods, strict=True)]

    def _normalize(self) -> None:
        total = self._first.sum() + self._later.sum() + sum(ages.sum() for ages in self._stuck)
        for ages in (self._first, self._later, *self._stuck):
            ages /= total

    def _compute_probability(self) -> float:
        ended = self._later[: HIT_MARGIN_S // TICK_S].sum()
        return float(ended + sum(ages.sum() for ages in self._stuck))


def _age(ages: Array, leaving: Array) -> None:
    """Make everything that stays one tick older, in place."""
    ages -= leaving
    ages[1:] = ages[:-1].copy()
    ages[0] = 0.0


def _get_share(rate: float, happens: bool) -> float:
    return rate if happens else 1 - rate
