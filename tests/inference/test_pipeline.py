"""From bytes to a reading: every quality, and the parts of the reading it includes."""

import subprocess
import sys
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from inference.detection.base import DetectedFace
from inference.errors import FrameRejected
from inference.pipeline import (
    MAX_PITCH_DEG,
    MAX_YAW_DEG,
    FacePipeline,
    compute_luminance,
    is_cut_off,
    is_turned_away,
    load_pipeline,
)
from inference.results import LABELS, FaceBox, FaceReading, HeadPose
from tests.inference.pictures import Image, as_jpeg

GREY = np.full((240, 320, 3), 128, np.uint8)


def darken(image: Image, by: float) -> Image:
    return (image * by).astype(np.uint8)


def show_face_twice(image: Image) -> Image:
    face = cv2.resize(image[30:180, 60:210], (140, 140))
    two = GREY.copy()
    two[50:190, 10:150] = face
    two[50:190, 170:310] = face
    return two


class UniformClassifier:
    """Returns equal scores for all labels."""

    sha256 = "0" * 64

    def classify(self, crops: Sequence[Image]) -> npt.NDArray[np.float32]:
        return np.full((len(crops), 8), 1 / 8, np.float32)


def read_all(pipeline: FacePipeline, jpegs: Sequence[bytes]) -> list[FaceReading | FrameRejected]:
    readings: list[FaceReading | FrameRejected] = []
    for jpeg in jpegs:
        try:
            readings.append(pipeline.read(jpeg))
        except FrameRejected as rejection:
            readings.append(rejection)
    return readings


def list_parts(reading: FaceReading) -> list[str]:
    """Return the names of the parts that are not None."""
    parts = ("face", "pose", "signs", "expressions")
    return [name for name in parts if getattr(reading, name) is not None]


def test_usable_face_has_complete_reading(pipeline: FacePipeline, astronaut: Image) -> None:
    reading = pipeline.read(as_jpeg(astronaut))
    assert reading.quality == "ok"
    assert reading.face_count == 1
    assert list_parts(reading) == ["face", "pose", "signs", "expressions"]
    assert reading.expressions is not None
    assert sum(reading.expressions.values) == pytest.approx(1, abs=0.02)
    assert reading.expressions.top in LABELS


def test_grey_jpeg(pipeline: FacePipeline, astronaut: Image) -> None:
    grey = cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)
    assert pipeline.read(as_jpeg(np.asarray(grey, np.uint8))).quality == "ok"


def test_no_face(pipeline: FacePipeline) -> None:
    reading = pipeline.read(as_jpeg(GREY))
    assert (reading.quality, reading.face_count, list_parts(reading)) == ("no_face", 0, [])


def test_many_faces(pipeline: FacePipeline, astronaut: Image) -> None:
    reading = pipeline.read(as_jpeg(show_face_twice(astronaut)))
    assert (reading.quality, reading.face_count, list_parts(reading)) == ("many_faces", 2, ["face"])


def test_small_face(pipeline: FacePipeline, astronaut: Image) -> None:
    small = cv2.resize(astronaut, (144, 108), interpolation=cv2.INTER_AREA)
    reading = pipeline.read(as_jpeg(np.asarray(small, np.uint8)))
    assert (reading.quality, list_parts(reading)) == ("small_face", ["face", "pose"])


def test_a_face_whose_lower_half_is_outside_is_cut_off(
    pipeline: FacePipeline, light_pipeline: FacePipeline, portrait: Image
) -> None:
    whole = np.ascontiguousarray(portrait[:300, 64:448])
    assert pipeline.read_image(whole).quality == light_pipeline.read_image(whole).quality == "ok"
    cut = np.ascontiguousarray(portrait[:135, 64:448])  # below the nose
    reading = pipeline.read_image(cut)
    assert (reading.quality, list_parts(reading)) == ("cut_off", ["face", "pose"])
    assert light_pipeline.read_image(cut).quality in ("cut_off", "no_face")


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("landmarks", [True, False])
def test_no_face_is_read_where_a_third_is_outside(
    side: str, landmarks: bool, astronaut: Image, request: pytest.FixtureRequest
) -> None:
    read = request.getfixturevalue("pipeline" if landmarks else "light_pipeline").read_image
    box = read(astronaut).face
    assert box is not None
    x, y = int(box.x + box.width / 3), int(box.y + box.height / 3)
    right, bottom = int(box.x + box.width * 2 / 3), int(box.y + box.height * 2 / 3)
    parts = {"left": astronaut[:, x:], "right": astronaut[:, :right]}
    parts |= {"top": astronaut[y:], "bottom": astronaut[:bottom]}
    cut = np.ascontiguousarray(parts[side])
    assert read(cut).quality in ("cut_off", "no_face")


@pytest.mark.parametrize(
    ("x", "y", "eye", "expected"),
    [
        (50, 50, (80, 80), False),
        (-20, 50, (80, 80), False),
        (-21, 50, (80, 80), True),
        (121, 50, (180, 80), True),
        (50, -21, (80, 30), True),
        (50, 121, (80, 180), True),
        (-15, -15, (30, 30), True),
        (50, 50, (-1, 80), True),
        (50, 50, (80, 200), True),
        (-500, 50, (80, 80), True),
    ],
)
def test_limits_of_cut_off(x: float, y: float, eye: tuple[float, float], expected: bool) -> None:
    eyes = np.array([eye, (100, 100)], np.float32)
    face = DetectedFace(FaceBox(x, y, 100, 100, 1), 100, eyes)
    assert is_cut_off(face, 200, 200) is expected


@pytest.mark.parametrize("landmarks", [True, False])
def test_faces_below_the_limit_are_never_read(
    landmarks: bool, portrait: Image, request: pytest.FixtureRequest
) -> None:
    """The fallback's first box of a face of 26 pixels can be 51 wide."""
    read = request.getfixturevalue("pipeline" if landmarks else "light_pipeline").read_image
    width_in_portrait = 89.5
    found: list[str] = []
    for true_width in (20, 23, 26, 29, 32):
        factor = true_width / width_in_portrait
        small = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        for left in (0, 40, 90):
            frame = np.full((180, 240, 3), 110, np.uint8)
            frame[: small.shape[0], left : left + small.shape[1]] = small[:180, : 240 - left]
            found.append(read(frame).quality)
    assert set(found) <= {"small_face", "no_face"}
    assert "small_face" in found


@pytest.mark.parametrize("size", [(1, 1), (1, 1280), (1280, 1), (3, 500), (720, 1280)])
@pytest.mark.parametrize("landmarks", [True, False])
def test_odd_image_sizes(
    size: tuple[int, int], landmarks: bool, request: pytest.FixtureRequest
) -> None:
    pipeline = request.getfixturevalue("pipeline" if landmarks else "light_pipeline")
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    assert pipeline.read_image(noise).quality == "no_face"


def test_low_light(pipeline: FacePipeline, astronaut: Image) -> None:
    reading = pipeline.read(as_jpeg(darken(astronaut, 0.15)))
    assert (reading.quality, list_parts(reading)) == ("low_light", ["face", "pose"])


def test_turned_away(pipeline: FacePipeline, turning_head: list[Image]) -> None:
    readings = [pipeline.read(as_jpeg(image)) for image in turning_head]
    away = [reading for reading in readings if reading.quality == "turned_away"]
    assert away
    assert {tuple(list_parts(reading)) for reading in away} == {("face", "pose")}
    assert any(reading.quality == "ok" for reading in readings)


def test_low_confidence(pipeline: FacePipeline, astronaut: Image) -> None:
    unsure = FacePipeline(pipeline.detector, UniformClassifier())
    reading = unsure.read(as_jpeg(astronaut))
    assert (reading.quality, list_parts(reading)) == ("low_confidence", ["face", "pose", "signs"])


def test_reading_without_landmarks_has_box_and_expressions(
    light_pipeline: FacePipeline, astronaut: Image
) -> None:
    reading = light_pipeline.read(as_jpeg(astronaut))
    assert reading.quality == "ok"
    assert list_parts(reading) == ["face", "expressions"]
    assert reading.face is not None
    assert reading.face.score > 0.8


def test_scores_are_similar_with_both_detectors(
    pipeline: FacePipeline, light_pipeline: FacePipeline, astronaut: Image
) -> None:
    """Crops are aligned to the eyes, for which both detectors agree."""
    jpeg = as_jpeg(astronaut)
    scores, fallback_scores = pipeline.read(jpeg).expressions, light_pipeline.read(jpeg).expressions
    assert scores is not None
    assert fallback_scores is not None
    assert scores.values == pytest.approx(fallback_scores.values, abs=0.25)


def test_refused_frame_does_not_change_other_readings(
    pipeline: FacePipeline, astronaut: Image
) -> None:
    good, other = as_jpeg(astronaut), as_jpeg(np.ascontiguousarray(astronaut[:, ::-1]))
    progressive = as_jpeg(astronaut, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    readings = read_all(pipeline, [good, progressive, b"", good[:-300], other])
    assert readings[0] == pipeline.read(good)
    assert readings[4] == pipeline.read(other)
    refused = [reading.reason for reading in readings if isinstance(reading, FrameRejected)]
    assert refused == ["not_baseline", "empty", "truncated"]


def test_reading_is_independent_of_previous_frames(
    pipeline: FacePipeline, astronaut: Image
) -> None:
    jpegs = [as_jpeg(image) for image in (astronaut, GREY, show_face_twice(astronaut))]
    forwards = read_all(pipeline, jpegs)
    backwards = read_all(pipeline, jpegs[::-1])
    assert forwards == backwards[::-1]


def test_truncated_frame_has_nothing_of_previous_frame(
    pipeline: FacePipeline, astronaut: Image
) -> None:
    """The frame is cut and gets an end marker, so that the check accepts it."""
    noise = np.random.default_rng(3).integers(90, 160, (240, 320, 3), dtype=np.uint8)
    b = as_jpeg(noise)
    cut = b[: len(b) // 3] + b"\xff\xd9"
    expected = pipeline.read(cut)
    assert expected.quality == "no_face"
    for _ in range(10):
        assert pipeline.read(as_jpeg(astronaut)).quality == "ok"
        assert pipeline.read(cut) == expected


@pytest.mark.parametrize(
    ("yaw", "pitch", "away"),
    [
        (0, 0, False),
        (MAX_YAW_DEG, 0, False),
        (MAX_YAW_DEG + 1, 0, True),
        (-MAX_YAW_DEG - 1, 0, True),
        (0, MAX_PITCH_DEG + 1, True),
        (0, -MAX_PITCH_DEG - 1, True),
    ],
)
def test_turned_away_limits(yaw: float, pitch: float, away: bool) -> None:
    assert is_turned_away(HeadPose(yaw, pitch, roll=80)) is away


def test_luminance_is_of_visible_part_of_face() -> None:
    grey = np.zeros((100, 100), np.uint8)
    grey[:, :10] = 200
    assert compute_luminance(FaceBox(-30, 20, 40, 40, 1), grey) == 200
    assert compute_luminance(FaceBox(0, 0, 20, 20, 1), grey) == 100
    assert compute_luminance(FaceBox(-50, -50, 20, 20, 1), grey) == 0


def test_load_pipeline_without_landmarks(face_model: bytes) -> None:
    assert load_pipeline(landmarks=False).detector.kind == "opencv-blazeface"


def test_check_and_results_import_no_decoder_or_model() -> None:
    """The web process calls check_jpeg for each frame and must stay small."""
    code = (
        "import sys, inference, inference.imaging.frames\n"
        "heavy = {'cv2', 'numpy', 'mediapipe', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
