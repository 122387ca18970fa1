"""MediaPipe's FaceLandmarker: box, eyes, head pose and facial signs of the largest face."""

import atexit
import ctypes
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inference.detection.base import NO_FACES, DetectedFace, DetectionResult, DetectorKind
from inference.errors import DetectorUnavailable
from inference.imaging.frames import load_cv2
from inference.native_log import block_matplotlib_import, capture_stderr
from inference.results import FaceBox, FacialSigns, HeadPose
from inference.telemetry import run_without_sockets

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MAX_FACES = 2
"""Two suffice to report `many_faces`; each face takes one run of the landmark network."""
MIN_SCORE = 0.5
"""MediaPipe's default for detection and presence. Its result has no detection score, so
`FaceBox.score` is this lower bound."""

RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (362, 385, 387, 263, 373, 380)
"""The learner's eyes: corner, two upper lid, corner, two lower lid points, as the eye aspect ratio
of Soukupová and Čech (2016) numbers them. The learner's right eye is on the left of the picture."""
POINTS_BEFORE_IRISES = 468

Points = npt.NDArray[np.float32]
Shapes = npt.NDArray[np.float32]


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
        box = _compute_box(points)
        face = DetectedFace(
            box=box,
            width=box.width,
            eyes=_compute_eyes(points),
            pose=_compute_pose(matrix),
            signs=_compute_signs(points, shapes),
        )
        return DetectionResult(len(faces), face)

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


def _compute_box(points: Points) -> FaceBox:
    left, top = points[:POINTS_BEFORE_IRISES].min(axis=0).tolist()
    right, bottom = points[:POINTS_BEFORE_IRISES].max(axis=0).tolist()
    return FaceBox(x=left, y=top, width=right - left, height=bottom - top, score=MIN_SCORE)


def _compute_eyes(points: Points) -> Points:
    """Return the midpoint of each eye's corners, which does not depend on gaze."""
    return np.stack([points[[eye[0], eye[3]]].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)])


def _compute_pose(matrix: Points) -> HeadPose:
    """Decompose MediaPipe's facial transformation matrix into yaw (y), pitch (x) and roll (z).

    Axes: x to the right of the picture, y up, z towards the camera; the third column is the
    direction of the nose.
    """
    forward = matrix[:3, 2]
    return HeadPose(
        yaw=math.degrees(math.atan2(forward[0], forward[2])),
        pitch=math.degrees(math.asin(max(-1.0, min(1.0, float(forward[1]))))),
        roll=math.degrees(math.atan2(matrix[1, 0], matrix[1, 1])),
    )


def _compute_signs(points: Points, shapes: Shapes) -> FacialSigns:
    from mediapipe.tasks.python.vision.face_landmarker import (  # type: ignore[import-untyped]
        Blendshapes,
    )

    score = shapes.tolist()

    def average(*names: str) -> float:
        return float(sum(score[Blendshapes[name]] for name in names) / len(names))

    def average_sides(name: str) -> float:
        return average(f"{name}_LEFT", f"{name}_RIGHT")

    return FacialSigns(
        brow_lowering=average_sides("BROW_DOWN"),
        inner_brow_raise=average("BROW_INNER_UP"),
        mouth_press=average_sides("MOUTH_PRESS"),
        mouth_frown=average_sides("MOUTH_FROWN"),
        smile=average_sides("MOUTH_SMILE"),
        jaw_drop=average("JAW_OPEN"),
        eye_squint=average_sides("EYE_SQUINT"),
        blink=average_sides("EYE_BLINK"),
        eye_openness=(
            compute_aspect_ratio(points, RIGHT_EYE) + compute_aspect_ratio(points, LEFT_EYE)
        )
        / 2,
        gaze_horizontal=average("EYE_LOOK_OUT_LEFT", "EYE_LOOK_IN_RIGHT")
        - average("EYE_LOOK_IN_LEFT", "EYE_LOOK_OUT_RIGHT"),
        gaze_vertical=average_sides("EYE_LOOK_UP") - average_sides("EYE_LOOK_DOWN"),
    )


def compute_aspect_ratio(points: Points, eye: Sequence[int]) -> float:
    """Return the eye aspect ratio of six points, numbered as in `RIGHT_EYE`."""
    corner, upper, upper_2, corner_2, lower_2, lower = points[list(eye)].tolist()
    lids = math.dist(upper, lower) + math.dist(upper_2, lower_2)
    return lids / (2 * max(math.dist(corner, corner_2), 1e-6))
