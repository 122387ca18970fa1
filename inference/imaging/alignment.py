"""Face -> the crop that the network was trained on.

FER2013's faces are 48x48 and not turned upright; their eyes lie, on average, where the constants
below say (`python -m inference.training eyes` measures it). A live face is turned, scaled and
moved so that its eyes lie there too, and reduced to the same 48 pixels, so that the network sees
no more detail than it learned from.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.imaging.frames import open_cv

if TYPE_CHECKING:
    from inference.imaging.frames import Image

CROP_SIDE = 48
EYE_MIDDLE = (0.498, 0.390)
"""Between the eyes, as fractions of the crop, x to the right and y down."""
EYE_DISTANCE = 0.353
"""From eye to eye, as a fraction of the crop's side."""
MAX_OVERSAMPLING = 8
"""Large faces are cut at up to 8 x 48 pixels and averaged down, so that nothing aliases."""


def aligned_crop(image: "Image", eyes: npt.NDArray[np.float32]) -> "Image":
    """The face upright, its eyes where FER2013 has them: uint8 [48, 48] or [48, 48, 3].

    `image`: uint8 [height, width] or [height, width, 3]. `eyes`: float32 [2, 2], x and y of the eye
    on the left of the picture, then of the other, in pixels. What lies outside the picture repeats
    its edge.
    """
    cv2 = open_cv()
    (left_x, left_y), (right_x, right_y) = eyes.tolist()
    distance = max(math.hypot(right_x - left_x, right_y - left_y), 1e-3)
    side = distance / EYE_DISTANCE
    oversampling = min(MAX_OVERSAMPLING, max(1, round(side / CROP_SIDE)))
    size = CROP_SIDE * oversampling
    cut: Image = cv2.warpAffine(
        image,
        _to_crop(eyes, size, size / side),
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if oversampling > 1:
        cut = cv2.resize(cut, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)
    return cut


def _to_crop(eyes: npt.NDArray[np.float32], size: int, scale: float) -> npt.NDArray[np.float64]:
    """The similarity [2, 3] that takes pixels of the picture to pixels of the crop."""
    across = eyes[1] - eyes[0]
    angle = math.atan2(across[1], across[0])
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    # pixel centres lie at half numbers in fractions of a picture, at whole numbers for OpenCV
    target = np.array(EYE_MIDDLE) * size - 0.5
    shift = target - turn @ eyes.mean(axis=0)
    return np.column_stack([turn, shift])
