"""Align a face to the framing of the training data.

FER2013's faces are 48x48 pixels; the constants below are the mean positions of their eyes
(`python -m inference.training eyes` measures them). A similarity transform moves a live face's eyes
to the same positions at the same 48 pixels, so that the input has no more detail than the training
data.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.imaging.frames import load_cv2

if TYPE_CHECKING:
    from inference.imaging.frames import Image

CROP_SIDE = 48
EYE_MIDDLE = (0.498, 0.390)
"""Midpoint between the eyes, as fractions of the crop, x to the right and y down."""
EYE_DISTANCE = 0.353
"""From eye to eye, as a fraction of the crop's side."""
MAX_OVERSAMPLING = 8
"""Large faces are cut at up to 8 x 48 pixels and averaged down, against aliasing."""


def align_face(image: "Image", eyes: npt.NDArray[np.float32]) -> "Image":
    """Cut out the face, upright and with its eyes at the training positions.

    Args:
        image: uint8 [height, width] or [height, width, 3].
        eyes: float32 [2, 2], x and y in pixels of the eye on the left of the picture, then of the
            other.

    Returns:
        uint8 [48, 48] or [48, 48, 3]; beyond the picture's edge, its edge pixels are repeated.
    """
    cv2 = load_cv2()
    (left_x, left_y), (right_x, right_y) = eyes.tolist()
    distance = max(math.hypot(right_x - left_x, right_y - left_y), 1e-3)
    side = distance / EYE_DISTANCE
    oversampling = min(MAX_OVERSAMPLING, max(1, round(side / CROP_SIDE)))
    size = CROP_SIDE * oversampling
    cut: Image = cv2.warpAffine(
        image,
        _compute_similarity(eyes, size, size / side),
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if oversampling > 1:
        cut = cv2.resize(cut, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)
    return cut


def _compute_similarity(
    eyes: npt.NDArray[np.float32], size: int, scale: float
) -> npt.NDArray[np.float64]:
    """Return the similarity transform [2, 3] from picture pixels to crop pixels."""
    eye_line = eyes[1] - eyes[0]
    angle = math.atan2(eye_line[1], eye_line[0])
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    rotation = np.array([[cos, sin], [-sin, cos]])
    # Pixel centres are at half-integers in fractions of a picture, at integers in OpenCV.
    target = np.array(EYE_MIDDLE) * size - 0.5
    shift = target - rotation @ eyes.mean(axis=0)
    return np.column_stack([rotation, shift])
