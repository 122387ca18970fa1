"""From MediaPipe's 478 points and 52 blendshapes of a face to box, eyes, head pose and signs."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.detection.base import DetectedFace
from inference.results import FaceBox, FacialSigns, HeadPose

MIN_SCORE = 0.5
"""MediaPipe's default for detection and presence. Its result has no detection score, so
`FaceBox.score` is this lower bound."""

RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (362, 385, 387, 263, 373, 380)
"""The learner's eyes: corner, two upper lid, corner, two lower lid points, as the eye aspect ratio
of Soukupová and Čech (2016) numbers them. The learner's right eye is on the left of the picture."""
POINTS_BEFORE_IRISES = 468
BLENDSHAPES = (
    *("_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft"),
    *("browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft"),
    *("eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight"),
    *("eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft"),
    *("eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen"),
    *("jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft"),
    *("mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower"),
    *("mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft"),
    *("mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft"),
    *("mouthUpperUpRight", "noseSneerLeft", "noseSneerRight"),
)
"""Names of the blendshapes in the order of MediaPipe's network."""

Points = npt.NDArray[np.float32]
Shapes = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.floating]


def describe_face(points: Points, shapes: Shapes, matrix: Matrix) -> DetectedFace:
    """Describe a face.

    Args:
        points: [478, 2], x and y in pixels.
        shapes: [52], in the order of `BLENDSHAPES`.
        matrix: [4, 4], MediaPipe's facial transformation matrix.
    """
    box = compute_box(points)
    return DetectedFace(
        box=box,
        width=box.width,
        eyes=compute_eyes(points),
        pose=compute_pose(matrix),
        signs=compute_signs(points, shapes),
    )


def compute_box(points: Points) -> FaceBox:
    left, top = points[:POINTS_BEFORE_IRISES].min(axis=0).tolist()
    right, bottom = points[:POINTS_BEFORE_IRISES].max(axis=0).tolist()
    return FaceBox(x=left, y=top, width=right - left, height=bottom - top, score=MIN_SCORE)


def compute_eyes(points: Points) -> Points:
    """Return the midpoint of each eye's corners, which does not depend on gaze."""
    return np.stack([points[[eye[0], eye[3]]].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)])


def compute_pose(matrix: Matrix) -> HeadPose:
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


def compute_signs(points: Points, shapes: Shapes) -> FacialSigns:
    score = dict(zip(BLENDSHAPES, shapes.tolist(), strict=True))

    def average(*names: str) -> float:
        return float(sum(score[name] for name in names) / len(names))

    def average_sides(name: str) -> float:
        return average(f"{name}Left", f"{name}Right")

    return FacialSigns(
        brow_lowering=average_sides("browDown"),
        inner_brow_raise=average("browInnerUp"),
        mouth_press=average_sides("mouthPress"),
        mouth_frown=average_sides("mouthFrown"),
        smile=average_sides("mouthSmile"),
        jaw_drop=average("jawOpen"),
        eye_squint=average_sides("eyeSquint"),
        blink=average_sides("eyeBlink"),
        eye_openness=(
            compute_aspect_ratio(points, RIGHT_EYE) + compute_aspect_ratio(points, LEFT_EYE)
        )
        / 2,
        gaze_horizontal=average("eyeLookOutLeft", "eyeLookInRight")
        - average("eyeLookInLeft", "eyeLookOutRight"),
        gaze_vertical=average_sides("eyeLookUp") - average_sides("eyeLookDown"),
    )


def compute_aspect_ratio(points: Points, eye: Sequence[int]) -> float:
    """Return the eye aspect ratio of six points, numbered as in `RIGHT_EYE`."""
    corner, upper, upper_2, corner_2, lower_2, lower = points[list(eye)].tolist()
    lids = math.dist(upper, lower) + math.dist(upper_2, lower_2)
    return lids / (2 * max(math.dist(corner, corner_2), 1e-6))
