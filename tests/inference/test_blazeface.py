"""BlazeFace through OpenCV, the fallback, compared with MediaPipe's run of the same network."""

import io
import zipfile

import cv2
import numpy as np
import pytest

from inference.detection.blazeface import (
    SIDE,
    ZIP_MEMBER,
    BlazeFace,
    _make_anchors,
    compute_iou,
    merge_boxes,
)
from inference.telemetry import run_without_sockets
from tests.inference.pictures import Image


def test_boxes_and_eyes_without_pose_and_signs(blazeface: BlazeFace, astronaut: Image) -> None:
    found = blazeface.detect(astronaut)
    assert found.count == 1
    assert found.largest is not None
    assert found.largest.eyes[0] == pytest.approx([116, 85], abs=5)
    assert found.largest.eyes[1] == pytest.approx([152, 87], abs=5)
    assert found.largest.pose is None
    assert found.largest.signs is None


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (640, 360), (200, 200)])
def test_box_agrees_with_mediapipe_within_1_5_input_pixels(
    face_model: bytes, blazeface: BlazeFace, astronaut: Image, size: tuple[int, int]
) -> None:
    import mediapipe  # type: ignore[import-untyped]
    from mediapipe.tasks.python import BaseOptions, vision  # type: ignore[import-untyped]

    with zipfile.ZipFile(io.BytesIO(face_model)) as task:
        options = vision.FaceDetectorOptions(BaseOptions(model_asset_buffer=task.read(ZIP_MEMBER)))
    try:
        official = run_without_sockets(lambda: vision.FaceDetector.create_from_options(options))
    except OSError as reason:
        pytest.skip(f"MediaPipe cannot make a detector here: {reason}")
    image = np.asarray(cv2.resize(astronaut, size), np.uint8)
    rgb = np.ascontiguousarray(image[:, :, ::-1])
    picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
    with official:
        [theirs] = official.detect(picture).detections
    ours = blazeface.detect(image).largest
    assert ours is not None
    box = theirs.bounding_box
    near = 1.5 * max(size) / SIDE
    assert (ours.box.x, ours.box.y) == pytest.approx((box.origin_x, box.origin_y), abs=near)
    assert (ours.box.width, ours.box.height) == pytest.approx((box.width, box.height), abs=near)
    assert ours.box.score == pytest.approx(theirs.categories[0].score, abs=0.03)


@pytest.mark.parametrize(
    ("true_width", "size", "background", "left", "top"),
    [(32, (320, 240), 0, 122, 33), (30, (320, 240), 0, 3, 57), (28, (280, 210), 110, 78, 13)],
)
def test_a_small_face_is_measured_within_8_percent(
    blazeface: BlazeFace,
    portrait: Image,
    true_width: int,
    size: tuple[int, int],
    background: int,
    left: int,
    top: int,
) -> None:
    """At these places the first box is 44 to 54 percent too wide."""
    factor = true_width / 89.5  # its width in the portrait, by landmarks
    small = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    frame = np.full((size[1], size[0], 3), background, np.uint8)
    visible = small[: size[1] - top, : size[0] - left]
    frame[top : top + visible.shape[0], left : left + visible.shape[1]] = visible
    face = blazeface.detect(frame).largest
    assert face is not None
    assert face.width == pytest.approx(true_width, rel=0.08)


def test_no_face_and_two_faces(blazeface: BlazeFace, astronaut: Image) -> None:
    grey = np.full((240, 320, 3), 128, np.uint8)
    assert blazeface.detect(grey).count == 0
    two = grey.copy()
    two[60:210, 0:150] = cv2.resize(astronaut[30:180, 60:210], (150, 150))
    two[10:120, 190:300] = cv2.resize(astronaut[30:180, 60:210], (110, 110))
    found = blazeface.detect(two)
    assert found.count == 2
    assert found.largest is not None
    assert found.largest.box.x < 150


def test_anchors() -> None:
    anchors = _make_anchors()
    assert anchors.shape == (896, 2)
    assert anchors[0].tolist() == anchors[1].tolist() == [4, 4]
    assert anchors[2].tolist() == [12, 4]
    assert anchors[512].tolist() == [8, 8]
    assert anchors[-1].tolist() == [120, 120]


def box(x: float, y: float, side: float) -> np.ndarray:
    values = np.zeros((8, 2), np.float32)
    values[0], values[1] = (x, y), (side, side)
    return values


def test_compute_iou() -> None:
    many = np.stack([box(0, 0, 10), box(5, 0, 10), box(20, 0, 10)])
    assert compute_iou(box(0, 0, 10), many).tolist() == pytest.approx([1, 1 / 3, 0])


def test_overlapping_boxes_are_averaged_by_score() -> None:
    values = np.stack([box(10, 10, 10), box(12, 10, 10), box(60, 60, 10)])
    faces = merge_boxes(values, np.array([0.9, 0.6, 0.7], np.float32))
    assert [round(score, 2) for score, _ in faces] == [0.9, 0.7]
    assert faces[0][1][0].tolist() == pytest.approx([10.8, 10])
    assert merge_boxes(values[:0], np.zeros(0, np.float32)) == []
