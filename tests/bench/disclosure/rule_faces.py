"""Calm and tense faces, between which the thresholds of attacked rules lie."""

from collections.abc import Mapping

import numpy as np

from fer_lms.engagement.observations import SIGN_NAMES, Observation, scale
from fer_lms.lessons.models import Participant
from inference.results import LABELS
from tests.bench.disclosure.rest import MODEL

CALM: Mapping[str, float] = {
    **{"brow_lowering": 0.1, "mouth_press": 0.05, "eye_openness": 0.3, "pitch": -8.0}
}
TENSE: Mapping[str, float] = {**CALM, "brow_lowering": 0.6, "mouth_press": 0.5, "mouth_frown": 0.4}
CALM_LOG_ODDS, TENSE_LOG_ODDS, LOG_ODDS_NOISE = -3.0, 0.5, 0.4
"""Of the negative expressions, to which rules give the most weight."""


def draw_face(random: np.random.Generator, *, is_tense: bool) -> tuple[float, tuple[int, ...]]:
    """Draw the share of negative expressions and the signs of a window."""
    log_odds = random.normal(TENSE_LOG_ODDS if is_tense else CALM_LOG_ODDS, LOG_ODDS_NOISE)
    face = TENSE if is_tense else CALM
    noise = random.normal(0, 0.02, len(SIGN_NAMES))
    signs = tuple(
        scale(face.get(name, 0.0) + float(shift))
        for name, shift in zip(SIGN_NAMES, noise, strict=True)
    )
    return float(1 / (1 + np.exp(-log_odds))), signs


def build_observation(
    participant: Participant, window: int, second: int, negative: float, signs: tuple[int, ...]
) -> Observation:
    shares = dict.fromkeys(LABELS, 0.0) | {"anger": negative, "neutral": 1 - negative}
    return Observation(
        participant_id=participant.pk,
        window=window,
        step=-(-second * 1000 // 160),
        epoch=participant.consent.frames_epoch,
        model=MODEL,
        quality="ok",
        scores=tuple(scale(shares[label]) for label in LABELS),
        engagement=scale(0.7),
        signs=signs,
    )
