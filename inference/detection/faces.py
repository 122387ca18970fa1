"""Open the best face detector that this machine supports.

MediaPipe's FaceLandmarker returns box, eyes, pose and signs. BlazeFace through OpenCV returns boxes
and eyes; it is the fallback, and used if no landmarks are wanted. Both read the same pinned file,
`inference.models.store.FACE_LANDMARKER`.
"""

import logging

from inference.detection.base import DetectorKind, FaceDetector
from inference.errors import DetectorUnavailable
from inference.models.store import FACE_LANDMARKER, load_model

logger = logging.getLogger(__name__)


def open_detector(landmarks: bool = True) -> FaceDetector:
    """Open the landmark detector, or BlazeFace where `landmarks` is false or MediaPipe fails.

    A fallback is logged as a warning.

    Raises:
        ModelMissing, ModelCorrupt: The pinned model file cannot be used.
    """
    from inference.detection.blazeface import BlazeFace

    model = load_model(FACE_LANDMARKER)
    if not landmarks:
        return BlazeFace(model)
    from inference.detection.landmarks import LandmarkDetector

    try:
        return LandmarkDetector(model)
    except DetectorUnavailable as error:
        logger.warning("No landmarks, boxes only: %s", error)
        return BlazeFace(model)


def probe_detector() -> tuple[DetectorKind, str]:
    """Return which detector `open_detector()` opens on this machine, and the reason.

    Creates a detector, since importing MediaPipe succeeds also where libEGL is missing.

    Raises:
        ModelMissing, ModelCorrupt: The pinned model file cannot be used.
    """
    from inference.detection.landmarks import LandmarkDetector

    try:
        LandmarkDetector(load_model(FACE_LANDMARKER))
    except DetectorUnavailable as error:
        return "opencv-blazeface", f"boxes only, no pose and no signs: {error}"
    return "mediapipe", "box, landmarks, pose and signs"
