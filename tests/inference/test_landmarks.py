"""MediaPipe's landmarks: the right face, angles with the right signs, signs that mean something."""

import cv2
import mediapipe  # type: ignore[import-untyped]
import numpy as np
import pytest

from inference.detection.landmarks import (
    MAX_FACES,
    LandmarkDetector,
    _compute_pose,
    compute_aspect_ratio,
)
from tests.inference.pictures import Image


def turned(image: Image, degrees: float) -> Image:
    """Counter-clockwise, about the face of the astronaut."""
    turn = cv2.getRotationMatrix2D((134, 100), degrees, 1)
    return np.asarray(cv2.warpAffine(image, turn, (320, 240)), np.uint8)


def moved(image: Image, x: float, y: float) -> Image:
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    turned = cv2.warpAffine(image, shift, (320, 240), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


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


def test_reading_the_c_result_in_place_gives_what_the_wrapper_gives(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    """Fails where another MediaPipe lays its result out otherwise."""
    [(points, shapes, matrix)] = landmark_detector._detect(astronaut)
    picture = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(astronaut[:, :, ::-1])
    )
    official = landmark_detector._landmarker.detect(picture)
    expected = np.array([(p.x * 320, p.y * 240) for p in official.face_landmarks[0]])
    assert np.allclose(points, expected, atol=1e-3)
    assert np.allclose(shapes, [c.score for c in official.face_blendshapes[0]])
    assert np.allclose(matrix, official.facial_transformation_matrixes[0])


def test_no_face(landmark_detector: LandmarkDetector) -> None:
    found = landmark_detector.detect(np.full((240, 320, 3), 128, np.uint8))
    assert (found.count, found.largest) == (0, None)


def test_a_second_face_is_counted_and_the_larger_described(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    two = np.full((240, 320, 3), 110, np.uint8)
    two[60:210, 0:150] = cv2.resize(astronaut[30:180, 60:210], (150, 150))
    two[10:120, 190:300] = cv2.resize(astronaut[30:180, 60:210], (110, 110))
    found = landmark_detector.detect(two)
    assert found.count == 2
    assert found.largest is not None
    assert found.largest.box.x < 150


def test_no_more_faces_are_counted_than_needed(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    face = cv2.resize(astronaut[30:180, 60:210], (110, 110))
    four = np.full((240, 320, 3), 110, np.uint8)
    for x, y in ((10, 5), (180, 5), (10, 125), (180, 125)):
        four[y : y + 110, x : x + 110] = face
    assert landmark_detector.detect(four).count == MAX_FACES


@pytest.mark.parametrize("degrees", [-25, -10, 10, 25])
def test_roll_is_positive_towards_the_learners_right_shoulder(
    landmark_detector: LandmarkDetector, astronaut: Image, degrees: float
) -> None:
    """Turned counter-clockwise, the head leans to the left of the picture, her right."""
    upright, tilted = (
        landmark_detector.detect(image).largest for image in (astronaut, turned(astronaut, degrees))
    )
    assert upright is not None
    assert tilted is not None
    assert upright.pose is not None
    assert tilted.pose is not None
    assert tilted.pose.roll - upright.pose.roll == pytest.approx(degrees, abs=5)


def test_yaw_is_positive_towards_the_learners_left(
    landmark_detector: LandmarkDetector, turning_head: list[Image]
) -> None:
    """The nose moves to the right of the picture, against the eyes, as the head turns left."""
    yaws, noses = [], []
    for image in turning_head:
        for points, _, matrix in landmark_detector._detect(image):
            yaws.append(_compute_pose(matrix).yaw)
            noses.append(points[1, 0] - points[[33, 263], 0].mean())
    assert min(yaws) < -25
    assert max(yaws) > 25
    assert np.corrcoef(yaws, noses)[0, 1] > 0.95


def test_mirroring_turns_yaw_and_roll_round_and_keeps_pitch(
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


def test_the_axes_of_the_pose_matrix_point_right_up_and_to_the_camera(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    """`_compute_pose` relies on it: with y up, a nose that points up has a positive pitch."""
    [(_, _, here)] = landmark_detector._detect(astronaut)
    [(_, _, righter)] = landmark_detector._detect(moved(astronaut, 30, 0))
    [(_, _, lower)] = landmark_detector._detect(moved(astronaut, 0, 30))
    assert righter[0, 3] > here[0, 3] + 2
    assert lower[1, 3] < here[1, 3] - 2
    assert here[2, 3] < 0
    assert here[2, 2] > 0.9


@pytest.mark.parametrize("yaw", [-30, 0, 20])
@pytest.mark.parametrize("pitch", [-20, 10])
@pytest.mark.parametrize("roll", [-15, 0, 40])
def test_pose_takes_a_known_rotation_apart(yaw: float, pitch: float, roll: float) -> None:
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]]
    about_z = [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = np.array(about_y) @ about_x @ about_z
    pose = _compute_pose(matrix)
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
    """To the right of the picture is the learner's left, which is positive; up is positive."""
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


def test_no_memory_of_the_image_before(
    landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    alone = landmark_detector.detect(astronaut).largest
    landmark_detector.detect(moved(astronaut, 40, 30))
    after_another = landmark_detector.detect(astronaut).largest
    assert alone is not None
    assert after_another is not None
    assert alone.box == after_another.box
    assert alone.signs == after_another.signs
