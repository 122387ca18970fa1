"""Observation of one frame and frame counts of one connection, before they are added to a window.

Plain values without pixels. Scores, engagement and signs are integers (value x 10^4), so that the
order of additions never changes a sum.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from inference.results import SIGNS, FaceReading

WINDOW_SECONDS = 10
WINDOW_GRACE = timedelta(seconds=5)
"""Period after its end in which a window stays open."""
STEP_MS = 160
STEPS = 63
"""Steps of a window: 62.5 of 160 ms, as bits 0..62 of a signed bigint."""
SCALE = 10_000
POSE_ANGLES = ("yaw", "pitch", "roll")
SIGN_NAMES: tuple[str, ...] = SIGNS + POSE_ANGLES
"""Order of every list of signs: facial signs, then head pose in degrees."""

SIMULATED_MODEL = "simulated"
"""Value in place of a model's sha256 for simulated windows, which no model has read."""

REFUSED = (
    *("bad_header", "bad_seq", "bad_jpeg", "rate_limited", "not_permitted"),
    "permission_unknown",
)
LOST = ("superseded", "expired", "lost_in_flight", "late", "rejected")


def locate_window(at_ms: int) -> tuple[int, int]:
    """Return (window number since the Unix epoch, step in the window) of a server time in ms."""
    window, offset = divmod(at_ms, WINDOW_SECONDS * 1000)
    return window, offset // STEP_MS


def compute_window_start(window: int) -> datetime:
    return datetime.fromtimestamp(window * WINDOW_SECONDS, tz=UTC)


def compute_capture_time(window: int, step: int) -> float:
    """Return the Unix time of a step, in seconds."""
    return window * WINDOW_SECONDS + step * STEP_MS / 1000


def scale(value: float) -> int:
    return round(value * SCALE)


def scale_scores(reading: FaceReading) -> tuple[int, ...] | None:
    """Return the expression scores of a reading in the order of LABELS (value x 10^4)."""
    if reading.expressions is None:
        return None
    return tuple(scale(probability) for probability in reading.expressions.values)


def scale_signs(reading: FaceReading) -> tuple[int, ...] | None:
    """Return the signs and pose of a reading in the order of SIGN_NAMES (value x 10^4).

    Carried ones count as measured ones do, so that a window averages over time: measurements are
    more frequent while a learner moves.
    """
    if reading.signs is None or reading.pose is None:
        return None
    pose = (getattr(reading.pose, angle) for angle in POSE_ANGLES)
    signs = (getattr(reading.signs, name) for name in SIGNS)
    return tuple(scale(value) for value in (*signs, *pose))


@dataclass(frozen=True, slots=True)
class Observation:
    """Outcome of one accepted frame. `lost` is a reason of LOST, or None where it was processed."""

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
    """Cumulative counts of one connection for one window: the largest value is the newest.

    `counts` contains accepted, hidden_ms, paused_ms, busy, hidden, the reasons of REFUSED, and the
    losses that the connection counts (superseded, expired, late).
    """

    participant_id: uuid.UUID
    window: int
    epoch: int
    connection: str
    counts: Mapping[str, int] = field(default_factory=dict)
