"""How a learner usually looks: mean and spread of each sign over the first seen seconds.

Pure. Everything after is relative to it; until it is there, the face says nothing. It belongs to
one sitting and one consent, is kept with the sitting, and never leaves it.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.scoring import compute_attention, normalize_eye_openness
from fer_lms.engagement.weights import Weights
from fer_lms.engagement.windows import NEGATIVE, PLACE, WindowSummary


@dataclass(slots=True)
class Baseline:
    """Sums over the windows it was made from (value x 10^4, squares x 10^8)."""

    epoch: int
    from_start: int | None = None
    until: int = 0
    seen_seconds: int = 0
    readings: int = 0
    sign_sums: list[int] = field(default_factory=lambda: [0] * len(SIGN_NAMES))
    square_sums: list[int] = field(default_factory=lambda: [0] * len(SIGN_NAMES))
    scored: int = 0
    negative_sum: int = 0
    ready: bool = False

    def gather(self, window: WindowSummary, weights: Weights) -> None:
        """Take a window in while the baseline is being made. One without signs adds nothing."""
        if self.ready or not window.readings or not window.seen_seconds:
            return
        if self.from_start is None:
            self.from_start = window.start
        self.until = window.start + 10
        self.seen_seconds += window.seen_seconds
        self.readings += window.readings
        self.sign_sums = _added(self.sign_sums, window.sign_sums)
        self.square_sums = _added(self.square_sums, window.square_sums)
        self.scored += window.scored
        self.negative_sum += sum(window.score_sums[place] for place in NEGATIVE if window.scored)
        self.ready = self.seen_seconds >= weights.baseline_seconds

    def expired(self, now: int, weights: Weights) -> bool:
        return self.ready and now - self.until > weights.baseline_hours * 3600

    def rise(self, name: str, window: WindowSummary, weights: Weights) -> float:
        """How far a sign is above the learner's own mean: 0 within the usual, 1 far outside."""
        place = PLACE[name]
        mean = self._mean(name)
        variance = self.square_sums[place] / (self.readings * SCALE * SCALE) - mean * mean
        spread = max(math.sqrt(max(variance, 0.0)), weights.spread_floor)
        spreads = (window.mean(name) - mean) / spread
        return _ramp(spreads, weights.rise_from, weights.rise_full)

    def negative_rise(self, window: WindowSummary, weights: Weights) -> float:
        """How far the negative expressions are above the learner's own share of them, 0..1."""
        now = window.negative
        if now is None or not self.scored:
            return 0.0
        usual = self.negative_sum / (self.scored * SCALE)
        return _ramp(now - usual, 0.0, weights.negative_full)

    def attention(self, window: WindowSummary) -> float | None:
        """How far head and eyes point where they usually do, 0..1; None without signs.

        Where the camera stands to the side, the usual is to be turned from it.
        """
        if not window.readings:
            return None
        yaw = self._mean("yaw")
        return compute_attention(
            yaw=window.typical("yaw", around=yaw),
            pitch=window.typical("pitch", around=self._mean("pitch")),
            gaze=window.mean("gaze_horizontal") - self._mean("gaze_horizontal"),
            mean_yaw=window.mean("yaw") - yaw,
            eyes=normalize_eye_openness(self._mean("eye_openness"), window.mean("eye_openness")),
        )

    def _mean(self, name: str) -> float:
        return self.sign_sums[PLACE[name]] / (self.readings * SCALE)

    def as_list(self) -> list[Any]:
        return [
            self.epoch,
            self.from_start,
            self.until,
            self.seen_seconds,
            self.readings,
            self.sign_sums,
            self.square_sums,
            self.scored,
            self.negative_sum,
            self.ready,
        ]


def _added(sums: list[int], values: Any) -> list[int]:
    return [a + b for a, b in zip(sums, values, strict=True)]


def _ramp(value: float, start: float, full: float) -> float:
    return min(1.0, max(0.0, (value - start) / (full - start)))
