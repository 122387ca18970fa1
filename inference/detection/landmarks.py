"""MediaPipe's FaceLandmarker: box, eyes, head pose and facial signs of the largest face."""

import atexit
import ctypes
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inference.detection.faces import NO_FACES, DetectorKind, FoundFace, FoundFaces
from inference.detection.native_log import quiet_stderr, without_matplotlib
from inference.errors import DetectorUnavailable
from inference.imaging.frames import open_cv
from inference.results import FaceBox, FacialSigns, HeadPose

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MAX_FACES = 2
"""One is the learner; a second is enough to know that there are many. Each costs a landmark run."""
MIN_SCORE = 0.5
"""MediaPipe's default for detection and presence. It does not hand out the score of a face that
passed, so that `FaceBox.score` is this lower bound."""

RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (362, 385, 387, 263, 373, 380)
"""The learner's eyes: corner, two upper lid, corner, two lower lid points, as the eye aspect ratio
of Soukupová and Čech (2016) numbers them. The learner's right eye is on the left of the picture."""
POINTS_BEFORE_IRISES = 468

Points = npt.NDArray[np.float32]
Shapes = npt.NDArray[np.float32]


class LandmarkDetector:
    """A FaceLandmarker for single images: no tracking, so that no learner meets another's face."""

    kind: DetectorKind = "mediapipe"

    def __init__(self, model: bytes) -> None:
        """`model`: the bytes of face_landmarker.task. Raises DetectorUnavailable."""
        with quiet_stderr() as noise, without_matplotlib():
            try:
                self._landmarker = _make_landmarker(model)
                self.find(np.zeros((240, 320, 3), np.uint8))
            except (ImportError, OSError, RuntimeError, ValueError) as error:
                raise DetectorUnavailable(f"{error} {noise.last_line()}".strip()) from error
        # Its __del__ would call into a thread pool that is gone at exit, and say so on stderr.
        atexit.register(setattr, self._landmarker, "_handle", None)

    def find(self, image: "Image") -> FoundFaces:
        """At most `MAX_FACES` are counted; the largest is described."""
        faces = self._detect(image)
        if not faces:
            return NO_FACES
        points, shapes, matrix = max(faces, key=lambda face: float(np.prod(np.ptp(face[0], 0))))
        found = FoundFace(
            box=_box(points), eyes=_eyes(points), pose=_pose(matrix), signs=_signs(points, shapes)
        )
        return FoundFaces(len(faces), found)

    def _detect(self, image: "Image") -> list[tuple[Points, Shapes, Points]]:
        """(points [478, 2] in pixels, 52 blendshapes, pose matrix [4, 4]) of each face.

        Reads MediaPipe's C result in place: its Python wrapper makes 478 objects a face, which
        costs 0.4 ms more. `test_landmarks.py` compares both.
        """
        import mediapipe  # type: ignore[import-untyped]
        from mediapipe.tasks.python.vision import face_landmarker  # type: ignore[import-untyped]

        cv2 = open_cv()
        picture = mediapipe.Image(
            image_format=mediapipe.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        )
        result = face_landmarker.MpFaceLandmarkerResultC()
        library, handle = self._landmarker._lib, self._landmarker._handle
        library.MpFaceLandmarkerDetectImage(handle, picture._image_ptr, None, ctypes.byref(result))
        try:
            return [_read(result, i, image) for i in range(result.face_landmarks_count)]
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
    return vision.FaceLandmarker.create_from_options(options)


def _read(result: Any, index: int, image: "Image") -> tuple[Points, Shapes, Points]:
    """Copies of face `index`'s numbers; nothing points into the C result afterwards."""
    landmarks = result.face_landmarks[index]
    each = ctypes.sizeof(landmarks.landmarks._type_) // ctypes.sizeof(ctypes.c_float)
    start = ctypes.cast(landmarks.landmarks, ctypes.POINTER(ctypes.c_float))
    table = np.ctypeslib.as_array(start, (landmarks.landmarks_count, each))
    height, width = image.shape[:2]
    points = table[:, :2] * np.array([width, height], np.float32)
    shapes = result.face_blendshapes[index]
    scores = [shapes.categories[i].score for i in range(shapes.categories_count)]
    matrix = result.facial_transformation_matrixes[index].to_numpy().copy()
    return points, np.array(scores, np.float32), matrix


def _box(points: Points) -> FaceBox:
    left, top = points[:POINTS_BEFORE_IRISES].min(axis=0).tolist()
    right, bottom = points[:POINTS_BEFORE_IRISES].max(axis=0).tolist()
    return FaceBox(x=left, y=top, width=right - left, height=bottom - top, score=MIN_SCORE)


def _eyes(points: Points) -> Points:
    """The middle of each eye's corners, which does not move with the gaze."""
    return np.stack([points[[eye[0], eye[3]]].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)])


def _pose(matrix: Points) -> HeadPose:
    """From the matrix that turns MediaPipe's canonical face to where it is seen.

    Its axes: x to the right of the picture, y up, z towards the camera. The third column is where
    the nose points. The rotation is taken apart as yaw about y, then pitch about x, then roll
    about z.
    """
    forward = matrix[:3, 2]
    return HeadPose(
        yaw=math.degrees(math.atan2(forward[0], forward[2])),
        pitch=math.degrees(math.asin(max(-1.0, min(1.0, float(forward[1]))))),
        roll=math.degrees(math.atan2(matrix[1, 0], matrix[1, 1])),
    )


def _signs(points: Points, shapes: Shapes) -> FacialSigns:
    from mediapipe.tasks.python.vision.face_landmarker import (  # type: ignore[import-untyped]
        Blendshapes,
    )

    score = shapes.tolist()

    def mean(*names: str) -> float:
        return float(sum(score[Blendshapes[name]] for name in names) / len(names))

    def both(name: str) -> float:
        return mean(f"{name}_LEFT", f"{name}_RIGHT")

    return FacialSigns(
        brow_lowering=both("BROW_DOWN"),
        inner_brow_raise=mean("BROW_INNER_UP"),
        mouth_press=both("MOUTH_PRESS"),
        mouth_frown=both("MOUTH_FROWN"),
        smile=both("MOUTH_SMILE"),
        jaw_drop=mean("JAW_OPEN"),
        eye_squint=both("EYE_SQUINT"),
        blink=both("EYE_BLINK"),
        eye_openness=(aspect_ratio(points, RIGHT_EYE) + aspect_ratio(points, LEFT_EYE)) / 2,
        gaze_horizontal=mean("EYE_LOOK_OUT_LEFT", "EYE_LOOK_IN_RIGHT")
        - mean("EYE_LOOK_IN_LEFT", "EYE_LOOK_OUT_RIGHT"),
        gaze_vertical=both("EYE_LOOK_UP") - both("EYE_LOOK_DOWN"),
    )


def aspect_ratio(points: Points, eye: Sequence[int]) -> float:
    """Lid distance over corner distance of an eye's six points, numbered as in `RIGHT_EYE`."""
    corner, upper, upper_2, corner_2, lower_2, lower = points[list(eye)].tolist()
    lids = math.dist(upper, lower) + math.dist(upper_2, lower_2)
    return lids / (2 * max(math.dist(corner, corner_2), 1e-6))
