"""MediaPipe's networks under LiteRT, compared with MediaPipe's own FaceLandmarker."""

import io
import zipfile

import cv2
import numpy as np
import pytest

from inference.detection.base import DetectionResult
from inference.detection.face_measures import BLENDSHAPES
from inference.detection.landmarks import LandmarkDetector
from inference.detection.litert import BLENDSHAPE_POINTS, MAX_FACES, LiteRtDetector
from inference.errors import DetectorUnavailable
from inference.results import SIGNS
from tests.inference.pictures import Image

MAX_PIXELS, MAX_DEGREES, MAX_SIGN = 0.1, 0.5, 0.02
"""Largest difference between the two on any frame; most are twenty times smaller."""


def assert_agree(ours: DetectionResult, theirs: DetectionResult) -> None:
    assert ours.count == theirs.count
    if ours.largest is None or theirs.largest is None:
        return
    one, other = ours.largest, theirs.largest
    assert one.eyes == pytest.approx(other.eyes, abs=MAX_PIXELS)
    for name in ("x", "y", "width", "height"):
        assert getattr(one.box, name) == pytest.approx(getattr(other.box, name), abs=MAX_PIXELS)
    assert one.pose is not None
    assert other.pose is not None
    for name in ("yaw", "pitch", "roll"):
        assert getattr(one.pose, name) == pytest.approx(getattr(other.pose, name), abs=MAX_DEGREES)
    for name in SIGNS:
        assert getattr(one.signs, name) == pytest.approx(getattr(other.signs, name), abs=MAX_SIGN)


def move(image: Image, size: tuple[int, int], degrees: float, zoom: float) -> Image:
    """Turn and zoom the picture about its face, in a frame of another size."""
    transform = cv2.getRotationMatrix2D((134, 100), degrees, zoom)
    transform[:, 2] += np.array([size[0] / 2 - 134, size[1] / 2 - 100])
    return np.asarray(cv2.warpAffine(image, transform, size), np.uint8)


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (640, 360), (300, 300)])
@pytest.mark.parametrize("degrees", [-20, 0, 15])
@pytest.mark.parametrize("zoom", [0.8, 1.5])
def test_a_face_is_measured_as_by_mediapipe(
    litert_detector: LiteRtDetector,
    landmark_detector: LandmarkDetector,
    astronaut: Image,
    size: tuple[int, int],
    degrees: float,
    zoom: float,
) -> None:
    image = move(astronaut, size, degrees, zoom)
    assert_agree(litert_detector.detect(image), landmark_detector.detect(image))


@pytest.mark.parametrize("shift", [(-90, 0), (-60, -50), (170, 0), (0, -55), (0, 130), (150, 110)])
def test_a_face_at_the_edge_is_measured_as_by_mediapipe(
    litert_detector: LiteRtDetector,
    landmark_detector: LandmarkDetector,
    astronaut: Image,
    shift: tuple[int, int],
) -> None:
    """Beyond the picture the landmark network sees the picture's edge, as in MediaPipe."""
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    image = np.asarray(cv2.warpAffine(astronaut, move, (320, 240)), np.uint8)
    assert_agree(litert_detector.detect(image), landmark_detector.detect(image))


def test_a_turning_head_is_measured_as_by_mediapipe(
    litert_detector: LiteRtDetector, landmark_detector: LandmarkDetector, turning_head: list[Image]
) -> None:
    for image in turning_head:
        assert_agree(litert_detector.detect(image), landmark_detector.detect(image))


def test_faces_are_counted_as_by_mediapipe(
    litert_detector: LiteRtDetector, landmark_detector: LandmarkDetector, astronaut: Image
) -> None:
    face = cv2.resize(astronaut[30:180, 60:210], (110, 110))
    image = np.full((240, 320, 3), 110, np.uint8)
    assert_agree(litert_detector.detect(image), landmark_detector.detect(image))
    for count, (x, y) in enumerate(((10, 5), (180, 5), (10, 125), (180, 125)), start=1):
        image[y : y + 110, x : x + 110] = face
        found = litert_detector.detect(image)
        assert found.count == landmark_detector.detect(image).count == min(count, MAX_FACES)


def test_a_box_without_a_face_is_not_measured(
    litert_detector: LiteRtDetector, astronaut: Image
) -> None:
    [found] = litert_detector.find(astronaut)
    assert litert_detector.measure(astronaut, found) is not None
    assert litert_detector.measure(np.full_like(astronaut, 128), found) is None


def test_blendshape_network_reads_distinct_points_in_order() -> None:
    assert len(BLENDSHAPE_POINTS) == 146
    assert list(BLENDSHAPE_POINTS) == sorted(set(BLENDSHAPE_POINTS))
    assert len(BLENDSHAPES) == 52


def test_networks_that_litert_cannot_read_are_an_error(face_model: bytes) -> None:
    damaged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(face_model)) as task, zipfile.ZipFile(damaged, "w") as copy:
        for name in task.namelist():
            copy.writestr(name, task.read(name).replace(b"TFL3", b"XXX3"))
    with pytest.raises(DetectorUnavailable):
        LiteRtDetector(damaged.getvalue())
