"""What is known of one frame, or of one connection's count of frames, on its way to a window.

Plain values without pixels. Scores, engagement and signs are integers (value x 10^4), so that
the order in which they are added never changes a sum.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from inference.results import SIGNS, FaceReading

WINDOW_SECONDS = 10
STEP_MS = 160
STEPS = 63
"""62 whole steps of 160 ms and a half one: bits 0..62 of a signed bigint."""
SCALE = 10_000
POSE_ANGLES = ("yaw", "pitch", "roll")
SIGN_NAMES: tuple[str, ...] = SIGNS + POSE_ANGLES
"""The order of every list of signs: facial signs, then head pose in degrees."""

SIMULATED_MODEL = "simulated"
"""Stands where a model's sha256 would: no model read this, the demonstration made it up."""

REFUSED = ("bad_header", "bad_seq", "bad_jpeg", "rate_limited", "not_permitted")
LOST = ("superseded", "expired", "lost_in_flight", "late", "rejected")


def locate_window(at_ms: int) -> tuple[int, int]:
    """(number of the window since the Unix epoch, step within it) of a server time in ms."""
    window, offset = divmod(at_ms, WINDOW_SECONDS * 1000)
    return window, offset // STEP_MS


def compute_window_start(window: int) -> datetime:
    return datetime.fromtimestamp(window * WINDOW_SECONDS, tz=UTC)


def scale(value: float) -> int:
    return round(value * SCALE)


def scale_scores(reading: FaceReading) -> tuple[int, ...] | None:
    """Expression scores of a reading in the order of LABELS, scale."""
    if reading.expressions is None:
        return None
    return tuple(scale(probability) for probability in reading.expressions.values)


def scale_signs(reading: FaceReading) -> tuple[int, ...] | None:
    """Facial signs and head pose of a reading in the order of SIGN_NAMES, scale."""
    if reading.signs is None or reading.pose is None:
        return None
    pose = (getattr(reading.pose, angle) for angle in POSE_ANGLES)
    signs = (getattr(reading.signs, name) for name in SIGNS)
    return tuple(scale(value) for value in (*signs, *pose))


@dataclass(frozen=True, slots=True)
class Observation:
    """One accepted frame's fate. `lost` names a reason, or is None where it was processed."""

    participant_id: uuid.UUID
    window: int
    step: int
    epoch: int
    model: str
    quality: str = ""
    lost: str | None = None
    scores: tuple[int, ...] | None = None
    engagement: int | None = None
    signs: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One connection's counts for one window so far. Cumulative: the largest value is the newest.

    `counts` holds accepted, hidden_ms, paused_ms, busy, hidden and the reasons of REFUSED and of
    those losses that the connection itself decides on (superseded, expired, late).
    """

    participant_id: uuid.UUID
    window: int
    epoch: int
    connection: str
    counts: Mapping[str, int] = field(default_factory=dict)
