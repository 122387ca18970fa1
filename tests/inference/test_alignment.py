"""Face alignment: eyes at their position in FER2013, for any place, size and tilt of the face."""

import cv2
import numpy as np
import pytest

from inference.imaging.alignment import CROP_SIDE, EYE_DISTANCE, EYE_MIDDLE, align_face
from tests.inference.pictures import Image


def draw_eyes(left: tuple[float, float], right: tuple[float, float], radius: int) -> Image:
    """Draw a grey image with a white dot at each eye."""
    image = np.full((240, 320), 60, np.uint8)
    for x, y in (left, right):
        cv2.circle(image, (round(x), round(y)), radius, 255, -1, cv2.LINE_AA)
    return image


def find_bright_spots(crop: Image) -> list[tuple[float, float]]:
    """Return the centre of brightness of the left and of the right half."""
    spots = []
    for start in (0, CROP_SIDE // 2):
        half = crop[:, start : start + CROP_SIDE // 2].astype(float) - 60
        rows, columns = np.indices(half.shape)
        weight = half.sum()
        spots.append(
            (float((columns * half).sum() / weight) + start, float((rows * half).sum() / weight))
        )
    return spots


@pytest.mark.parametrize("distance", [16, 35, 70, 140])
@pytest.mark.parametrize("tilt", [-30, 0, 20])
@pytest.mark.parametrize("middle", [(160, 100), (150, 120)])
def test_eyes_are_aligned_to_training_position(
    distance: float, tilt: float, middle: tuple[float, float]
) -> None:
    half_distance = np.array([np.cos(np.radians(tilt)), np.sin(np.radians(tilt))]) * distance / 2
    left, right = np.array(middle) - half_distance, np.array(middle) + half_distance
    eyes = np.array([left, right], np.float32)
    image = draw_eyes(tuple(left), tuple(right), radius=max(2, round(distance / 12)))
    crop = align_face(image, eyes)
    assert crop.shape == (CROP_SIDE, CROP_SIDE)
    for spot, side in zip(find_bright_spots(crop), (-1, 1), strict=True):
        x = (EYE_MIDDLE[0] + side * EYE_DISTANCE / 2) * CROP_SIDE - 0.5
        y = EYE_MIDDLE[1] * CROP_SIDE - 0.5
        assert spot == pytest.approx((x, y), abs=0.8)


def test_edge_is_repeated_outside_image() -> None:
    image = np.full((240, 320, 3), 90, np.uint8)
    eyes = np.array([[5, 5], [60, 5]], np.float32)
    assert (align_face(image, eyes) == 90).all()


def test_large_faces_are_downscaled_by_averaging() -> None:
    """A fine chequerboard becomes grey, not stripes."""
    chequers = np.indices((240, 320)).sum(axis=0) % 2
    image = (chequers * 255).astype(np.uint8)
    crop = align_face(image, np.array([[110, 90], [196, 90]], np.float32))
    assert crop.std() < 40


def test_identical_eyes_do_not_divide_by_zero() -> None:
    image = np.full((240, 320), 90, np.uint8)
    assert align_face(image, np.full((2, 2), 50, np.float32)).shape == (CROP_SIDE, CROP_SIDE)
