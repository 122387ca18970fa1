"""The crop: eyes where FER2013 has them, upright, whatever the face's place, size and tilt."""

import cv2
import numpy as np
import pytest

from inference.imaging.alignment import CROP_SIDE, EYE_DISTANCE, EYE_MIDDLE, align_face
from tests.inference.pictures import Image


def with_dots(left: tuple[float, float], right: tuple[float, float], radius: int) -> Image:
    """A grey picture with a white dot at each eye."""
    image = np.full((240, 320), 60, np.uint8)
    for x, y in (left, right):
        cv2.circle(image, (round(x), round(y)), radius, 255, -1, cv2.LINE_AA)
    return image


def bright_spots(crop: Image) -> list[tuple[float, float]]:
    """Centres of what is bright in the left and in the right half."""
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
def test_eyes_come_to_lie_where_the_training_faces_have_them(
    distance: float, tilt: float, middle: tuple[float, float]
) -> None:
    across = np.array([np.cos(np.radians(tilt)), np.sin(np.radians(tilt))]) * distance / 2
    left, right = np.array(middle) - across, np.array(middle) + across
    eyes = np.array([left, right], np.float32)
    image = with_dots(tuple(left), tuple(right), radius=max(2, round(distance / 12)))
    crop = align_face(image, eyes)
    assert crop.shape == (CROP_SIDE, CROP_SIDE)
    for spot, side in zip(bright_spots(crop), (-1, 1), strict=True):
        x = (EYE_MIDDLE[0] + side * EYE_DISTANCE / 2) * CROP_SIDE - 0.5
        y = EYE_MIDDLE[1] * CROP_SIDE - 0.5
        assert spot == pytest.approx((x, y), abs=0.8)


def test_outside_the_picture_the_edge_is_repeated() -> None:
    image = np.full((240, 320, 3), 90, np.uint8)
    eyes = np.array([[5, 5], [60, 5]], np.float32)
    assert (align_face(image, eyes) == 90).all()


def test_large_faces_are_averaged_not_sampled() -> None:
    """A fine chequerboard must come out grey, not as stripes."""
    chequers = np.indices((240, 320)).sum(axis=0) % 2
    image = (chequers * 255).astype(np.uint8)
    crop = align_face(image, np.array([[110, 90], [196, 90]], np.float32))
    assert crop.std() < 40


def test_eyes_on_one_point_do_not_divide_by_zero() -> None:
    image = np.full((240, 320), 90, np.uint8)
    assert align_face(image, np.full((2, 2), 50, np.float32)).shape == (CROP_SIDE, CROP_SIDE)
