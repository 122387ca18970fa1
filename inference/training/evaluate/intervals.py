"""Intervals of 95 %: how far a figure may be from what endlessly many such faces would give.

Redrawing faces serves means of many faces. It fails on two kinds of figures: shares of a few faces
(where all are right, every redraw is all right too), and largest differences, which redrawing only
makes larger. These have formulas of their own here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Interval = tuple[float, float]

DRAWS = 1000
NORMAL_95 = 1.959964


def middle_95(values: Sequence[float] | Doubles) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def of_share(hits: int, of: int) -> Interval | None:
    """Wilson's interval of a share; it stays honest for few faces. None for none."""
    if not of:
        return None
    share, square = hits / of, NORMAL_95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = NORMAL_95 * np.sqrt(share * (1 - share) / of + square / (4 * of**2)) / (1 + square / of)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def of_f1(hits: int, said: int, true: int) -> Interval | None:
    """F1 is 2j / (1 + j), j being the share of hits among all faces that either side named so."""
    found = of_share(hits, said + true - hits)
    if found is None:
        return None
    low, high = (2 * share / (1 + share) for share in found)
    return low, high


def of_mean(values: Doubles, draws: int = DRAWS) -> Interval:
    """Of the mean of a value for each face, over redrawn faces."""
    rng = np.random.default_rng(0)
    return middle_95(
        [values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    )


def of_gap(hits: Sequence[int], faces: Sequence[int], draws: int = DRAWS) -> Interval:
    """Of the gap between the best and the worst of several shares.

    Whatever the true shares are, the counted gap is no further from the true one than the largest
    gap between two groups' errors, and that one is what is drawn here. (The gap itself, redrawn,
    comes out too large: it takes the largest of noise twice.) Errors are drawn around shares with
    two hits and two misses more, or a small group without a miss would pass for a certain one.
    """
    rng = np.random.default_rng(0)
    counts = np.array(faces)
    shares, drawn_from = np.array(hits) / counts, (np.array(hits) + 2) / (counts + 4)
    errors = rng.binomial(counts, drawn_from, (draws, len(counts))) / counts - drawn_from
    reach = float(np.percentile(np.ptp(errors, axis=1), 95))
    gap = float(np.ptp(shares))
    return max(0.0, gap - reach), min(1.0, gap + reach)
