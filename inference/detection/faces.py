"""Image -> the faces in it. One question, two detectors that answer it.

`open_detector()` makes MediaPipe's FaceLandmarker (box, eyes, pose, signs). Where that cannot be
made, or where only boxes are wanted, BlazeFace through OpenCV gives boxes and eyes. Both read the
same pinned file, `model_store.FACE_LANDMARKER`.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from inference.errors import DetectorUnavailable
from inference.models.store import FACE_LANDMARKER, load
from inference.results import FaceBox, FacialSigns, HeadPose

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

logger = logging.getLogger(__name__)

DetectorKind = Literal["mediapipe", "opencv-blazeface"]


@dataclass(frozen=True, slots=True)
class FoundFace:
    """The largest face of an image, in pixels of that image."""

    box: FaceBox
    eyes: "npt.NDArray[np.float32]"
    """[2, 2]: x, y of the eye on the left of the picture, then of the other"""
    pose: HeadPose | None = None
    signs: FacialSigns | None = None


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """How many faces (the landmark detector stops at two), and the largest of them."""

    count: int
    largest: FoundFace | None = None


NO_FACES = FoundFaces(0)


class FaceDetector(Protocol):
    """Finds faces; keeps nothing from one image to the next."""

    @property
    def kind(self) -> DetectorKind: ...

    def find(self, image: "Image") -> FoundFaces:
        """`image`: uint8 [height, width, 3], BGR."""
        ...


def open_detector(landmarks: bool = True) -> FaceDetector:
    """The best detector this machine can make; with `landmarks=False` the light one on purpose.

    Falls back to the light one, with a warning in the log, where MediaPipe cannot make one.
    Raises ModelMissing or ModelCorrupt where the pinned file is not to be had.
    """
    from inference.detection.blazeface import BlazeFace

    model = load(FACE_LANDMARKER)
    if not landmarks:
        return BlazeFace(model)
    from inference.detection.landmarks import LandmarkDetector

    try:
        return LandmarkDetector(model)
    except DetectorUnavailable as error:
        logger.warning("No landmarks, boxes only: %s", error)
        return BlazeFace(model)


def detector_kind() -> tuple[DetectorKind, str]:
    """Which detector `open_detector()` gives here, and why; makes one to know.

    Importing MediaPipe succeeds where libEGL is missing, so that only making a detector tells.
    Raises ModelMissing or ModelCorrupt.
    """
    from inference.detection.landmarks import LandmarkDetector

    try:
        LandmarkDetector(load(FACE_LANDMARKER))
    except DetectorUnavailable as error:
        return "opencv-blazeface", f"boxes only, no pose and no signs: {error}"
    return "mediapipe", "box, landmarks, pose and signs"
