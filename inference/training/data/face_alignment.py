"""Training faces as the pipeline would cut them, so that the network knows both framings.

FER2013's own crops are neither upright nor centred on the eyes; live faces are. Each training face
whose eyes were found is therefore also cut by `inference.imaging.alignment`, out of an enlarged
picture with some surroundings made up around it.
"""

import cv2
import numpy as np

from inference.imaging.alignment import CROP_SIDE, aligned_crop
from inference.training.data.dataset import Floats, Pixels

ENLARGEMENT = 4
SURROUNDINGS = CROP_SIDE * ENLARGEMENT // 2
BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT)


def align_training_faces(images: Pixels, eyes: Floats, seed: int = 0) -> Pixels:
    """[N, 48, 48]: each face aligned; unchanged where its eyes ([N, 2, 2] fractions) are NaN."""
    rng = np.random.default_rng(seed)
    out = images.copy()
    for row in np.flatnonzero(~np.isnan(eyes).any(axis=(1, 2))):
        out[row] = align_training_face(images[row], eyes[row], rng)
    return out


def align_training_face(face: Pixels, eyes: Floats, rng: np.random.Generator) -> Pixels:
    side = CROP_SIDE * ENLARGEMENT
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR)
    border, grey = BORDERS[rng.integers(len(BORDERS))], (int(rng.integers(256)),)
    around = (SURROUNDINGS,) * 4
    picture = cv2.copyMakeBorder(large, *around, borderType=border, value=grey)
    return aligned_crop(picture.astype(np.uint8), eyes * side + SURROUNDINGS)
