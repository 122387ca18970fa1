"""Disclosure control for metrics of several learners. Pure.

A metric is released of at least the smallest group. A share is clamped so that it never discloses
that nobody or everybody did something ("20 % or less", "80 % or more" for a group of five).
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

Learner = uuid.UUID
Group = Mapping[Learner, Any]
"""Contributions to one metric: one value for each learner."""
Key = tuple[str | int, ...]
"""Name of a metric, and its step or rule."""


def filter_releasable_groups(groups: Mapping[Key, Group], smallest_group: int) -> dict[Key, Group]:
    """Return the metrics with enough learners to be released.

    Every metric of what learners did passes here, which tests/reports/test_adversary.py relies on.
    """
    return {key: group for key, group in groups.items() if len(group) >= smallest_group}


def compute_released_share(values: Collection[bool], smallest_group: int) -> float:
    """Return the clamped share of true values, 0..1 in hundredths."""
    margin = 1 / smallest_group
    share = sum(values) / len(values)
    return round(min(1 - margin, max(margin, share)), 2)
