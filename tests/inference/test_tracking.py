"""Streams: what is measured, what is carried, and that nothing passes between learners."""

from collections.abc import Hashable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference import tracking
from inference.detection.base import DetectionResult
from inference.detection.blazeface import FoundBox
from inference.detection.litert import LiteRtDetector
from inference.expressions import load_classifier
from inference.pipeline import FacePipeline
from inference.results import FaceReading
from inference.stream_bench import compare_readings, load_clips, measure_streams
from tests.inference.pictures import Image, as_jpeg


class CountingDetector(LiteRtDetector):
    """Counts how often landmarks are measured."""

    def __init__(self, model: bytes) -> None:
        self.measured = 0
        super().__init__(model)

    def measure_all(self, image: Image, found: Sequence[FoundBox]) -> DetectionResult:
        self.measured += 1
        return super().measure_all(image, found)


@pytest.fixture(scope="module")
def detector(face_model: bytes) -> CountingDetector:
    return CountingDetector(face_model)


@pytest.fixture
def stream(detector: CountingDetector) -> FacePipeline:
    """A pipeline without streams yet."""
    detector.measured = 0
    return FacePipeline(detector, load_classifier())


def place(image: Image, x: float = 0, y: float = 0, degrees: float = 0, zoom: float = 1) -> Image:
    transform = cv2.getRotationMatrix2D((134, 100), degrees, zoom)
    transform[:, 2] += np.array([x, y])
    border = cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(image, transform, (320, 240), borderMode=border), np.uint8)


def test_a_still_face_is_measured_once_in_a_while(
    stream: FacePipeline, detector: CountingDetector, astronaut: Image
) -> None:
    readings = [stream.track("a").read(as_jpeg(astronaut), at / 2) for at in range(13)]
    assert [reading.landmarks_age_s for reading in readings] == [
        *(0, 0.5, 1, 1.5, 2, 2.5),
        *(0, 0.5, 1, 1.5, 2, 2.5),
        0,
    ]
    assert detector.measured == 3
    alone = stream.read(as_jpeg(astronaut))
    for reading in readings:
        assert (reading.quality, reading.signs, reading.expressions) == (
            alone.quality,
            alone.signs,
            alone.expressions,
        )


def test_first_frame_reads_as_without_a_stream(stream: FacePipeline, astronaut: Image) -> None:
    assert stream.track("a").read(as_jpeg(astronaut), 0) == stream.read(as_jpeg(astronaut))


@pytest.mark.parametrize(
    "change", [{"x": 40}, {"y": 25}, {"degrees": 12}, {"zoom": 1.3}, {"x": -30, "degrees": -8}]
)
def test_box_eyes_and_roll_move_with_the_face(
    stream: FacePipeline,
    astronaut: Image,
    change: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracking, "MAX_POINT_CHANGE", 0.1)
    moved = as_jpeg(place(astronaut, **change), quality=95)
    stream.track("a").read(as_jpeg(astronaut, quality=95), 0)
    carried, alone = stream.track("a").read(moved, 0.5), stream.read(moved)
    assert carried.landmarks_age_s == 0.5
    assert carried.face is not None
    assert alone.face is not None
    for name in ("x", "y", "width", "height"):
        assert getattr(carried.face, name) == pytest.approx(getattr(alone.face, name), abs=5)
    assert carried.pose is not None
    assert alone.pose is not None
    assert carried.pose.roll == pytest.approx(alone.pose.roll, abs=3)
    assert carried.expressions is not None
    assert alone.expressions is not None
    assert carried.expressions.top == alone.expressions.top


def test_a_turning_head_is_measured_again(stream: FacePipeline, turning_head: list[Image]) -> None:
    seen = []
    for index, image in enumerate(turning_head):
        jpeg = as_jpeg(np.asarray(cv2.resize(image, (320, 180)), np.uint8))
        seen.append((stream.track("a").read(jpeg, index * 0.08), stream.read(jpeg)))
    found = compare_readings([pair for pair in seen if pair[0].pose and pair[1].pose])
    assert found["measured"] > 0.5
    assert max(found["pose_error"].values()) < 5


def test_a_new_expression_is_measured(
    stream: FacePipeline,
    detector: CountingDetector,
    astronaut: Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream.track("a").read(as_jpeg(astronaut), 0)
    monkeypatch.setattr(
        type(stream.classifier), "classify", lambda self, crops: np.eye(8, dtype=np.float32)[[3]]
    )
    reading = stream.track("a").read(as_jpeg(astronaut), 0.5)
    assert detector.measured == 2
    assert reading.landmarks_age_s == 0
    assert reading.expressions is not None
    assert reading.expressions.top == "sadness"


def test_a_second_face_is_seen_at_once(stream: FacePipeline, astronaut: Image) -> None:
    two = np.full((240, 320, 3), 110, np.uint8)
    face = cv2.resize(astronaut[30:180, 60:210], (140, 140))
    two[50:190, 10:150] = face
    one = as_jpeg(two)
    two[50:190, 170:310] = face
    track = stream.track("a")
    qualities = [track.read(one, 0).quality, track.read(as_jpeg(two), 0.5).quality]
    qualities += [track.read(as_jpeg(two), 1).quality, track.read(one, 1.5).quality]
    assert qualities == ["ok", "many_faces", "many_faces", "ok"]


def test_a_face_that_leaves_is_gone_at_once(stream: FacePipeline, astronaut: Image) -> None:
    empty = as_jpeg(np.full((240, 320, 3), 110, np.uint8))
    track = stream.track("a")
    assert track.read(as_jpeg(astronaut), 0).quality == "ok"
    assert track.read(empty, 0.5) == FaceReading("no_face", 0)
    assert track.read(as_jpeg(astronaut), 1).landmarks_age_s == 0


@pytest.mark.parametrize("other", ["b", ("a", 2), 1])
def test_streams_share_nothing(stream: FacePipeline, astronaut: Image, other: Hashable) -> None:
    """A face that another learner has just shown is measured; so is one under a new consent."""
    stream.track("a").read(as_jpeg(astronaut), 0)
    assert stream.track(other).read(as_jpeg(astronaut), 0.5).landmarks_age_s == 0
    assert stream.track("a").read(as_jpeg(astronaut), 0.5).landmarks_age_s == 0.5


@pytest.mark.parametrize("at", [-100.0, 99.9, 103.0, 1e9])
def test_clocks_that_jump_lead_to_a_measurement(
    stream: FacePipeline, astronaut: Image, at: float
) -> None:
    stream.track("a").read(as_jpeg(astronaut), 100.0)
    assert stream.track("a").read(as_jpeg(astronaut), at).landmarks_age_s == 0


def test_state_expires_and_is_bounded(
    stream: FacePipeline, astronaut: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "MAX_STREAMS", 3)
    assert stream._tracker is not None
    for key in range(5):
        stream.track(key).read(as_jpeg(astronaut), 0)
    assert list(stream._tracker._streams) == [2, 3, 4]
    stream.track(9).read(as_jpeg(astronaut), tracking.EXPIRES_S)
    assert list(stream._tracker._streams) == [9]


def test_state_is_numbers_without_pixels(stream: FacePipeline, astronaut: Image) -> None:
    stream.track("a").read(as_jpeg(astronaut), 0)
    assert stream._tracker is not None
    [(_, kept)] = stream._tracker._streams.values()
    face = kept.detection.largest
    assert face is not None
    arrays = [kept.found.values, face.eyes]
    assert sum(array.size for array in arrays) == 16 + 4
    assert all(array.base is None or array.base.size <= 16 for array in arrays)


def test_without_landmarks_a_stream_reads_as_single_frames(
    light_pipeline: FacePipeline, astronaut: Image
) -> None:
    reading = light_pipeline.track("a").read(as_jpeg(astronaut), 0)
    assert reading == light_pipeline.read(as_jpeg(astronaut))


def test_streams_of_clips_are_measured_against_mediapipe(
    stream: FacePipeline, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference import stream_bench

    monkeypatch.setattr(stream_bench, "SECONDS", 8)
    found = measure_streams(stream, load_clips(media))
    if found is None:
        pytest.skip("MediaPipe cannot open a detector here")
    for rate in found.values():
        assert rate["over_reference"] > 0
        assert rate["same_expression"] > 0.95
        assert rate["max_age_s"] < 3
        assert max(rate["pose_error"].values()) < 5
        assert rate["sign_error"]["mean"] < 0.05
