"""Pictures that the tests of `inference` share: public ones, and what FER_MEDIA holds."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.inference.pictures import Image


@pytest.fixture(scope="session")
def astronaut() -> Image:
    """A public-domain portrait, 320x240, BGR; the face is about 70 pixels wide."""
    data = pytest.importorskip("skimage.data")
    portrait = data.astronaut()[0:288, 64:448, ::-1]
    return np.ascontiguousarray(cv2.resize(portrait, (320, 240), interpolation=cv2.INTER_AREA))


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of photos and videos that is not part of the repository."""
    folder = os.environ.get("FER_MEDIA")
    if not folder:
        pytest.skip("FER_MEDIA is not set: photos and videos of real people are not committed")
    return Path(folder)
