"""Disclosure control by thresholds and coarsening: for every figure of several students. Pure.

A figure is released only if at least `min_group_size` students contribute to it (threshold rule).
Values are rounded so that their denominators are not recognisable. A share of actions is clamped
so that it never states that nobody or everybody did something ("20 % or less", "80 % or more" for
a group of five).
"""

import uuid
from collections.abc import Collection, Mapping
from math import ceil
from typing import Any, Final, Literal

Learner = uuid.UUID
Contributions = Mapping[Learner, Any]
"""One value by learner, of which a metric is computed."""
MetricKey = tuple[str | int, ...]
"""Name of a metric, and its step or rule."""
Change = Literal["lower", "similar", "higher"]

ROUNDING: Final = 0.05
"""Of expression shares and shares of actions."""
ENGAGEMENT_ROUNDING: Final = 0.1
"""With 0.05, a step minus the timeline tells how one student who is out of step with the class
differs from their own mean (docs/disclosure.md)."""
LEVEL_ROUNDING: Final = 0.1
MIN_CHANGE: Final = 0.05
"""Difference to the session's mean from which a figure is called lower or higher."""


def filter_releasable_metrics(
    metrics: Mapping[MetricKey, Contributions], min_group_size: int
) -> dict[MetricKey, Contributions]:
    """Return the metrics with enough learners to be released.

    Every metric about learners' actions has to pass this filter; tests/reports/test_adversary.py
    verifies it.
    """
    return {key: values for key, values in metrics.items() if len(values) >= min_group_size}


def compute_released_share(values: Collection[bool], min_group_size: int) -> float:
    """Return the share of true values, rounded and clamped."""
    margin = round_to(ceil(round(1 / (min_group_size * ROUNDING), 6)) * ROUNDING, ROUNDING)
    share = round_to(sum(values) / len(values), ROUNDING)
    return min(round_to(1 - margin, ROUNDING), max(margin, share))


def round_to(value: float, step: float) -> float:
    return round(round(value / step) * step, 4)


def round_engagement(value: float) -> float:
    return round_to(value, ENGAGEMENT_ROUNDING)


def round_expression(share: float) -> float:
    return round_to(share, ROUNDING)


def round_level(share: float) -> float:
    return round_to(share, LEVEL_ROUNDING)


def classify_change(value: float, mean: float) -> Change:
    """Compare a figure with the mean of its session."""
    if value <= mean - MIN_CHANGE:
        return "lower"
    return "higher" if value >= mean + MIN_CHANGE else "similar"
