"""Result types of the pipeline: frozen dataclasses without heavy imports."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

LABELS: tuple[str, ...] = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
"""The eight expressions of FER+ (Barsoum et al. 2016, arXiv 1608.01041); scores in this order."""

Quality = Literal[
    "ok",
    "no_face",
    "many_faces",
    "small_face",
    "cut_off",
    "turned_away",
    "low_light",
    "low_confidence",
]
QUALITIES: tuple[Quality, ...] = get_args(Quality)


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face in pixels of the frame: top left corner, size, detector score 0..1."""

    x: float
    y: float
    width: float
    height: float
    score: float


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees; 0, 0, 0 looks into the camera.

    yaw > 0: towards the learner's left; pitch > 0: up; roll > 0: towards the learner's right
    shoulder.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class FacialSigns:
    """Facial signs from MediaPipe's blendshapes and landmarks.

    Blendshape signs are 0..1, the mean of the left and right coefficient. They are neither
    FACS action units nor absolute: compare them with the learner's own neutral baseline.
    """

    brow_lowering: float
    inner_brow_raise: float
    mouth_press: float
    mouth_frown: float
    smile: float
    jaw_drop: float
    eye_squint: float
    blink: float
    eye_openness: float
    """Eye aspect ratio (Soukupová and Čech 2016), mean of both eyes: about 0.3 open, below 0.2
    closed."""
    gaze_horizontal: float
    """-1 (learner's right) .. 1 (learner's left), relative to the head."""
    gaze_vertical: float
    """-1 (down) .. 1 (up), relative to the head."""

    def as_dict(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in SIGNS}


SIGNS: tuple[str, ...] = tuple(field.name for field in fields(FacialSigns))


@dataclass(frozen=True, slots=True)
class ExpressionScores:
    """Probabilities over `LABELS`, summing to 1: of an expression, not of what a person feels."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(LABELS):
            raise ValueError(f"expected {len(LABELS)} scores, got {len(self.values)}")

    def __getitem__(self, label: str) -> float:
        return self.values[LABELS.index(label)]

    def as_dict(self) -> Mapping[str, float]:
        return dict(zip(LABELS, self.values, strict=True))

    @property
    def top(self) -> str:
        return LABELS[max(range(len(LABELS)), key=self.values.__getitem__)]


@dataclass(frozen=True, slots=True)
class FaceReading:
    """Result of one frame.

    `expressions` is None unless `quality` is "ok": one face, large enough, within the picture, lit
    and frontal.
    `pose` and `signs` are None where there are no landmarks. `smoothed` are the scores of a stream
    so far (`smoothing.StreamSmoother`), None for single pictures. `landmarks_age_s` is 0 where pose
    and signs were measured in this frame; above, they are carried from an earlier one (`tracking`).
    """

    quality: Quality
    face_count: int
    face: FaceBox | None = None
    expressions: ExpressionScores | None = None
    pose: HeadPose | None = None
    signs: FacialSigns | None = None
    smoothed: ExpressionScores | None = None
    landmarks_age_s: float = 0.0
