"""Engagement index of one face reading, 0..1. Pure formulas, each constant with its source.

A lesson selects one of three presets; it is frozen with the session:

- `sharma2019`: Sharma, Joshi, Gautam, Maharjan, Filipe, Reis 2019, arXiv 1909.12913.
  Concentration = emotion weight x gaze weight / 4.5, with the weights and thresholds of the paper.
- `transparent`: our own. Attention towards the screen: head, eyes, line of sight. Expressions
  are not used, so a neutral face never lowers it.
- `head_only`: our own. The direction of the head only, for learners to whose faces the other signs
  do not apply.

None of them measures feeling or learning (Barrett et al. 2019). Each returns None where the reading
lacks what it needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from inference.results import ExpressionScores, FaceReading, FacialSigns, HeadPose

Level = Literal["high", "medium", "low"]

HIGH_ABOVE: Final = 0.65
"""Sharma et al. 2019: "highly engaged" above this."""
LOW_BELOW: Final = 0.25
"""Sharma et al. 2019: "not engaged" below this; between the two, "nominally engaged"."""

# --- sharma2019 ------------------------------------------------------------------------------
EMOTION_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "neutral": 0.9,
        "happiness": 0.6,
        "surprise": 0.6,
        "sadness": 0.3,
        "fear": 0.3,
        "anger": 0.25,
        "disgust": 0.2,
    }
)
"""Weights of the paper. Our adaptation: contempt, which it lacks, is dropped, the other
probabilities are renormalised, and the weight is the expectation over them."""
SHARMA_DIVISOR: Final = 4.5
"""The largest product of the two weights (0.9 x 5), so that the index ends at 1."""
EYES_CLOSED_BELOW: Final = 0.2
EYES_HALF_OPEN_BELOW: Final = 0.3
"""The paper's eye ratio. Our adaptation: `eye_openness`, the eye aspect ratio of landmarks."""
GAZE_WEIGHT_HALF_OPEN: Final = 1.5
GAZE_WEIGHT_CENTRE: Final = 5.0
GAZE_WEIGHT_ASIDE: Final = 2.0
GAZE_RATIO_CENTRE: Final = (1.0, 2.0)
"""The paper's horizontal gaze ratio for gaze at the screen."""

# --- transparent -----------------------------------------------------------------------------
YAW_FULL_DEG: Final = 20.0
YAW_ZERO_DEG: Final = 45.0
"""Ours: a laptop screen half a metre away spans about 20 degrees to each side; beyond 45 the second
eye is hidden."""
PITCH_FULL_DEG: Final = 25.0
PITCH_ZERO_DEG: Final = 50.0
"""Ours, and wide: cameras are above the screen, and learners look down to read or write."""
MAX_EYE_TURN_DEG: Final = 30.0
"""Ours: the turn of the eyes at a gaze sign of 1; comfortable turns stay within 30 degrees."""
EYES_SHUT: Final = 0.12
EYES_OPEN: Final = 0.2
"""Eye aspect ratio. Soukupová and Čech 2016 count eyes as closed below 0.2; narrow eyes come near
it, so eyes are fully open above 0.2 and shut only at 0.12 (ours)."""
MIN_BASELINE_EYE_OPENNESS: Final = 0.08
"""Ours: no open eyes measure less; limits the scaling for a baseline taken with closed eyes."""
HEAD_WEIGHT: Final = 0.5
GAZE_WEIGHT: Final = 0.5
"""Ours: equal, for lack of evidence that one should count for more."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """An engagement index, 0..1, and its parts by name, each in the range of its own formula."""

    value: float
    parts: dict[str, float]


def compute_engagement(reading: FaceReading, preset: str) -> Engagement | None:
    """Compute the engagement index of one reading.

    Args:
        reading: One face of one frame.
        preset: A key of `PRESETS`.

    Returns:
        The index, or None where quality, expressions, pose or signs are insufficient.

    Raises:
        KeyError: The preset does not exist.
    """
    formula = PRESETS[preset]
    return formula(reading) if reading.quality == "ok" else None


def classify_level(value: float) -> Level:
    """Return the level of an index, by the three levels of Sharma et al. 2019."""
    if value > HIGH_ABOVE:
        return "high"
    return "low" if value < LOW_BELOW else "medium"


def compute_sharma2019(reading: FaceReading) -> Engagement | None:
    """Compute emotion weight x gaze weight / 4.5 (Sharma et al. 2019)."""
    if reading.expressions is None or reading.signs is None:
        return None
    emotion = compute_emotion_weight(reading.expressions)
    if emotion is None:
        return None
    gaze = compute_gaze_weight(reading.signs)
    return Engagement(
        value=emotion * gaze / SHARMA_DIVISOR,
        parts={"emotion_weight": emotion, "gaze_weight": gaze},
    )


def compute_transparent(reading: FaceReading) -> Engagement | None:
    """Compute eyes open x (0.5 head forward + 0.5 gaze on screen)."""
    if reading.pose is None or reading.signs is None:
        return None
    parts = {
        "head_forward": compute_head_forward(reading.pose),
        "gaze_on_screen": compute_gaze_on_screen(reading.pose, reading.signs),
        "eyes_open": _compute_eyes_open(reading.signs.eye_openness),
    }
    direction = HEAD_WEIGHT * parts["head_forward"] + GAZE_WEIGHT * parts["gaze_on_screen"]
    return Engagement(value=parts["eyes_open"] * direction, parts=parts)


def compute_head_only(reading: FaceReading) -> Engagement | None:
    """Compute the head direction part of `compute_transparent`."""
    if reading.pose is None:
        return None
    part = compute_head_forward(reading.pose)
    return Engagement(value=part, parts={"head_forward": part})


def compute_attention(
    *, yaw: float, pitch: float, gaze: float, mean_yaw: float, eyes: float
) -> float:
    """Compute `compute_transparent` for a window, relative to a learner's baseline.

    Args:
        yaw: Root mean square difference from the baseline yaw, degrees.
        pitch: Root mean square difference from the baseline pitch, degrees.
        gaze: Mean horizontal gaze sign minus that of the baseline, -2..2.
        mean_yaw: Mean yaw minus that of the baseline, degrees.
        eyes: Eye aspect ratio, normalized by `normalize_eye_openness`.

    Returns:
        Attention, 0..1.
    """
    head = _decrease_linearly(yaw, YAW_FULL_DEG, YAW_ZERO_DEG) * _decrease_linearly(
        pitch, PITCH_FULL_DEG, PITCH_ZERO_DEG
    )
    yaw_variance = max(yaw * yaw - mean_yaw * mean_yaw, 0.0)
    line_of_sight = ((mean_yaw + MAX_EYE_TURN_DEG * gaze) ** 2 + yaw_variance) ** 0.5
    on_screen = _decrease_linearly(line_of_sight, YAW_FULL_DEG, YAW_ZERO_DEG)
    return _compute_eyes_open(eyes) * (HEAD_WEIGHT * head + GAZE_WEIGHT * on_screen)


def normalize_eye_openness(baseline: float, eyes: float) -> float:
    """Scale up the eye aspect ratio of a learner with a low baseline.

    Eyes as open as in the baseline then count as open. Ratios of wide eyes are not scaled down, so
    that the limit for closed eyes is the same for everybody.
    """
    return eyes * max(1.0, EYES_OPEN / max(baseline, MIN_BASELINE_EYE_OPENNESS))


def compute_emotion_weight(scores: ExpressionScores) -> float | None:
    """Return the expected weight over the seven expressions of the paper, 0.2..0.9.

    None if all probability is on contempt.
    """
    total = sum(scores[label] for label in EMOTION_WEIGHTS)
    if total <= 0:
        return None
    return sum(weight * scores[label] for label, weight in EMOTION_WEIGHTS.items()) / total


def compute_gaze_weight(signs: FacialSigns) -> float:
    """Return the gaze weight of the paper: 0, 1.5, 2 or 5."""
    if signs.eye_openness < EYES_CLOSED_BELOW:
        return 0.0
    if signs.eye_openness < EYES_HALF_OPEN_BELOW:
        return GAZE_WEIGHT_HALF_OPEN
    low, high = GAZE_RATIO_CENTRE
    is_centred = low <= compute_gaze_ratio(signs.gaze_horizontal) <= high
    return GAZE_WEIGHT_CENTRE if is_centred else GAZE_WEIGHT_ASIDE


def compute_gaze_ratio(gaze_horizontal: float) -> float:
    """Return the gaze ratio of the paper: the white of the eye on either side of the iris.

    Our adaptation: with g in -1..1 as the position of the iris, the sides are 1 + |g| and 1 - |g|,
    and the larger is divided by the smaller, so that left and right are treated alike. 1 looks
    straight ahead; 2 is |g| = 1/3.
    """
    turn = min(abs(gaze_horizontal), 1.0)
    return float("inf") if turn == 1 else (1 + turn) / (1 - turn)


def compute_head_forward(pose: HeadPose) -> float:
    """Return 1 while the head points at the screen, falling to 0 where it is turned away."""
    sideways = _decrease_linearly(abs(pose.yaw), YAW_FULL_DEG, YAW_ZERO_DEG)
    return sideways * _decrease_linearly(abs(pose.pitch), PITCH_FULL_DEG, PITCH_ZERO_DEG)


def compute_gaze_on_screen(pose: HeadPose, signs: FacialSigns) -> float:
    """Return 1 while head and eyes together point at the screen, falling to 0.

    Eyes may compensate for a turned head.
    """
    line_of_sight = pose.yaw + MAX_EYE_TURN_DEG * signs.gaze_horizontal
    return _decrease_linearly(abs(line_of_sight), YAW_FULL_DEG, YAW_ZERO_DEG)


def _compute_eyes_open(eye_openness: float) -> float:
    return 1 - _decrease_linearly(eye_openness, EYES_SHUT, EYES_OPEN)


def _decrease_linearly(value: float, one_until: float, zero_from: float) -> float:
    """Decrease linearly: 1 up to `one_until`, 0 from `zero_from`."""
    return min(1.0, max(0.0, (zero_from - value) / (zero_from - one_until)))


PRESETS: Final[Mapping[str, Callable[[FaceReading], Engagement | None]]] = MappingProxyType(
    {
        "sharma2019": compute_sharma2019,
        "transparent": compute_transparent,
        "head_only": compute_head_only,
    }
)
