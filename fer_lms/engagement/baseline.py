"""Neutral baseline of one learner: mean and spread of each sign over the first seen seconds.

Attention is relative to it (within-person calibration: D'Mello, Dieterle, Duckworth 2017). It
belongs to one session and one consent epoch. Expressions are compared with `usual_face` instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fer_lms.engagement.observations import SCALE, SIGN_NAMES, WINDOW_SECONDS
from fer_lms.engagement.scoring import compute_attention, normalize_eye_openness
from fer_lms.engagement.weights import Weights
from fer_lms.engagement.window_summary import NEGATIVE_INDICES, SIGN_INDEX, WindowSummary


@dataclass(slots=True)
class Baseline:
    """Sums over the windows of the calibration (value x 10^4, squares x 10^8)."""

    consent_epoch: int
    from_start: int | None = None
    """Start of the first window, Unix seconds."""
    until: int = 0
    """End of the last window, Unix seconds."""
    seen_seconds: int = 0
    readings: int = 0
    sign_sums: list[int] = field(default_factory=lambda: [0] * len(SIGN_NAMES))
    sign_square_sums: list[int] = field(default_factory=lambda: [0] * len(SIGN_NAMES))
    scored: int = 0
    negative_sum: int = 0
    is_complete: bool = False

    def add_window(self, window: WindowSummary, weights: Weights) -> None:
        """Add a window while calibration is running; one without signs changes nothing."""
        if self.is_complete or not window.sign_count or not window.seen_seconds:
            return
        if self.from_start is None:
            self.from_start = window.start
        self.until = window.start + WINDOW_SECONDS
        self.seen_seconds += window.seen_seconds
        self.readings += window.sign_count
        self.sign_sums = _add(self.sign_sums, window.sign_sums)
        self.sign_square_sums = _add(self.sign_square_sums, window.sign_square_sums)
        if window.scored:
            self.scored += window.scored
            self.negative_sum += sum(window.score_sums[index] for index in NEGATIVE_INDICES)
        self.is_complete = self.seen_seconds >= weights.baseline_seconds

    def is_expired(self, now: int, weights: Weights) -> bool:
        return self.is_complete and now - self.until > weights.baseline_hours * 3600

    def compute_attention(self, window: WindowSummary) -> float | None:
        """Return how far head and eyes point where they did during calibration, 0..1.

        None without signs. Relative, because a camera may be placed beside the screen.
        """
        if not window.sign_count:
            return None
        yaw = self._compute_mean("yaw")
        gaze = window.compute_mean("gaze_horizontal") - self._compute_mean("gaze_horizontal")
        return compute_attention(
            yaw=window.compute_rms_deviation("yaw", yaw),
            pitch=window.compute_rms_deviation("pitch", self._compute_mean("pitch")),
            gaze=gaze,
            mean_yaw=window.compute_mean("yaw") - yaw,
            eyes=normalize_eye_openness(
                self._compute_mean("eye_openness"), window.compute_mean("eye_openness")
            ),
        )

    def _compute_mean(self, sign: str) -> float:
        return self.sign_sums[SIGN_INDEX[sign]] / (self.readings * SCALE)


def ramp(value: float, zero_until: float, one_from: float) -> float:
    """Scale linearly: 0 up to `zero_until`, 1 from `one_from`."""
    return min(1.0, max(0.0, (value - zero_until) / (one_from - zero_until)))


def _add(sums: list[int], values: Sequence[int]) -> list[int]:
    return [total + value for total, value in zip(sums, values, strict=True)]
