"""What a closed window says, as plain numbers. Pure, but for reading a row's columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from inference.results import LABELS

NEGATIVE: Final = tuple(
    LABELS.index(label) for label in ("sadness", "anger", "disgust", "fear", "contempt")
)
PLACE: Final = {name: number for number, name in enumerate(SIGN_NAMES)}

FACTS: Final = (
    "participant_id",
    "start_at",
    "consent_epoch",
    "seen_seconds",
    "processed",
    "no_face",
    "hidden_ms",
    "sign_count",
    "sign_sums",
    "sign_square_sums",
    "scored",
    "score_sums",
)
"""The columns of a window that evidence is made of."""


@dataclass(frozen=True, slots=True)
class WindowSummary:
    """Ten seconds of one learner. Sums as stored (value x 10^4), so that nothing is rounded."""

    start: int
    """Seconds since the Unix epoch."""
    epoch: int
    seen_seconds: int
    processed: int
    no_face: int
    hidden_ms: int
    readings: int
    sign_sums: Sequence[int]
    square_sums: Sequence[int]
    scored: int
    score_sums: Sequence[int]

    @property
    def coverage(self) -> float:
        return self.seen_seconds / 10

    def mean(self, name: str) -> float:
        return self.sign_sums[PLACE[name]] / (self.readings * SCALE)

    @property
    def negative(self) -> float | None:
        """Summed mean probability of the negative expressions."""
        if not self.scored:
            return None
        return sum(self.score_sums[place] for place in NEGATIVE) / (self.scored * SCALE)

    @property
    def absence(self) -> float:
        """Share of the processed pictures without any face."""
        return self.no_face / self.processed if self.processed else 0.0

    def typical(self, name: str, around: float) -> float:
        """How far a sign usually was from `around`: a root mean square, not a mean, since who looks
        left half of the time and right the other half looks away all the time."""
        mean = self.mean(name)
        squares = self.square_sums[PLACE[name]] / (self.readings * SCALE * SCALE)
        return math.sqrt(max(squares - 2 * around * mean + around * around, 0.0))


def summarize_window(window: ObservationWindow) -> WindowSummary:
    return WindowSummary(
        start=int(window.start_at.timestamp()),
        epoch=window.consent_epoch,
        seen_seconds=window.seen_seconds,
        processed=window.processed,
        no_face=window.no_face,
        hidden_ms=window.hidden_ms,
        readings=window.sign_count,
        sign_sums=window.sign_sums,
        square_sums=window.sign_square_sums,
        scored=window.scored,
        score_sums=window.score_sums,
    )
