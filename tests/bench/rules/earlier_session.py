"""Expected error rates of a lesson, from another simulated class, as from an earlier session."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.rules.session_rules import ASSUMED_ANSWERS
from fer_lms.rules.trials.generator import SimulatedLearner

CLASSES: Final = 2
"""Simulated at once: the measured class, and another one in the same lesson."""


def split_classes(learners: Sequence[SimulatedLearner]) -> list[SimulatedLearner]:
    """Return the first half; it expects the error rates of the second half."""
    size = len(learners) // CLASSES
    measured, earlier = list(learners[:size]), learners[size:]
    rates = count_error_rates(earlier)
    for learner in measured:
        learner.expected_error_rates = rates
    return measured


def count_error_rates(learners: Sequence[SimulatedLearner]) -> dict[int, float]:
    """Return the share of wrong answers by step, as `session_rules.count_error_rates`."""
    answers, wrong = Counter[int](), Counter[int]()
    for learner in learners:
        for action in learner.actions:
            if action.kind == "answered" and action.step is not None:
                answers[action.step] += 1
                wrong[action.step] += action.value == "wrong"
    assumed = ASSUMED_ANSWERS * DEFAULT_WEIGHTS.error_rate
    return {
        step: round((wrong[step] + assumed) / (count + ASSUMED_ANSWERS), 2)
        for step, count in answers.items()
    }
