"""Learners played by the demonstration: the same readings every time, from a seed.

They are made up, and marked so wherever they are shown. They go through the real write path.
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

LEARNERS = 8
FRAME_MS = 1000
SECONDS = 600
STEP_STARTS = (0, 110, 230, 480)
"""Seconds into the sitting at which the class opens each step; every learner a little off."""
STUCK = (300, 440)
"""Seconds of the third step in which the class drifts away."""
ON_PAPER = (390, 440)
"""Seconds in which most look down at their paper, so that little can be seen."""


@dataclass(frozen=True, slots=True)
class SimulatedLearner:
    """One simulated learner in one sitting."""

    participant_id: uuid.UUID
    number: int
    epoch: int
    preset: str

    @property
    def lag_seconds(self) -> int:
        """How much later than the class this learner turns a page."""
        return 4 * self.number


def simulate_observations(
    player: SimulatedLearner, *, starts_ms: int
) -> tuple[list[Feed], list[Observation]]:
    """Everything one learner would have sent in a sitting that began at `starts_ms`."""
    observations = list(_observations(player, starts_ms))
    accepted: dict[int, int] = {}
    for observation in observations:
        accepted[observation.window] = accepted.get(observation.window, 0) + 1
    feeds = [
        Feed(player.participant_id, window, player.epoch, "simulated", {"accepted": count})
        for window, count in accepted.items()
    ]
    return feeds, observations


def _observations(player: SimulatedLearner, starts_ms: int) -> Iterator[Observation]:
    random = Random(player.number)  # noqa: S311 - the same every time, no secret
    for elapsed_ms in range(0, SECONDS * 1000, FRAME_MS):
        second = elapsed_ms / 1000
        if not _camera_on(player, second):
            continue
        reading = _reading(player, second, random)
        window, step = locate_window(starts_ms + elapsed_ms)
        yield _observed(reading, player, window, step)


def _observed(
    reading: FaceReading, player: SimulatedLearner, window: int, step: int
) -> Observation:
    engagement = compute_engagement(reading, player.preset)
    scores = reading.expressions
    return Observation(
        participant_id=player.participant_id,
        window=window,
        step=step,
        epoch=player.epoch,
        model=SIMULATED_MODEL,
        quality=reading.quality,
        scores=tuple(scale(value) for value in scores.values) if scores else None,
        engagement=None if engagement is None else scale(engagement.value),
        signs=scale_signs(reading),
    )


def _camera_on(player: SimulatedLearner, second: float) -> bool:
    """The third pauses for a minute, the last stops early; the others stay."""
    if player.number == 3 and 150 <= second < 210:
        return False
    return not (player.number == LEARNERS and second >= 540)


def _reading(player: SimulatedLearner, second: float, random: Random) -> FaceReading:
    on_paper = ON_PAPER[0] <= second < ON_PAPER[1] and player.number != LEARNERS
    if random.random() < (0.8 if on_paper else 0.04):
        return FaceReading(quality="no_face", face_count=0)
    adrift = _adrift(player, second)
    return FaceReading(
        quality="ok",
        face_count=1,
        expressions=_expressions(adrift, random),
        pose=HeadPose(
            yaw=random.gauss(26 * adrift, 8), pitch=random.gauss(-10, 5), roll=random.gauss(0, 3)
        ),
        signs=_signs(adrift, random),
    )


def _adrift(player: SimulatedLearner, second: float) -> float:
    """How far this learner has drifted away: a little always, more while stuck, and with a look
    out of the window now and then."""
    if (second + 17 * player.number) % (40 + 3 * player.number) < 2 + player.number:
        return 1.4
    stuck = STUCK[0] <= second - player.lag_seconds < STUCK[1]
    return 0.75 + 0.05 * player.number if stuck else 0.1 + 0.03 * player.number


def _expressions(adrift: float, random: Random) -> ExpressionScores:
    means = dict.fromkeys(LABELS, 0.02) | {
        "neutral": 0.7,
        "happiness": 0.16 - 0.1 * adrift,
        "sadness": 0.04 + 0.1 * adrift,
        "anger": 0.03 + 0.08 * adrift,
    }
    raw = [max(0.001, random.gauss(means[label], means[label] / 3)) for label in LABELS]
    return ExpressionScores(tuple(value / sum(raw) for value in raw))


def _signs(adrift: float, random: Random) -> FacialSigns:
    def around(mean: float, spread: float = 0.04) -> float:
        return min(1.0, max(0.0, random.gauss(mean, spread)))

    return FacialSigns(
        brow_lowering=around(0.1 + 0.25 * adrift),
        inner_brow_raise=around(0.08),
        mouth_press=around(0.06 + 0.1 * adrift),
        mouth_frown=around(0.05 + 0.05 * adrift),
        smile=around(0.12 - 0.06 * adrift),
        jaw_drop=around(0.03, 0.02),
        eye_squint=around(0.2),
        blink=around(0.12, 0.08),
        eye_openness=max(0.05, random.gauss(0.31, 0.03)),
        gaze_horizontal=max(-1.0, min(1.0, random.gauss(0.25 * adrift, 0.12))),
        gaze_vertical=max(-1.0, min(1.0, random.gauss(-0.15, 0.1))),
    )
