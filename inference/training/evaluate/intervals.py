"""95 % confidence intervals of metrics.

The bootstrap is used for means over many faces. It fails for two kinds of metrics, for
which other formulas are used here: shares of few faces (where all are right, every resample is all
right too), and largest differences, which resampling only enlarges.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Interval = tuple[float, float]

DRAWS = 1000
"""Bootstrap resamples."""
NORMAL_95 = 1.959964
"""97.5 % quantile of the standard normal distribution."""


def compute_percentile_interval(values: Sequence[float] | Doubles) -> Interval:
    """Return the middle 95 % of bootstrap values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def compute_wilson_interval(hits: int, faces: int) -> Interval | None:
    """Return Wilson's score interval of a share (Wilson 1927); None for no faces."""
    if not faces:
        return None
    share, square = hits / faces, NORMAL_95**2
    middle = (share + square / (2 * faces)) / (1 + square / faces)
    variance = share * (1 - share) / faces + square / (4 * faces**2)
    reach = NORMAL_95 * np.sqrt(variance) / (1 + square / faces)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def compute_f1_interval(hits: int, predicted: int, true: int) -> Interval | None:
    """Return an interval of F1 = 2j / (1 + j), j being the Jaccard index."""
    jaccard = compute_wilson_interval(hits, predicted + true - hits)
    if jaccard is None:
        return None
    low, high = (2 * share / (1 + share) for share in jaccard)
    return low, high


def bootstrap_mean_interval(values: Doubles, draws: int = DRAWS) -> Interval:
    """Return an interval of the mean of one value per face [N]."""
    rng = np.random.default_rng(0)
    return compute_percentile_interval(
        [values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    )


def bootstrap_gap_interval(
    hits: Sequence[int], faces: Sequence[int], draws: int = DRAWS
) -> Interval:
    """Return an interval of the gap between the best and the worst of several shares.

    The counted gap is at most the largest difference of two groups' errors away from the true one;
    that difference is what is sampled. (The resampled gap itself is biased upwards: it takes the
    maximum of noise twice.) Errors are drawn around shares with two hits and two misses added
    (Agresti and Coull 1998), or a small group without a miss would count as certain.
    """
    rng = np.random.default_rng(0)
    counts = np.array(faces)
    shares, smoothed = np.array(hits) / counts, (np.array(hits) + 2) / (counts + 4)
    errors = rng.binomial(counts, smoothed, (draws, len(counts))) / counts - smoothed
    reach = float(np.percentile(np.ptp(errors, axis=1), 95))
    gap = float(np.ptp(shares))
    return max(0.0, gap - reach), min(1.0, gap + reach)
