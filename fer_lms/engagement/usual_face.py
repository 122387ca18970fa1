"""A learner's usual face: running medians of the signs, corrected for the pose of the head. Pure.

The medians are of the last minutes, not of the first seconds, so that a smile or raised brows at
the start do not stay the baseline. Lowering the head looks like a lowered brow to a camera, so the
brow is compared with what this learner's brow does at this pitch and yaw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from fer_lms.engagement.weights import Weights
from fer_lms.engagement.window_summary import WindowSummary

SIGNS: Final = ("negative", "mouth_frown", "brow_lowering")
"""Signs of the fitted reading; "negative" is the log-odds of the summed negative expressions."""
PITCH: Final = "pitch"
YAW: Final = "yaw"
BROW_BY_DEGREE: Final = {PITCH: -0.008, YAW: 0.0}
"""Expected change of the brow sign: +0.20 for 25 degrees down, measured in a clip (r = -0.88)."""
ASSUMED_SQUARES: Final = 600.0
"""The expected slope counts as much as this sum of squares: 20 windows that deviate by 5.5 degrees.
"""
MIN_SPREAD: Final = {"negative": 0.15, "mouth_frown": 0.015, "brow_lowering": 0.02}
"""Noise of a still face; a smaller spread would turn noise into a sign. Ours."""
MAD_TO_DEVIATION: Final = 1.4826
"""Median absolute deviation of a normal distribution to its standard deviation."""
MAX_SCORE: Final = 3.0
MIN_NEGATIVE: Final = 0.01
STORED_SCALE: Final = 1000


@dataclass(slots=True)
class UsualFace:
    """Signs of the last seen windows, value x 1000, oldest first."""

    consent_epoch: int
    history: dict[str, list[int]] = field(default_factory=dict)

    def is_known(self, weights: Weights) -> bool:
        return len(self.history.get(PITCH, ())) >= weights.face_windows_least

    def is_looking_down(self, window: WindowSummary, weights: Weights) -> bool:
        """Return whether the head is much lower than usual: at a keyboard, or over paper."""
        usual = median(self.history[PITCH]) / STORED_SCALE
        return window.compute_mean(PITCH) < usual - weights.looking_down_deg

    def compute_scores(self, window: WindowSummary) -> dict[str, float]:
        """Return how far each sign is above its median, in standard deviations, -3..3."""
        values = read_signs(window)
        slopes = self._fit_brow()
        return {sign: self._compute_score(sign, values, slopes) for sign in SIGNS}

    def add_window(self, window: WindowSummary, weights: Weights) -> None:
        if not window.sign_count or not window.scored:
            return
        limit = int(weights.face_windows)
        for name, value in read_signs(window).items():
            stored = self.history.get(name, [])
            self.history[name] = [*stored, round(value * STORED_SCALE)][-limit:]

    def _compute_score(
        self, sign: str, values: dict[str, float], slopes: dict[str, float]
    ) -> float:
        past: Sequence[float] = self.history[sign]
        value = values[sign] * STORED_SCALE
        if sign == "brow_lowering":
            past = [
                brow - sum(slopes[angle] * self.history[angle][index] for angle in slopes)
                for index, brow in enumerate(past)
            ]
            value -= STORED_SCALE * sum(slopes[angle] * values[angle] for angle in slopes)
        usual = median(past)
        spread = MAD_TO_DEVIATION * median(abs(entry - usual) for entry in past)
        score = (value - usual) / max(spread, MIN_SPREAD[sign] * STORED_SCALE)
        return min(max(score, -MAX_SCORE), MAX_SCORE)

    def _fit_brow(self) -> dict[str, float]:
        """Return the change of the brow by degree of pitch and yaw, shrunk to the expected one."""
        brows = self.history["brow_lowering"]
        count = len(brows)
        mean_brow = sum(brows) / count
        slopes = {}
        for angle, expected in BROW_BY_DEGREE.items():
            angles = self.history[angle]
            mean = sum(angles) / count
            squares = sum((value - mean) ** 2 for value in angles) / STORED_SCALE**2
            products = (
                sum(
                    (value - mean) * (brow - mean_brow)
                    for value, brow in zip(angles, brows, strict=True)
                )
                / STORED_SCALE**2
            )
            slopes[angle] = (products + expected * ASSUMED_SQUARES) / (squares + ASSUMED_SQUARES)
        return slopes


def read_signs(window: WindowSummary) -> dict[str, float]:
    """Return the signs and angles of a window with signs and scores."""
    negative = window.negative_probability or 0.0
    limited = min(max(negative, MIN_NEGATIVE), 1 - MIN_NEGATIVE)
    return {
        "negative": math.log(limited / (1 - limited)),
        "mouth_frown": window.compute_mean("mouth_frown"),
        "brow_lowering": window.compute_mean("brow_lowering"),
        PITCH: window.compute_mean(PITCH),
        YAW: window.compute_mean(YAW),
    }
