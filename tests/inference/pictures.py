"""JPEG images in the format of a browser's canvas."""

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def as_jpeg(image: Image, *options: int, quality: int = 70) -> bytes:
    """Encode as baseline JPEG, by default with quality 0.7."""
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, *options])
    assert done
    return encoded.tobytes()
