"""Probability that a learner is stuck, from the run of right and wrong answers. Pure.

Two unknowns are estimated together: the learner's own error rate where all goes well, and whether
the learner is stuck, where most answers are wrong. A third of wrong answers in a hard drill is then
a learner's usual rate, and eight in a row are not. Being stuck begins and ends at random with the
rates of the weights (a hidden Markov model of two states; knowledge tracing, Corbett and Anderson
1995, has the same structure); the error rate is one of `ERROR_LOGITS`.
"""

import math
from collections.abc import Sequence
from typing import Final

from fer_lms.engagement.weights import Weights

ERROR_LOGITS: Final = (-2.2, -1.5, -0.9, -0.4, 0.1, 0.6, 1.1)
"""Possible error rates of a learner who is not stuck: 10 % to 75 % on a usual step."""
EXPECTED_RATES: Final = (0.1, 0.5)
"""Range of a step's expected error rate. Where most earlier learners failed, they needed help too:
failing is not expected."""
MIN_EXCESS: Final = 0.05
"""A stuck learner's error rate is at least this much above the usual one."""
NEW_STEP_SHARE: Final = 0.15
"""Share of the estimate of the error rate that a new step replaces by the prior."""
MIN_PROBABILITY: Final = 1e-9

Shares = list[float]
"""Joint probability with each of `ERROR_LOGITS`."""


def compute_prior(weights: Weights) -> Shares:
    """Return the probability of each error rate before any answer."""
    mean = math.log(weights.error_rate / (1 - weights.error_rate))
    shares = [
        math.exp(-0.5 * ((logit - mean) / weights.error_spread) ** 2) for logit in ERROR_LOGITS
    ]
    total = sum(shares)
    return [share / total for share in shares]


def compute_difficulty(expected_rate: float, weights: Weights) -> float:
    """Return by how many logits a step is harder than usual.

    Args:
        expected_rate: Share of wrong answers of earlier learners on the step.
    """
    low, high = EXPECTED_RATES
    limited = min(max(expected_rate, low), high)
    return compute_log_odds(limited) - compute_log_odds(weights.error_rate)


def compute_usual_probability(weights: Weights) -> float:
    """Return the share of the time in which a learner is stuck."""
    begins, ends = _compute_rates(weights)
    return begins / (begins + ends)


def split_prior(prior: Sequence[float], weights: Weights) -> tuple[Shares, Shares]:
    """Return (not stuck, stuck) before any answer."""
    usual = compute_usual_probability(weights)
    return [share * (1 - usual) for share in prior], [share * usual for share in prior]


def open_step(fine: Shares, stuck: Shares, weights: Weights) -> tuple[Shares, Shares]:
    """Return the estimate at another step: nobody is stuck at it yet, and it may be harder."""
    known = [a + b for a, b in zip(fine, stuck, strict=True)]
    prior = compute_prior(weights)
    mixed = [
        (1 - NEW_STEP_SHARE) * share + NEW_STEP_SHARE * usual
        for share, usual in zip(known, prior, strict=True)
    ]
    return split_prior(mixed, weights)


def pass_time(
    fine: Shares, stuck: Shares, seconds: float, weights: Weights
) -> tuple[Shares, Shares]:
    """Return the estimate after some seconds without an answer: it returns to the usual."""
    kept = _compute_kept_share(seconds, weights)
    usual = compute_usual_probability(weights)
    new_fine, new_stuck = [], []
    for a, b in zip(fine, stuck, strict=True):
        expected = usual * (a + b)
        share = expected + (b - expected) * kept
        new_stuck.append(share)
        new_fine.append(a + b - share)
    return new_fine, new_stuck


def add_answer(
    fine: Shares,
    stuck: Shares,
    *,
    is_wrong: bool,
    share: float,
    nats: float,
    difficulty: float,
    weights: Weights,
) -> tuple[Shares, Shares]:
    """Return the estimate after an answer.

    Args:
        share: How much the answer counts, 0..1; quick answers do not count in full.
        nats: Further log-likelihood ratio of being stuck, for example from the time it took.
        difficulty: Of the step, in logits above the usual (`compute_difficulty`).
    """
    factor = math.exp(nats * share)
    new_fine, new_stuck = [], []
    for a, b, logit in zip(fine, stuck, ERROR_LOGITS, strict=True):
        rate = compute_probability(logit + difficulty)
        stuck_rate = max(weights.stuck_error_rate, rate + MIN_EXCESS)
        new_fine.append(a * (rate if is_wrong else 1 - rate) ** share)
        new_stuck.append(b * (stuck_rate if is_wrong else 1 - stuck_rate) ** share * factor)
    total = sum(new_fine) + sum(new_stuck)
    return [share / total for share in new_fine], [share / total for share in new_stuck]


def extend_run(
    run: Sequence[float], share: float, difficulty: float, weights: Weights
) -> list[float]:
    """Return a run of wrong answers with one more.

    Args:
        run: Probability of each error rate given the run, and last the likelihood ratio of being
            stuck all the time.
        share, difficulty: As in `add_answer`.
    """
    *known, ratio = run
    stuck_rate = weights.stuck_error_rate
    rates = [compute_probability(logit + difficulty) for logit in ERROR_LOGITS]
    fine = [part * min(rate, stuck_rate) ** share for part, rate in zip(known, rates, strict=True)]
    total = sum(fine)
    # Limited, since JSON has no infinity.
    longer = min(ratio * stuck_rate**share / total, 1 / MIN_PROBABILITY)
    return [*(part / total for part in fine), longer]


def compute_run_nats(run: Sequence[float]) -> float:
    """Return the log-likelihood ratio of being stuck of the wrong answers in a row.

    The error rate is the learner's own, as known before the run: for who often fails, a run says
    less. Unlike the hidden Markov model it forgets nothing, so that answers may be minutes apart.
    """
    return math.log(run[-1]) if run else 0.0


def compute_stuck_probability(stuck: Sequence[float], seconds: float, weights: Weights) -> float:
    """Return the probability of being stuck some seconds after the last answer."""
    usual = compute_usual_probability(weights)
    return usual + (sum(stuck) - usual) * _compute_kept_share(seconds, weights)


def compute_log_odds(probability: float) -> float:
    """Return the natural logarithm of the odds."""
    limited = min(max(probability, MIN_PROBABILITY), 1 - MIN_PROBABILITY)
    return math.log(limited / (1 - limited))


def compute_probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _compute_rates(weights: Weights) -> tuple[float, float]:
    """Return how often a second being stuck begins and ends."""
    return weights.stuck_per_hour / 3600, 1 / weights.stuck_seconds


def _compute_kept_share(seconds: float, weights: Weights) -> float:
    begins, ends = _compute_rates(weights)
    return math.exp(-max(seconds, 0.0) * (begins + ends))
