"""What may be told of several learners together: pure, and of whole groups only.

A share is told between one and all but one of the smallest group ("20 % or less", "80 % or more"):
where everybody did alike, that would be what everybody did.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

Learner = uuid.UUID
Group = Mapping[Learner, Any]
"""What one figure is made of: of each learner, one value."""
Key = tuple[str | int, ...]
"""A figure's name, and of which step or rule it is."""


def filter_releasable_groups(groups: Mapping[Key, Group], smallest_group: int) -> dict[Key, Group]:
    """The figures that may be told at all, by name: those of enough learners. Everything that is
    told of what learners did goes through here (tests/reports/test_adversary.py listens)."""
    return {key: group for key, group in groups.items() if len(group) >= smallest_group}


def compute_released_share(true: Collection[bool], smallest_group: int) -> float:
    """Of a whole group, in hundredths."""
    least = 1 / smallest_group
    return round(min(1 - least, max(least, sum(true) / len(true))), 2)
