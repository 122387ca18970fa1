"""Align training faces by the eyes, as the pipeline aligns live faces.

FER2013's crops are neither upright nor centred on the eyes. Each training face with known eye
positions is therefore also cropped by `inference.imaging.alignment`, from an enlarged picture with
synthetic surroundings, so that training covers both kinds of crop.
"""

import cv2
import numpy as np

from inference.imaging.alignment import CROP_SIDE, align_face
from inference.training.data.dataset import Floats, Pixels

SCALE = 4
PADDING_PX = CROP_SIDE * SCALE // 2
BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT)


def align_training_faces(images: Pixels, eyes: Floats, seed: int = 0) -> Pixels:
    """Align every face; unchanged where its eye positions are NaN.

    Args:
        images: uint8 [N, 48, 48].
        eyes: float32 [N, 2, 2]: x and y of both eye centres, as fractions of the crop.
        seed: of the random surroundings.

    Returns:
        uint8 [N, 48, 48].
    """
    rng = np.random.default_rng(seed)
    out = images.copy()
    for row in np.flatnonzero(~np.isnan(eyes).any(axis=(1, 2))):
        out[row] = _align_face(images[row], eyes[row], rng)
    return out


def _align_face(face: Pixels, eyes: Floats, rng: np.random.Generator) -> Pixels:
    side = CROP_SIDE * SCALE
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR)
    border, grey = BORDERS[rng.integers(len(BORDERS))], (int(rng.integers(256)),)
    padding = (PADDING_PX,) * 4
    picture = cv2.copyMakeBorder(large, *padding, borderType=border, value=grey)
    return align_face(picture.astype(np.uint8), eyes * side + PADDING_PX)
