"""How much of the rules is measured, and on which seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FACE_AUCS: Final = (0.57, 0.65, 0.75)
PARTS: Final = ("generators", "personas", "rows", "cost")
TUNING_SEEDS: Final = range(100)
HELD_OUT_SEEDS: Final = range(1000, 1100)
"""The second are for reporting only."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is simulated."""

    seeds: Sequence[int]
    learners: int = 24
    minutes: int = 40
    face_aucs: Sequence[float] = FACE_AUCS
    error_rate: float | None = None
    parts: Sequence[str] = PARTS
