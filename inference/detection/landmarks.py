"""MediaPipe's FaceLandmarker: box, eyes, head pose and facial signs of the largest face."""

import atexit
import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from inference.detection.base import NO_FACES, DetectionResult, DetectorKind
from inference.detection.face_measures import MIN_SCORE, Points, Shapes, describe_face
from inference.errors import DetectorUnavailable
from inference.imaging.frames import load_cv2
from inference.native_log import block_matplotlib_import, capture_stderr
from inference.telemetry import run_without_sockets

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MAX_FACES = 2
"""Two suffice to report `many_faces`; each face takes one run of the landmark network."""


class LandmarkDetector:
    """A FaceLandmarker for single images, without tracking: no state passes between learners."""

    kind: DetectorKind = "mediapipe"

    def __init__(self, model: bytes) -> None:
        """Load from the bytes of face_landmarker.task.

        Raises:
            DetectorUnavailable: MediaPipe cannot create a detector on this machine.
        """
        with capture_stderr() as captured, block_matplotlib_import():
            try:
                self._landmarker = _make_landmarker(model)
                self.detect(np.zeros((240, 320, 3), np.uint8))
            except (ImportError, OSError, RuntimeError, ValueError) as error:
                raise DetectorUnavailable(f"{error} {captured.read_last_line()}".strip()) from error
        # At exit its __del__ calls a thread pool that no longer exists, and prints an error.
        atexit.register(setattr, self._landmarker, "_handle", None)

    def detect(self, image: "Image") -> DetectionResult:
        """Count up to `MAX_FACES` faces and describe the largest."""
        faces = self._detect(image)
        if not faces:
            return NO_FACES
        points, shapes, matrix = max(faces, key=lambda face: float(np.prod(np.ptp(face[0], 0))))
        return DetectionResult(len(faces), describe_face(points, shapes, matrix))

    def _detect(self, image: "Image") -> list[tuple[Points, Shapes, Points]]:
        """Return (points [478, 2] in pixels, blendshapes [52], pose matrix [4, 4]) of each face.

        Reads MediaPipe's C result directly: its Python wrapper makes 478 objects a face, which
        costs 5 to 8 % of `read` (`python -m tests.bench.landmark_wrapper`). `test_landmarks.py`
        compares both.
        """
        import mediapipe  # type: ignore[import-untyped]
        from mediapipe.tasks.python.vision import face_landmarker  # type: ignore[import-untyped]

        cv2 = load_cv2()
        picture = mediapipe.Image(
            image_format=mediapipe.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        )
        result = face_landmarker.MpFaceLandmarkerResultC()
        library, handle = self._landmarker._lib, self._landmarker._handle
        library.MpFaceLandmarkerDetectImage(handle, picture._image_ptr, None, ctypes.byref(result))
        try:
            return [_copy_face(result, i, image) for i in range(result.face_landmarks_count)]
        finally:
            library.MpFaceLandmarkerCloseResult(ctypes.byref(result))


def _make_landmarker(model: bytes) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision  # type: ignore[import-untyped]

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model),
        num_faces=MAX_FACES,
        min_face_detection_confidence=MIN_SCORE,
        min_face_presence_confidence=MIN_SCORE,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    return run_without_sockets(lambda: vision.FaceLandmarker.create_from_options(options))


def _copy_face(result: Any, index: int, image: "Image") -> tuple[Points, Shapes, Points]:
    """Copy the numbers of face `index` out of the C result."""
    landmarks = result.face_landmarks[index]
    floats_per_point = ctypes.sizeof(landmarks.landmarks._type_) // ctypes.sizeof(ctypes.c_float)
    start = ctypes.cast(landmarks.landmarks, ctypes.POINTER(ctypes.c_float))
    table = np.ctypeslib.as_array(start, (landmarks.landmarks_count, floats_per_point))
    height, width = image.shape[:2]
    points = table[:, :2] * np.array([width, height], np.float32)
    shapes = result.face_blendshapes[index]
    scores = [shapes.categories[i].score for i in range(shapes.categories_count)]
    matrix = result.facial_transformation_matrixes[index].to_numpy().copy()
    return points, np.array(scores, np.float32), matrix
