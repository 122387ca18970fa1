"""From one face reading to an engagement index, 0..1. Pure formulas, each number with its origin.

Three presets, chosen by the lesson and frozen with the sitting:

- `sharma2019`: Sharma, Joshi, Gautam, Maharjan, Filipe, Reis 2019, arXiv 1909.12913,
  concentration = emotion weight x gaze weight / 4.5, with the paper's weights and thresholds.
- `transparent`: ours. How far the learner looks towards the screen: head, eyes, line of sight.
  The expression plays no part, so a neutral face never lowers it.
- `head_only`: the direction of the head and nothing else of the face, neither expression nor
  eyes: for learners whose faces the signs do not fit.

None of them says what a learner feels or learns (Barrett et al. 2019). Both answer None where the
reading does not carry what they need: unknown is an answer.
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
"""The paper's seven. Our adaptation: contempt, which it lacks, is dropped, the other probabilities
are renormalised, and the weight is the expectation over them."""
SHARMA_DIVISOR: Final = 4.5
"""The largest product of the two weights (0.9 x 5), so that the index ends at 1."""
EYES_CLOSED_BELOW: Final = 0.2
EYES_HALF_OPEN_BELOW: Final = 0.3
"""The paper's eye ratio. Our adaptation: `eye_openness`, the eye aspect ratio of landmarks."""
GAZE_WEIGHT_HALF_OPEN: Final = 1.5
GAZE_WEIGHT_CENTRE: Final = 5.0
GAZE_WEIGHT_ASIDE: Final = 2.0
GAZE_RATIO_CENTRE: Final = (1.0, 2.0)
"""The paper's horizontal gaze ratio of someone who looks at the screen."""

# --- transparent -----------------------------------------------------------------------------
YAW_TOWARDS: Final = 20.0
YAW_AWAY: Final = 45.0
"""Degrees. Ours: a laptop screen half a metre away spans about 20 degrees to each side; beyond
45 the second eye is hidden and little can be said."""
PITCH_TOWARDS: Final = 25.0
PITCH_AWAY: Final = 50.0
"""Degrees. Ours, and wide: cameras sit above the screen, and reading or writing looks down."""
EYE_TURN_DEGREES: Final = 30.0
"""Ours: how far the eyes turn at a gaze sign of 1; comfortable eye turns stay within 30."""
EYES_SHUT: Final = 0.12
EYES_OPEN: Final = 0.2
"""Eye aspect ratio. Below 0.2 eyes count as closed in Soukupová and Čech 2016; narrow eyes come
near it, so above 0.2 everyone is fully open, and the part reaches 0 only at 0.12 (ours)."""
EYES_LEAST: Final = 0.08
"""Ours: below this nobody's usual eyes are open; who began with shut ones is not scale up more."""
HEAD_WEIGHT: Final = 0.5
SIGHT_WEIGHT: Final = 0.5
"""Ours: equal, since nothing known to us says that one should count for more."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """An index 0..1 and the parts it was made of, each named so that it can be shown."""

    value: float
    parts: dict[str, float]


def compute_engagement(reading: FaceReading, preset: str) -> Engagement | None:
    """The index of one reading by a preset; None where the reading cannot carry it.

    Raises KeyError for a preset that does not exist.
    """
    formula = PRESETS[preset]
    return formula(reading) if reading.quality == "ok" else None


def classify_level(value: float) -> Level:
    """The paper's three levels; our preset borrows them."""
    if value > HIGH_ABOVE:
        return "high"
    return "low" if value < LOW_BELOW else "medium"


def sharma2019(reading: FaceReading) -> Engagement | None:
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


def transparent(reading: FaceReading) -> Engagement | None:
    """eyes open x (half head towards the screen + half line of sight on it)."""
    if reading.pose is None or reading.signs is None:
        return None
    parts = {
        "head_forward": compute_head_forward(reading.pose),
        "gaze_on_screen": compute_gaze_on_screen(reading.pose, reading.signs),
        "eyes_open": 1 - _falling(reading.signs.eye_openness, EYES_SHUT, EYES_OPEN),
    }
    looking = HEAD_WEIGHT * parts["head_forward"] + SIGHT_WEIGHT * parts["gaze_on_screen"]
    return Engagement(value=parts["eyes_open"] * looking, parts=parts)


def head_only(reading: FaceReading) -> Engagement | None:
    """The part of `transparent` that needs no sign of the face, alone."""
    if reading.pose is None:
        return None
    part = compute_head_forward(reading.pose)
    return Engagement(value=part, parts={"head_forward": part})


def compute_attention(
    *, yaw: float, pitch: float, gaze: float, mean_yaw: float, eyes: float
) -> float:
    """`transparent` over ten seconds, from typical angles (degrees, root mean square), the mean
    gaze sign, the mean yaw and the mean eye aspect ratio, all relative to the learner's own
    baseline (`Baseline.attention`)."""
    head = _falling(yaw, YAW_TOWARDS, YAW_AWAY) * _falling(pitch, PITCH_TOWARDS, PITCH_AWAY)
    wobble = max(yaw * yaw - mean_yaw * mean_yaw, 0.0)
    sight = ((mean_yaw + EYE_TURN_DEGREES * gaze) ** 2 + wobble) ** 0.5
    looking = HEAD_WEIGHT * head + SIGHT_WEIGHT * _falling(sight, YAW_TOWARDS, YAW_AWAY)
    return (1 - _falling(eyes, EYES_SHUT, EYES_OPEN)) * looking


def normalize_eye_openness(usual: float, eyes: float) -> float:
    """An eye aspect ratio on the scale of everybody's limits, for somebody whose open eyes usually
    measure `usual`: narrow eyes are scale up, so that they are open when they are as open as
    usual. Wide ones stay as they are: nobody's eyes count as shut before everybody's do."""
    return eyes * max(1.0, EYES_OPEN / max(usual, EYES_LEAST))


def compute_emotion_weight(scores: ExpressionScores) -> float | None:
    """The expected weight over the paper's seven; None where all probability is contempt's."""
    total = sum(scores[label] for label in EMOTION_WEIGHTS)
    if total <= 0:
        return None
    return sum(weight * scores[label] for label, weight in EMOTION_WEIGHTS.items()) / total


def compute_gaze_weight(signs: FacialSigns) -> float:
    if signs.eye_openness < EYES_CLOSED_BELOW:
        return 0.0
    if signs.eye_openness < EYES_HALF_OPEN_BELOW:
        return GAZE_WEIGHT_HALF_OPEN
    low, high = GAZE_RATIO_CENTRE
    centred = low <= compute_gaze_ratio(signs.gaze_horizontal) <= high
    return GAZE_WEIGHT_CENTRE if centred else GAZE_WEIGHT_ASIDE


def compute_gaze_ratio(gaze_horizontal: float) -> float:
    """The paper's ratio of the white on either side of the iris. Our adaptation.

    With g in -1..1 as the place of the iris between the corners, the sides are 1 + |g| and
    1 - |g|; larger over smaller favours neither side. 1 looks straight ahead, 2 is |g| = 1/3.
    """
    turn = min(abs(gaze_horizontal), 1.0)
    return float("inf") if turn == 1 else (1 + turn) / (1 - turn)


def compute_head_forward(pose: HeadPose) -> float:
    """1 while the head points at the screen, falling to 0 where it is turned away."""
    sideways = _falling(abs(pose.yaw), YAW_TOWARDS, YAW_AWAY)
    return sideways * _falling(abs(pose.pitch), PITCH_TOWARDS, PITCH_AWAY)


def compute_gaze_on_screen(pose: HeadPose, signs: FacialSigns) -> float:
    """1 while head and eyes together point at the screen: eyes may make up for a turned head."""
    line_of_sight = pose.yaw + EYE_TURN_DEGREES * signs.gaze_horizontal
    return _falling(abs(line_of_sight), YAW_TOWARDS, YAW_AWAY)


def _falling(value: float, full: float, none: float) -> float:
    """1 up to `full`, straight down to 0 at `none`."""
    return min(1.0, max(0.0, (none - value) / (none - full)))


PRESETS: Final[Mapping[str, Callable[[FaceReading], Engagement | None]]] = MappingProxyType(
    {"sharma2019": sharma2019, "transparent": transparent, "head_only": head_only}
)
