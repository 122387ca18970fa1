"""Images and opened models for the tests of `inference`."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.detection.blazeface import BlazeFace
from inference.detection.landmarks import LandmarkDetector
from inference.detection.litert import LiteRtDetector
from inference.errors import DetectorUnavailable, ModelMissing
from inference.expressions import load_classifier
from inference.models.store import FACE_LANDMARKER, load_model
from inference.pipeline import FacePipeline
from tests.inference.pictures import Image


@pytest.fixture(scope="session")
def portrait() -> Image:
    """The public-domain portrait of scikit-image, 512x512, BGR."""
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut()[:, :, ::-1])


@pytest.fixture(scope="session")
def astronaut(portrait: Image) -> Image:
    """Upper part of the portrait, 320x240; the face is about 77 pixels wide."""
    upper = portrait[0:288, 64:448]
    return np.asarray(cv2.resize(upper, (320, 240), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture
def photo(astronaut: Image, tmp_path: Path) -> Path:
    path = tmp_path / "astronaut.png"
    cv2.imwrite(str(path), astronaut)
    return path


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of photos and videos, which is not in the repository."""
    folder = os.environ.get("FER_MEDIA")
    if not folder:
        pytest.skip("FER_MEDIA is not set: photos and videos of real people are not committed")
    return Path(folder)


@pytest.fixture(scope="session")
def turning_head(media: Path) -> list[Image]:
    """Frames of a person who turns the head from right to left."""
    video = cv2.VideoCapture(str(media / "head-pose-face-detection-female.gif"))
    frames = list(_read_frames(video))
    video.release()
    assert len(frames) > 10
    return frames


def _read_frames(video: cv2.VideoCapture) -> Iterator[Image]:
    more, image = video.read()
    while more:
        yield np.asarray(image, np.uint8)
        more, image = video.read()


@pytest.fixture(scope="session")
def face_model() -> bytes:
    """face_landmarker.task."""
    try:
        return load_model(FACE_LANDMARKER)
    except ModelMissing as missing:
        pytest.skip(f"the face model is not available: {missing}")


@pytest.fixture(scope="session")
def landmark_detector(face_model: bytes) -> LandmarkDetector:
    try:
        return LandmarkDetector(face_model)
    except DetectorUnavailable as reason:
        pytest.skip(f"MediaPipe cannot open a detector here: {reason}")


@pytest.fixture(scope="session")
def litert_detector(face_model: bytes) -> LiteRtDetector:
    return LiteRtDetector(face_model)


@pytest.fixture(scope="session")
def blazeface(face_model: bytes) -> BlazeFace:
    return BlazeFace(face_model)


@pytest.fixture(scope="session")
def pipeline(litert_detector: LiteRtDetector) -> FacePipeline:
    return FacePipeline(litert_detector, load_classifier())


@pytest.fixture(scope="session")
def light_pipeline(blazeface: BlazeFace) -> FacePipeline:
    return FacePipeline(blazeface, load_classifier())
