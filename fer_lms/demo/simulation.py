"""Camera readings of simulated learners, generated from a seed.

Every page marks simulated learners as such. Their readings are stored by the same functions as real
readings.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from fer_lms.engagement.observations import (
    SIMULATED_MODEL,
    Feed,
    Observation,
    locate_window,
    scale,
    scale_signs,
)
from fer_lms.engagement.scoring import compute_engagement
from inference.results import LABELS, ExpressionScores, FaceReading, FacialSigns, HeadPose

LEARNER_COUNT = 8
FRAME_INTERVAL_MS = 1000
SESSION_SECONDS = 600
STEP_START_SECONDS = (0, 110, 230, 480)
"""Second of the session at which the class opens each step; learners follow with their lag."""
STUCK_SECONDS = (300, 440)
"""Interval in which attention drops, in seconds of the session; within the third step."""
PAPER_SECONDS = (390, 440)
"""Interval in which most learners look at their paper, so that few faces are visible."""


@dataclass(frozen=True, slots=True)
class SimulatedLearner:
    """A simulated learner in one session."""

    participant_id: uuid.UUID
    number: int
    epoch: int
    preset: str

    @property
    def lag_seconds(self) -> int:
        """Delay after the class with which this learner opens a step."""
        return 4 * self.number


def simulate_observations(
    learner: SimulatedLearner, *, start_ms: int, seconds: range = range(SESSION_SECONDS)
) -> tuple[list[Feed], list[Observation]]:
    """Simulate the frames of a learner.

    Args:
        learner: The learner.
        start_ms: Start of the session, Unix time in milliseconds.
        seconds: Seconds of the session.
    """
    observations = list(_simulate_camera(learner, start_ms, seconds))
    accepted: dict[int, int] = {}
    for observation in observations:
        accepted[observation.window] = accepted.get(observation.window, 0) + 1
    feeds = [
        Feed(learner.participant_id, window, learner.epoch, "simulated", {"accepted": count})
        for window, count in accepted.items()
    ]
    return feeds, observations


def _simulate_camera(
    learner: SimulatedLearner, start_ms: int, seconds: range
) -> Iterator[Observation]:
    random = Random(learner.number + 1000 * seconds.start)  # noqa: S311 - reproducible, not a secret
    for elapsed_ms in range(seconds.start * 1000, seconds.stop * 1000, FRAME_INTERVAL_MS):
        second = elapsed_ms / 1000
        if not _is_camera_on(learner, second):
            continue
        reading = _simulate_reading(learner, second, random)
        window, step = locate_window(start_ms + elapsed_ms)
        yield _build_observation(reading, learner, window, step)


def _build_observation(
    reading: FaceReading, learner: SimulatedLearner, window: int, step: int
) -> Observation:
    engagement = compute_engagement(reading, learner.preset)
    scores = reading.expressions
    return Observation(
        participant_id=learner.participant_id,
        window=window,
        step=step,
        epoch=learner.epoch,
        model=SIMULATED_MODEL,
        quality=reading.quality,
        scores=tuple(scale(value) for value in scores.values) if scores else None,
        engagement=None if engagement is None else scale(engagement.value),
        signs=scale_signs(reading),
    )


def _is_camera_on(learner: SimulatedLearner, second: float) -> bool:
    """Return False while the third learner pauses the camera, and after the last one stops it."""
    if learner.number == 3 and 150 <= second < 210:
        return False
    return not (learner.number == LEARNER_COUNT and second >= 540)


def _simulate_reading(learner: SimulatedLearner, second: float, random: Random) -> FaceReading:
    on_paper = PAPER_SECONDS[0] <= second < PAPER_SECONDS[1] and learner.number != LEARNER_COUNT
    if random.random() < (0.8 if on_paper else 0.04):
        return FaceReading(quality="no_face", face_count=0)
    inattention = _compute_inattention(learner, second)
    return FaceReading(
        quality="ok",
        face_count=1,
        expressions=_simulate_expressions(inattention, random),
        pose=HeadPose(
            yaw=random.gauss(26 * inattention, 8),
            pitch=random.gauss(-10, 5),
            roll=random.gauss(0, 3),
        ),
        signs=_simulate_signs(inattention, random),
    )


def _compute_inattention(learner: SimulatedLearner, second: float) -> float:
    """Compute the degree of inattention: 0 is none, above 1 is looking away."""
    if (second + 17 * learner.number) % (40 + 3 * learner.number) < 2 + learner.number:
        return 1.4
    is_stuck = STUCK_SECONDS[0] <= second - learner.lag_seconds < STUCK_SECONDS[1]
    return 0.75 + 0.05 * learner.number if is_stuck else 0.1 + 0.03 * learner.number


def _simulate_expressions(inattention: float, random: Random) -> ExpressionScores:
    means = dict.fromkeys(LABELS, 0.02) | {
        "neutral": 0.7,
        "happiness": 0.16 - 0.1 * inattention,
        "sadness": 0.04 + 0.1 * inattention,
        "anger": 0.03 + 0.08 * inattention,
    }
    raw = [max(0.001, random.gauss(means[label], means[label] / 3)) for label in LABELS]
    return ExpressionScores(tuple(value / sum(raw) for value in raw))


def _simulate_signs(inattention: float, random: Random) -> FacialSigns:
    def sample(mean: float, spread: float = 0.04) -> float:
        return min(1.0, max(0.0, random.gauss(mean, spread)))

    return FacialSigns(
        brow_lowering=sample(0.1 + 0.25 * inattention),
        inner_brow_raise=sample(0.08),
        mouth_press=sample(0.06 + 0.1 * inattention),
        mouth_frown=sample(0.05 + 0.05 * inattention),
        smile=sample(0.12 - 0.06 * inattention),
        jaw_drop=sample(0.03, 0.02),
        eye_squint=sample(0.2),
        blink=sample(0.12, 0.08),
        eye_openness=max(0.05, random.gauss(0.31, 0.03)),
        gaze_horizontal=max(-1.0, min(1.0, random.gauss(0.25 * inattention, 0.12))),
        gaze_vertical=max(-1.0, min(1.0, random.gauss(-0.15, 0.1))),
    )
