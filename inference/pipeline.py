"""JPEG bytes to FaceReading: guard, decode, detect the face, assess its quality, classify.

Fields of a reading by quality (a frame without a usable face is a reading, not an error):

| quality        | condition (first that holds)          | face    | pose | signs | expressions |
|----------------|---------------------------------------|---------|------|-------|-------------|
| no_face        | no face detected                      | -       | -    | -     | -           |
| many_faces     | two or more faces detected            | largest | -    | -     | -           |
| small_face     | narrower than `MIN_FACE_WIDTH_PX`     | yes     | yes  | -     | -           |
| cut_off        | less than `MIN_VISIBLE_SHARE` in the picture | yes | yes | -     | -           |
| low_light      | darker than `MIN_LUMINANCE`           | yes     | yes  | -     | -           |
| turned_away    | beyond `MAX_YAW_DEG` or `MAX_PITCH_DEG` | yes     | yes  | -     | -           |
| low_confidence | no score reaches `MIN_TOP_PROBABILITY`| yes     | yes  | yes   | -           |
| ok             | otherwise                             | yes     | yes  | yes   | yes         |

Without landmarks (`load_pipeline(landmarks=False)`, or neither LiteRT nor MediaPipe works) pose and
signs are None and turned_away does not occur. With several faces it is unknown which one is the
learner, so none is measured.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from inference.detection.base import DetectedFace, DetectionResult, FaceDetector
from inference.detection.faces import open_detector
from inference.detection.litert import LiteRtDetector
from inference.imaging.alignment import align_face
from inference.imaging.frames import FRAME_LIMITS, FrameLimits, decode, load_cv2
from inference.results import ExpressionScores, FaceBox, FaceReading, HeadPose, Quality
from inference.tracking import Tracker

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

# Reasons: docs/researcher/inference.md; `python -m tests.inference.roundtrip --limits` measures.
MIN_FACE_WIDTH_PX = 36
"""Pixels. A narrower face fills less than the 48x48 pixels that the network was trained on."""
MIN_VISIBLE_SHARE = 0.8
"""Of the face's box, within the picture. Accuracy falls by 2 points down to it, then by 4 to 36."""
MIN_LUMINANCE = 40
"""Mean grey level of the face, 0..255. Darker faces lower accuracy by 3 to 12 points."""
MAX_YAW_DEG = 40
"""Degrees to either side. Up to this angle accuracy is unchanged; beyond, it is 0.4."""
MAX_PITCH_DEG = 30
"""Degrees up or down. Up to this angle accuracy is unchanged; beyond, too few faces are known."""
MIN_TOP_PROBABILITY = 0.4
"""Of the faces below it, a quarter is classified correctly."""


class Classifier(Protocol):
    """The part of `expressions.ExpressionClassifier` that the pipeline uses."""

    sha256: str

    def classify(self, crops: "Sequence[Image]") -> "npt.NDArray[np.float32]":
        """Return probabilities [N, 8] over `results.LABELS`."""
        ...


class FacePipeline:
    """Reader of frames. `read` keeps no state: the same bytes give the same reading."""

    def __init__(
        self, detector: FaceDetector, classifier: Classifier, limits: FrameLimits = FRAME_LIMITS
    ) -> None:
        self.detector = detector
        self.classifier = classifier
        self.limits = limits
        self._cv2 = load_cv2()
        self._tracker = (
            Tracker(detector, self.read_detection) if isinstance(detector, LiteRtDetector) else None
        )

    def read(self, jpeg: bytes) -> FaceReading:
        """Read one frame.

        Args:
            jpeg: A complete baseline JPEG within the pipeline's `limits`.

        Raises:
            FrameRejected: The bytes are not an acceptable frame; `reason` says why.
        """
        return self.read_image(decode(jpeg, self.limits))

    def read_image(self, image: "Image") -> FaceReading:
        """Read a decoded image: uint8 [height, width, 3], BGR, any size."""
        return self.read_detection(self.detector.detect(image), image)

    def track(self, key: Hashable) -> "StreamReader":
        """Return a reader of one learner's stream, which measures landmarks on some frames only.

        Args:
            key: Of the stream. It must change with the learner and with their consent.
        """
        return StreamReader(self, key)

    def read_image_of(self, key: Hashable, image: "Image", at: float) -> FaceReading:
        """Read a decoded frame of a stream, captured at `at` (seconds)."""
        return self._tracker.read(key, image, at) if self._tracker else self.read_image(image)

    def read_detection(self, detection: DetectionResult, image: "Image") -> FaceReading:
        """Assess the quality of the faces detected in an image, and classify the only one."""
        face = detection.largest
        if face is None:
            return FaceReading("no_face", 0)
        if detection.count > 1:
            return FaceReading("many_faces", detection.count, face.box)
        grey: Image = self._cv2.cvtColor(image, self._cv2.COLOR_BGR2GRAY)
        issue = _find_quality_issue(face, grey)
        if issue:
            return FaceReading(issue, 1, face.box, pose=face.pose)
        return self._classify_face(face, grey)

    def _classify_face(self, face: DetectedFace, grey: "Image") -> FaceReading:
        crop = align_face(grey, face.eyes)
        scores = ExpressionScores(tuple(self.classifier.classify([crop])[0].tolist()))
        is_confident = max(scores.values) >= MIN_TOP_PROBABILITY
        return FaceReading(
            quality="ok" if is_confident else "low_confidence",
            face_count=1,
            face=face.box,
            expressions=scores if is_confident else None,
            pose=face.pose,
            signs=face.signs,
        )


@dataclass(frozen=True, slots=True)
class StreamReader:
    """Reader of one stream (`FacePipeline.track`)."""

    pipeline: FacePipeline
    key: Hashable

    def read(self, jpeg: bytes, at: float) -> FaceReading:
        """Read one frame, as `FacePipeline.read`.

        Args:
            jpeg: As in `FacePipeline.read`.
            at: Time of the frame, in seconds. A frame before the last measured one is measured.
        """
        image = decode(jpeg, self.pipeline.limits)
        return self.pipeline.read_image_of(self.key, image, at)


def load_pipeline(
    landmarks: bool = True,
    classifier: Classifier | None = None,
    limits: FrameLimits = FRAME_LIMITS,
) -> FacePipeline:
    """Load the models and return the pipeline. Takes 0.5 s; call it after a fork, not before.

    Args:
        landmarks: False selects BlazeFace: boxes and expressions, no pose and no signs.
        classifier: The released classifier by default.
        limits: Size limits of a frame.

    Raises:
        ModelMissing, ModelCorrupt: A model file cannot be used.
    """
    if classifier is None:
        from inference.expressions import load_classifier

        classifier = load_classifier()
    return FacePipeline(open_detector(landmarks), classifier, limits)


def _find_quality_issue(face: DetectedFace, grey: "Image") -> Quality | None:
    """Return the reason not to classify this face, or None."""
    if face.width < MIN_FACE_WIDTH_PX:
        return "small_face"
    if is_cut_off(face, grey.shape[1], grey.shape[0]):
        return "cut_off"
    if compute_luminance(face.box, grey) < MIN_LUMINANCE:
        return "low_light"
    if face.pose is not None and is_turned_away(face.pose):
        return "turned_away"
    return None


def is_cut_off(face: DetectedFace, width: int, height: int) -> bool:
    """Return whether too much of the face, or an eye, is outside a picture of this size."""
    eyes_x, eyes_y = face.eyes[:, 0], face.eyes[:, 1]
    sees_eyes = bool(
        (eyes_x >= 0).all()
        and (eyes_x < width).all()
        and (eyes_y >= 0).all()
        and (eyes_y < height).all()
    )
    return not sees_eyes or compute_visible_share(face.box, width, height) < MIN_VISIBLE_SHARE


def compute_visible_share(box: FaceBox, width: int, height: int) -> float:
    """Return the share of a box that is within a picture of this size, 0..1."""
    visible_width = min(box.x + box.width, width) - max(box.x, 0)
    visible_height = min(box.y + box.height, height) - max(box.y, 0)
    return max(0.0, visible_width) * max(0.0, visible_height) / max(box.width * box.height, 1e-9)


def is_turned_away(pose: HeadPose) -> bool:
    """Return whether the head is turned beyond what the frontal training data covers."""
    return abs(pose.yaw) > MAX_YAW_DEG or abs(pose.pitch) > MAX_PITCH_DEG


def compute_luminance(box: FaceBox, grey: "Image") -> float:
    """Return the mean grey level of the box's visible part, 0..255; 0 where nothing is visible."""
    left, top = max(0, int(box.x)), max(0, int(box.y))
    part = grey[top : max(0, int(box.y + box.height)), left : max(0, int(box.x + box.width))]
    return float(part.mean()) if part.size else 0.0
