"""One closed ten-second window as plain numbers. No database."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from inference.results import LABELS

NEGATIVE_LABELS: Final = ("sadness", "anger", "disgust", "fear", "contempt")
NEGATIVE_INDICES: Final = tuple(LABELS.index(label) for label in NEGATIVE_LABELS)
SIGN_INDEX: Final = {name: index for index, name in enumerate(SIGN_NAMES)}


@dataclass(frozen=True, slots=True)
class WindowSummary:
    """Ten seconds of one learner: columns of `ObservationWindow`.

    Sums are of value x 10^4, sums of squares x 10^8.
    """

    start: int
    """Seconds since the Unix epoch."""
    consent_epoch: int
    seen_seconds: int
    processed: int
    no_face: int
    hidden_ms: int
    sign_count: int
    """Frames with facial signs."""
    sign_sums: Sequence[int]
    sign_square_sums: Sequence[int]
    scored: int
    """Frames with expression scores."""
    score_sums: Sequence[int]

    @property
    def coverage(self) -> float:
        """Share of the ten seconds with a usable reading, 0..1."""
        return self.seen_seconds / 10

    @property
    def negative_probability(self) -> float | None:
        """Summed mean probability of the negative expressions, 0..1."""
        if not self.scored:
            return None
        return sum(self.score_sums[index] for index in NEGATIVE_INDICES) / (self.scored * SCALE)

    @property
    def no_face_share(self) -> float:
        """Share of the processed frames without any face, 0..1."""
        return self.no_face / self.processed if self.processed else 0.0

    def compute_mean(self, sign: str) -> float:
        return self.sign_sums[SIGN_INDEX[sign]] / (self.sign_count * SCALE)

    def compute_rms_deviation(self, sign: str, center: float) -> float:
        """Return the root mean square distance of a sign from `center`.

        A mean would hide a learner who looks left half of the time and right the other half.
        """
        mean = self.compute_mean(sign)
        mean_square = self.sign_square_sums[SIGN_INDEX[sign]] / (self.sign_count * SCALE * SCALE)
        return math.sqrt(max(mean_square - 2 * center * mean + center * center, 0.0))
