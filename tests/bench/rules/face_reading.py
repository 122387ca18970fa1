"""Validity of simulated faces: a linear reading of the signs, and its AUC per window.

`python -m tests.bench.rules.face_reading` prints the AUC at each shift of the two generators, from
which `face.shift` of their assumptions is set.
"""

from collections.abc import Sequence
from statistics import median
from unittest.mock import patch

import numpy as np

from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.rules.trials import generator
from fer_lms.rules.trials.assumptions import ASSUMPTIONS, Assumptions
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from tests.bench.rules import markov
from tests.bench.rules.markov import MARKOV, simulate_markov_class

MIN_COVERAGE = 0.5
SHIFTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)


def compute_auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the area under the ROC curve (Mann-Whitney), ties counted half."""
    values = np.concatenate([np.asarray(positive, float), np.asarray(negative, float)])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    count = len(positive)
    area = ranks[:count].sum() - count * (count + 1) / 2
    return float(area / (count * len(negative)))


def read_face(window: WindowSummary, assumptions: Assumptions) -> float:
    """Return the signs weighted by loading / variance: the best linear reading without confounders.

    Negative expressions count by their summed probability.
    """
    loadings = assumptions.get_table("face.loadings")
    noise = assumptions.get_table("face.noise")
    means = {name: window.compute_mean(name) for name in loadings if name != "negative"}
    means["negative"] = window.negative_probability or 0.0
    return sum(loadings[name] / noise[name] ** 2 * mean for name, mean in means.items())


def measure_face_auc(learners: Sequence[SimulatedLearner], assumptions: Assumptions) -> float:
    """Return the AUC per window of the reading relative to each learner's median."""
    inside: list[float] = []
    outside: list[float] = []
    for learner in learners:
        seen = [window for window in learner.windows.values() if window.coverage >= MIN_COVERAGE]
        values = [read_face(window, assumptions) for window in seen]
        usual = median(values) if values else 0.0
        for window, value in zip(seen, values, strict=True):
            is_inside = learner.find_episode(window.start - learner.started_at) is not None
            (inside if is_inside else outside).append(value - usual)
    return compute_auc(inside, outside)


def main() -> None:
    """Print the AUC at each shift."""
    for shift in SHIFTS:
        print(shift, *(f"{auc:.3f}" for auc in _measure_generators(shift)), sep="\t")  # noqa: T201


def _measure_generators(shift: float) -> list[float]:
    with (
        patch.object(generator, "compute_shift", return_value=shift),
        patch.object(markov, "compute_shift", return_value=shift),
    ):
        first = [one for seed in range(20) for one in simulate_class(seed=seed)]
        second = [one for seed in range(20) for one in simulate_markov_class(seed=seed)]
    return [measure_face_auc(first, ASSUMPTIONS), measure_face_auc(second, MARKOV)]


if __name__ == "__main__":
    main()
