import uuid

from fer_lms.engagement.observations import Observation, scale, scale_scores, scale_signs
from fer_lms.engagement.scoring import compute_engagement
from inference.results import FaceReading


def build_observation(
    reading: FaceReading,
    *,
    preset: str,
    participant_id: uuid.UUID,
    window: int,
    step: int,
    epoch: int,
    model: str,
) -> Observation:
    """Build the observation of a reading, with the engagement of the session's preset."""
    engagement = compute_engagement(reading, preset)
    return Observation(
        participant_id=participant_id,
        window=window,
        step=step,
        epoch=epoch,
        model=model,
        quality=reading.quality,
        scores=scale_scores(reading),
        engagement=None if engagement is None else scale(engagement.value),
        signs=scale_signs(reading),
    )
