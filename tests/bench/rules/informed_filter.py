"""What a detector could reach that knows the generator and the learner: to compare rules with.

A rule has neither the generator's laws nor the learner's own error rates. The filters compute the
probability of an episode from interactions by Bayes' theorem, and give a hint above a threshold, so
hardly anything that sees interactions only can do much better.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from fer_lms.rules.trials.generator import SimulatedLearner
from tests.bench.rules.episode_filter import EpisodeFilter
from tests.bench.rules.markov_filter import MarkovFilter
from tests.bench.rules.outcomes import Help
from tests.bench.rules.policies import apply_limits

THRESHOLDS: Final = (
    *(0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
)
FILTERS: Final[Mapping[str, Callable[[SimulatedLearner], Iterator[tuple[float, float]]]]] = {
    "episodes": lambda learner: EpisodeFilter(learner).run(),
    "markov": lambda learner: MarkovFilter(learner).run(),
}
"""By generator."""


def compute_stuck_probabilities(
    learner: SimulatedLearner, generator: str
) -> list[tuple[float, float]]:
    """Return (second, probability that a hint is a hit) at the end of each tick."""
    return list(FILTERS[generator](learner))


def give_hints(stuck: Sequence[tuple[float, float]], threshold: float) -> list[Help]:
    return apply_limits([second for second, probability in stuck if probability > threshold])
