"""MediaPipe's landmarks: choice of the face, sign of angles, plausible facial signs."""

import cv2
import mediapipe  # type: ignore[import-untyped]
import numpy as np
import pytest

from inference.detection.face_measures import BLENDSHAPES, compute_aspect_ratio, compute_pose
from inference.detection.landmarks import MAX_FACES, LandmarkDetector
from tests.inference.pictures import Image


def rotate(image: Image, degrees: float) -> Image:
    """Rotate counter-clockwise about the face of the astronaut."""
    turn = cv2.getRotationMatrix2D((134, 100), degrees, 1)
    return np.asarray(cv2.warpAffine(image, turn, (320, 240)), np.uint8)


def shift_image(image: Image, x: float, y: float) -> Image:
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    shifted = cv2.warpAffine(image, shift, (320, 240), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shifted, np.uint8)


def test_one_face_with_box_and_eyes(landmark_detector: LandmarkDetector, astronaut: Image) -> None:
    found = landmark_detector.detect(astronaut)
    assert found.count == 1
    assert found.largest is not None
    box, eyes = found.largest.box, found.largest.eyes
    assert box.x == pytest.approx(96, abs=6)
    assert box.y == pytest.approx(58, abs=6)
    assert box.width == pytest.approx(77, abs=8)
    assert box.height == pytest.approx(90, abs=8)
    assert eyes[0] == pytest.approx([117, 85], abs=4)
    assert eyes[1] == pytest.approx([152, 87], abs=4)


def test_c_result_equals_result_of_python_wrapper(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    """Fails where the installed MediaPipe has another memory layout."""
    [(points, shapes, matrix)] = landmark_detector._detect(astronaut)
    picture = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(astronaut[:, :, ::-1])
    )
    official = landmark_detector._landmarker.detect(picture)
    expected = np.array([(p.x * 320, p.y * 240) for p in official.face_landmarks[0]])
    assert np.allclose(points, expected, atol=1e-3)
    assert np.allclose(shapes, [c.score for c in official.face_blendshapes[0]])
    assert np.allclose(matrix, official.facial_transformation_matrixes[0])


def test_names_of_blendshapes_are_mediapipes() -> None:
    from mediapipe.tasks.python.vision.face_landmarker import (  # type: ignore[import-untyped]
        Blendshapes,
    )

    names = sorted(Blendshapes, key=lambda shape: shape.value)
    assert [name.lower() for name in BLENDSHAPES] == [
        f"_{name.lower()}" if index == 0 else name.replace("_", "").lower()
        for index, name in enumerate(shape.name for shape in names)
    ]


def test_no_face(landmark_detector: LandmarkDetector) -> None:
    found = landmark_detector.detect(np.full((240, 320, 3), 128, np.uint8))
    assert (found.count, found.largest) == (0, None)


def test_larger_of_two_faces_is_rerotate(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    two = np.full((240, 320, 3), 110, np.uint8)
    two[60:210, 0:150] = cv2.resize(astronaut[30:180, 60:210], (150, 150))
    two[10:120, 190:300] = cv2.resize(astronaut[30:180, 60:210], (110, 110))
    found = landmark_detector.detect(two)
    assert found.count == 2
    assert found.largest is not None
    assert found.largest.box.x < 150


def test_face_count_is_limited(landmark_detector: LandmarkDetector, astronaut: Image) -> None:
    face = cv2.resize(astronaut[30:180, 60:210], (110, 110))
    four = np.full((240, 320, 3), 110, np.uint8)
    for x, y in ((10, 5), (180, 5), (10, 125), (180, 125)):
        four[y : y + 110, x : x + 110] = face
    assert landmark_detector.detect(four).count == MAX_FACES


@pytest.mark.parametrize("degrees", [-25, -10, 10, 25])
def test_roll_is_positive_towards_the_learners_right_shoulder(
    landmark_detector: LandmarkDetector, astronaut: Image, degrees: float
) -> None:
    """Rotated counter-clockwise, the head leans to the left of the image, the learner's right."""
    upright, tilted = (
        landmark_detector.detect(image).largest for image in (astronaut, rotate(astronaut, degrees))
    )
    assert upright is not None
    assert tilted is not None
    assert upright.pose is not None
    assert tilted.pose is not None
    assert tilted.pose.roll - upright.pose.roll == pytest.approx(degrees, abs=5)


def test_yaw_is_positive_towards_the_learners_left(
    landmark_detector: LandmarkDetector, turning_head: list[Image]
) -> None:
    """As the head turns left, the nose moves to the right of the image relative to the eyes."""
    yaws, noses = [], []
    for image in turning_head:
        for points, _, matrix in landmark_detector._detect(image):
            yaws.append(compute_pose(matrix).yaw)
            noses.append(points[1, 0] - points[[33, 263], 0].mean())
    assert min(yaws) < -25
    assert max(yaws) > 25
    assert np.corrcoef(yaws, noses)[0, 1] > 0.95


def test_mirroring_negates_yaw_and_roll_and_keeps_pitch(
    landmark_detector: LandmarkDetector, turning_head: list[Image]
) -> None:
    for image in turning_head[8:20:4]:
        seen = landmark_detector.detect(image).largest
        mirrored = landmark_detector.detect(np.ascontiguousarray(image[:, ::-1])).largest
        assert seen is not None
        assert mirrored is not None
        assert seen.pose is not None
        assert mirrored.pose is not None
        assert mirrored.pose.yaw == pytest.approx(-seen.pose.yaw, abs=6)
        assert mirrored.pose.roll == pytest.approx(-seen.pose.roll, abs=4)
        assert mirrored.pose.pitch == pytest.approx(seen.pose.pitch, abs=8)


def test_axes_of_pose_matrix_point_right_up_and_to_camera(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    """`compute_pose` depends on it: y points up, so that a raised nose has a positive pitch."""
    [(_, _, original)] = landmark_detector._detect(astronaut)
    [(_, _, shifted_right)] = landmark_detector._detect(shift_image(astronaut, 30, 0))
    [(_, _, shifted_down)] = landmark_detector._detect(shift_image(astronaut, 0, 30))
    assert shifted_right[0, 3] > original[0, 3] + 2
    assert shifted_down[1, 3] < original[1, 3] - 2
    assert original[2, 3] < 0
    assert original[2, 2] > 0.9


@pytest.mark.parametrize("yaw", [-30, 0, 20])
@pytest.mark.parametrize("pitch", [-20, 10])
@pytest.mark.parametrize("roll", [-15, 0, 40])
def test_pose_decomposes_known_rotation(yaw: float, pitch: float, roll: float) -> None:
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]]
    about_z = [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = np.array(about_y) @ about_x @ about_z
    pose = compute_pose(matrix)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((yaw, pitch, roll), abs=1e-3)


def test_signs_of_a_smiling_face(landmark_detector: LandmarkDetector, astronaut: Image) -> None:
    face = landmark_detector.detect(astronaut).largest
    assert face is not None
    assert face.signs is not None
    assert face.signs.smile > 0.7
    assert face.signs.mouth_frown < 0.1
    assert face.signs.jaw_drop < 0.2
    assert face.signs.blink < 0.2
    assert 0.25 < face.signs.eye_openness < 0.45
    assert abs(face.signs.gaze_horizontal) < 0.2


def test_gaze_follows_the_irises(
    landmark_detector: LandmarkDetector, turning_head: list[Image]
) -> None:
    """Positive: to the right of the image, which is the learner's left, and up."""
    across, up, gaze = [], [], []
    for image in turning_head:
        face = landmark_detector.detect(image).largest
        if face is None or face.signs is None:
            continue
        [(points, _, _)] = landmark_detector._detect(image)
        eyes = ((33, 133, 468), (362, 263, 473))
        offsets = [points[i] - (points[a] + points[b]) / 2 for a, b, i in eyes]
        widths = [np.linalg.norm(points[b] - points[a]) for a, b, _ in eyes]
        across.append(np.mean([o[0] / w for o, w in zip(offsets, widths, strict=True)]))
        up.append(np.mean([-o[1] / w for o, w in zip(offsets, widths, strict=True)]))
        gaze.append((face.signs.gaze_horizontal, face.signs.gaze_vertical))
    horizontal, vertical = np.array(gaze).T
    assert np.corrcoef(across, horizontal)[0, 1] > 0.3
    assert np.corrcoef(up, vertical)[0, 1] > 0.3


def test_aspect_ratio_of_known_points() -> None:
    eye = np.array([[0, 0], [3, -1], [7, -1], [10, 0], [7, 1], [3, 1]], np.float32)
    assert compute_aspect_ratio(eye, range(6)) == pytest.approx(0.2)


def test_detection_is_independent_of_previous_image(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    first = landmark_detector.detect(astronaut).largest
    landmark_detector.detect(shift_image(astronaut, 40, 30))
    second = landmark_detector.detect(astronaut).largest
    assert first is not None
    assert second is not None
    assert first.box == second.box
    assert first.signs == second.signs
