"""JPEG bytes -> FaceReading: guard, decode, find the face, judge its quality, classify.

What a reading holds in each state (a frame without a usable face is a reading, not an error):

| quality        | when (first that holds)               | face    | pose | signs | expressions |
|----------------|---------------------------------------|---------|------|-------|-------------|
| no_face        | the detector found none               | -       | -    | -     | -           |
| many_faces     | it found two or more                  | largest | -    | -     | -           |
| small_face     | narrower than `MIN_FACE_WIDTH`        | yes     | yes  | -     | -           |
| low_light      | darker than `MIN_LUMINANCE`           | yes     | yes  | -     | -           |
| turned_away    | beyond `MAX_YAW` or `MAX_PITCH`       | yes     | yes  | -     | -           |
| low_confidence | no score reaches `MIN_TOP_PROBABILITY`| yes     | yes  | yes   | -           |
| ok             | otherwise                             | yes     | yes  | yes   | yes         |

Without landmarks (`load_pipeline(landmarks=False)`, or MediaPipe cannot be had) pose and signs are
None throughout and turned_away does not occur. With several faces nobody can say which one is the
learner, so that nothing is measured on any of them.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from inference.detection.faces import FaceDetector, FoundFace, open_detector
from inference.errors import FrameRejected
from inference.imaging.alignment import aligned_crop
from inference.imaging.frames import FRAME_LIMITS, FrameLimits, decode, open_cv
from inference.results import ExpressionScores, FaceBox, FaceReading, HeadPose, Quality

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

# Reasons: docs/researcher/inference.md; `python -m tests.inference.roundtrip --limits` measures.
MIN_FACE_WIDTH = 36
"""Pixels. A narrower face fills less than the 48x48 pixels that the network learned from."""
MIN_LUMINANCE = 40
"""Mean grey level of the face, 0..255. Darker ones cost the network 3 to 12 points."""
MAX_YAW = 40
"""Degrees to either side. Up to here accuracy holds; beyond, 4 of 10 were right."""
MAX_PITCH = 30
"""Degrees up or down. Up to here accuracy holds; beyond, there are too few faces to say."""
MIN_TOP_PROBABILITY = 0.4
"""Of faces below it a quarter was read right."""


class Classifier(Protocol):
    """What the pipeline needs of `expressions.ExpressionClassifier`."""

    sha256: str

    def classify(self, crops: "Sequence[Image]") -> "npt.NDArray[np.float32]":
        """[N, 8] probabilities over `results.LABELS`."""
        ...


class FacePipeline:
    """Keeps no state from one frame to the next: the same bytes give the same reading."""

    def __init__(
        self, detector: FaceDetector, classifier: Classifier, limits: FrameLimits = FRAME_LIMITS
    ) -> None:
        self.detector = detector
        self.classifier = classifier
        self.limits = limits
        self._cv2 = open_cv()

    def read(self, jpeg: bytes) -> FaceReading:
        """One frame. Raises FrameRejected(reason) for what is no acceptable frame."""
        return self.read_image(decode(jpeg, self.limits))

    def read_many(self, jpegs: Iterable[bytes]) -> list[FaceReading | FrameRejected]:
        """Many frames, each on its own: one that is rejected stands in the list as its refusal."""
        return [self._read_or_refusal(jpeg) for jpeg in jpegs]

    def read_image(self, image: "Image") -> FaceReading:
        """A decoded picture: uint8 [height, width, 3], BGR, any size."""
        found = self.detector.find(image)
        face = found.largest
        if face is None:
            return FaceReading("no_face", 0)
        if found.count > 1:
            return FaceReading("many_faces", found.count, face.box)
        grey: Image = self._cv2.cvtColor(image, self._cv2.COLOR_BGR2GRAY)
        obstacle = _obstacle(face, grey)
        if obstacle:
            return FaceReading(obstacle, 1, face.box, pose=face.pose)
        return self._classified(face, grey)

    def _classified(self, face: FoundFace, grey: "Image") -> FaceReading:
        crop = aligned_crop(grey, face.eyes)
        scores = ExpressionScores(tuple(self.classifier.classify([crop])[0].tolist()))
        sure = max(scores.values) >= MIN_TOP_PROBABILITY
        return FaceReading(
            quality="ok" if sure else "low_confidence",
            face_count=1,
            face=face.box,
            expressions=scores if sure else None,
            pose=face.pose,
            signs=face.signs,
        )

    def _read_or_refusal(self, jpeg: bytes) -> FaceReading | FrameRejected:
        try:
            return self.read(jpeg)
        except FrameRejected as refusal:
            return refusal


def load_pipeline(
    landmarks: bool = True,
    classifier: Classifier | None = None,
    limits: FrameLimits = FRAME_LIMITS,
) -> FacePipeline:
    """Open the models (0.5 s; after a fork, never before it) and return the pipeline.

    `landmarks=False` takes the light detector: boxes and expressions, no pose, no signs.
    `classifier` defaults to the released one. Raises ModelMissing, ModelCorrupt.
    """
    if classifier is None:
        from inference.expressions import load_classifier

        classifier = load_classifier()
    return FacePipeline(open_detector(landmarks), classifier, limits)


def _obstacle(face: FoundFace, grey: "Image") -> Quality | None:
    """Why this face is not worth classifying."""
    if face.box.width < MIN_FACE_WIDTH:
        return "small_face"
    if luminance(face.box, grey) < MIN_LUMINANCE:
        return "low_light"
    if face.pose is not None and is_turned_away(face.pose):
        return "turned_away"
    return None


def is_turned_away(pose: HeadPose) -> bool:
    """Too far to the side, up or down for a face that was learned from the front."""
    return abs(pose.yaw) > MAX_YAW or abs(pose.pitch) > MAX_PITCH


def luminance(box: FaceBox, grey: "Image") -> float:
    """Mean grey level of the part of the box that lies in the picture; 0 where none does."""
    left, top = max(0, int(box.x)), max(0, int(box.y))
    part = grey[top : max(0, int(box.y + box.height)), left : max(0, int(box.x + box.width))]
    return float(part.mean()) if part.size else 0.0
