"""What a closed window says, as plain numbers. Pure, but for reading a row's columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.scoring import attention_of
from inference.results import LABELS

NEGATIVE: Final = tuple(
    LABELS.index(label) for label in ("sadness", "anger", "disgust", "fear", "contempt")
)
PLACE: Final = {name: number for number, name in enumerate(SIGN_NAMES)}
_YAW, _PITCH = PLACE["yaw"], PLACE["pitch"]
_GAZE, _EYES = PLACE["gaze_horizontal"], PLACE["eye_openness"]


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
class WindowFacts:
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

    @property
    def attention(self) -> float | None:
        """How far head and eyes point at the screen, 0..1; None without signs.

        Angles are root mean squares, not means: who looks left half of the time and right the
        other half looks away all the time.
        """
        if not self.readings:
            return None
        return attention_of(
            yaw=self._typical(_YAW),
            pitch=self._typical(_PITCH),
            gaze=self.sign_sums[_GAZE] / (self.readings * SCALE),
            mean_yaw=self.sign_sums[_YAW] / (self.readings * SCALE),
            eyes=self.sign_sums[_EYES] / (self.readings * SCALE),
        )

    def _typical(self, place: int) -> float:
        return math.sqrt(self.square_sums[place] / self.readings) / SCALE


def facts_of(window: ObservationWindow) -> WindowFacts:
    return WindowFacts(
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
