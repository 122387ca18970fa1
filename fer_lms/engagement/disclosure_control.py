"""Disclosure control for metrics of several learners. Pure.

A metric is released only if at least `min_group_size` learners contribute to it. A share is clamped
so that it never discloses that nobody or everybody did something ("20 % or less", "80 % or more"
for a group of five).
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

Learner = uuid.UUID
Contributions = Mapping[Learner, Any]
"""One value by learner, of which a metric is computed."""
MetricKey = tuple[str | int, ...]
"""Name of a metric, and its step or rule."""


def filter_releasable_metrics(
    metrics: Mapping[MetricKey, Contributions], min_group_size: int
) -> dict[MetricKey, Contributions]:
    """Return the metrics with enough learners to be released.

    Every metric about learners' actions has to pass this filter; tests/reports/test_adversary.py
    verifies it.
    """
    return {key: values for key, values in metrics.items() if len(values) >= min_group_size}


def compute_released_share(values: Collection[bool], min_group_size: int) -> float:
    """Return the clamped share of true values, 0..1 in hundredths."""
    margin = 1 / min_group_size
    share = sum(values) / len(values)
    return round(min(1 - margin, max(margin, share)), 2)
