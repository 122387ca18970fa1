"""Valence and arousal derived from expression scores by published centroids.

A derived description of the picture, not a measurement: the network was not trained on valence or
arousal, and annotators of faces disagree about them more than about expressions.

Centroids: mean ratings of emotion terms, -1..1, in Russell and Mehrabian (1977), "Evidence for a
three-factor theory of emotions", Journal of Research in Personality 11, 273-294, table 4: happy,
surprised, sad, angry, disgusted, fearful. Neutral is the origin by definition. The source has no
term for contempt, so its share is left out. Surprise is rated pleasant there, which need not hold
for a surprised face.
"""

from dataclasses import dataclass

from inference.results import LABELS, ExpressionScores

CENTROIDS: dict[str, tuple[float, float]] = {
    "neutral": (0.0, 0.0),
    "happiness": (0.81, 0.51),
    "surprise": (0.40, 0.67),
    "sadness": (-0.63, -0.27),
    "anger": (-0.51, 0.59),
    "disgust": (-0.60, 0.35),
    "fear": (-0.64, 0.60),
}
"""Expression -> valence and arousal."""
MIN_KNOWN_SHARE = 0.5
"""Of the scores, on expressions with a centroid."""


@dataclass(frozen=True, slots=True)
class Affect:
    """Valence and arousal of the picture, -1..1."""

    valence: float
    arousal: float


def derive_affect(scores: ExpressionScores) -> Affect | None:
    """Return the mean of the centroids weighted by the scores; None for mostly contempt."""
    known = {label: scores[label] for label in LABELS if label in CENTROIDS}
    share = sum(known.values())
    if share < MIN_KNOWN_SHARE:
        return None
    valence, arousal = (
        sum(value * CENTROIDS[label][axis] for label, value in known.items()) / share
        for axis in (0, 1)
    )
    return Affect(valence, arousal)
