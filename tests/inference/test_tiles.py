"""Faces that are small in relation to a large picture."""

import cv2
import numpy as np
import pytest

from inference.detection.base import FaceDetector
from inference.detection.tiles import TiledDetector, _place_tiles
from tests.inference.pictures import Image

SIDE = 560


def place_face(portrait: Image, size: tuple[int, int], places: list[tuple[int, int]]) -> Image:
    """Place the portrait in a picture; its face is about 98 pixels wide."""
    small = cv2.resize(portrait, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    picture = np.full((*size, 3), 110, np.uint8)
    for left, top in places:
        picture[top : top + SIDE, left : left + SIDE] = small
    return picture


@pytest.fixture(params=["landmarks", "boxes"])
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    name = "landmark_detector" if request.param == "landmarks" else "blazeface"
    opened: FaceDetector = request.getfixturevalue(name)
    return opened


@pytest.mark.parametrize("place", [(0, 0), (200, 360), (400, 720), (100, 500)])
def test_a_small_face_is_found_once(
    detector: FaceDetector, portrait: Image, place: tuple[int, int]
) -> None:
    picture = place_face(portrait, (1280, 960), [place])
    assert detector.detect(picture).count == 0
    found = TiledDetector(detector).detect(picture)
    assert found.count == 1
    assert found.largest is not None
    assert found.largest.box.x + found.largest.box.width / 2 == pytest.approx(
        place[0] + SIDE * 225 / 512, abs=10
    )
    assert found.largest.eyes[0, 1] == pytest.approx(place[1] + SIDE * 110 / 512, abs=20)


def test_two_small_faces_are_counted(detector: FaceDetector, portrait: Image) -> None:
    picture = place_face(portrait, (1280, 960), [(0, 0), (400, 720)])
    assert TiledDetector(detector).detect(picture).count == 2


def test_a_picture_without_a_face_has_none(detector: FaceDetector) -> None:
    noise = np.random.default_rng(0).integers(90, 160, (960, 1280, 3), dtype=np.uint8)
    assert TiledDetector(detector).detect(noise).count == 0


def test_small_pictures_are_searched_as_a_whole(detector: FaceDetector, astronaut: Image) -> None:
    tiled = TiledDetector(detector)
    assert tiled.kind == detector.kind
    assert tiled.detect(astronaut).count == detector.detect(astronaut).count == 1


@pytest.mark.parametrize("size", [(1280, 960), (720, 1280), (480, 480), (1280, 1), (3, 500)])
def test_tiles_cover_the_picture(size: tuple[int, int]) -> None:
    width, height = size
    side = max(size) // 2
    covered = np.zeros((height, width), bool)
    for left, top in _place_tiles(width, height, side):
        covered[top : top + side, left : left + side] = True
    assert covered.all()
