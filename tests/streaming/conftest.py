import cv2
import pytest
from skimage import data


def photo() -> cv2.typing.MatLike:
    """Eileen Collins, a public-domain portrait; RGB."""
    image: cv2.typing.MatLike = data.astronaut()  # type: ignore[no-untyped-call]
    return image


@pytest.fixture(scope="session")
def face() -> bytes:
    """A frame as browsers send it: 320x240, one face (a public-domain photo)."""
    portrait = cv2.cvtColor(photo()[0:300, 40:440], cv2.COLOR_RGB2BGR)
    return encoded(cv2.resize(portrait, (320, 240)))


@pytest.fixture(scope="session")
def wall() -> bytes:
    """A frame without a face."""
    return encoded(cv2.resize(photo()[400:500, 0:100], (320, 240)))


def encoded(image: cv2.typing.MatLike) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
