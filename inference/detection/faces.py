"""Open the best face detector that this machine supports.

1. LiteRT runs MediaPipe's networks: box, eyes, pose and signs (`litert`).
2. MediaPipe's own FaceLandmarker returns the same, slower (`mediapipe`).
3. BlazeFace through OpenCV returns boxes and eyes (`opencv-blazeface`); also if no landmarks are
   wanted.

All read the same pinned file, `inference.models.store.FACE_LANDMARKER`.
"""

import logging

from inference.detection.base import DetectorKind, FaceDetector
from inference.errors import DetectorUnavailable
from inference.models.store import FACE_LANDMARKER, load_model

logger = logging.getLogger(__name__)


def open_detector(landmarks: bool = True) -> FaceDetector:
    """Open the first detector with landmarks that works, or BlazeFace; without them, BlazeFace.

    A fallback is logged as a warning.

    Raises:
        ModelMissing, ModelCorrupt: The pinned model file cannot be used.
    """
    from inference.detection.blazeface import BlazeFace

    model = load_model(FACE_LANDMARKER)
    if landmarks:
        detector, reasons = _open_with_landmarks(model)
        for reason in reasons:
            logger.warning("%s", reason)
        if detector is not None:
            return detector
        logger.warning("No landmarks, boxes only")
    return BlazeFace(model)


def probe_detector() -> tuple[DetectorKind, str]:
    """Return which detector `open_detector()` opens on this machine, and the reason.

    Creates a detector, since importing a library succeeds also where it cannot run.

    Raises:
        ModelMissing, ModelCorrupt: The pinned model file cannot be used.
    """
    detector, reasons = _open_with_landmarks(load_model(FACE_LANDMARKER))
    if detector is None:
        return "opencv-blazeface", f"boxes only, no pose and no signs: {'; '.join(reasons)}"
    return detector.kind, "; ".join(["box, landmarks, pose and signs", *reasons])


def _open_with_landmarks(model: bytes) -> tuple[FaceDetector | None, list[str]]:
    """Return the first detector with landmarks that opens, and why the ones before it did not."""
    reasons: list[str] = []
    for name, open_one in (("LiteRT", _open_litert), ("MediaPipe", _open_mediapipe)):
        try:
            return open_one(model), reasons
        except DetectorUnavailable as error:
            reasons.append(f"{name} cannot be used: {error}")
    return None, reasons


def _open_litert(model: bytes) -> FaceDetector:
    from inference.detection.litert import LiteRtDetector

    return LiteRtDetector(model)


def _open_mediapipe(model: bytes) -> FaceDetector:
    from inference.detection.landmarks import LandmarkDetector

    return LandmarkDetector(model)
