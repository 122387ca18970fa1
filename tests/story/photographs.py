"""Twenty photographs for comparing two ways of reading them: one public-domain portrait, moved,
scaled and lit until each quality state occurs, and where FER_MEDIA is set, other people's faces."""

import contextlib
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from inference.errors import PictureUnreadable
from inference.imaging.pictures import list_photos_and_videos, read_frames

Image = cv2.typing.MatLike
WIDTH, HEIGHT = 320, 240
COUNT = 20
EACH, EVERY = 2, 30
"""Pictures per film and frames between them."""
# scale of the portrait, shift of the face from the middle, brightness added, contrast, turn
LOOKS = (
    (1.0, 0, 0, 0, 1.0, 0),
    (0.8, -40, 10, 15, 0.9, 8),
    (1.3, 30, -10, -20, 1.1, -10),
    (0.6, 60, 20, 30, 0.8, 5),
    (1.6, 0, 20, 0, 1.2, 15),
    (0.45, -70, -30, 0, 1.0, 0),
    (0.38, 0, 0, 0, 1.0, 0),
    (0.2, 0, 0, 0, 1.0, 0),
    (1.0, 0, 0, -110, 0.5, 0),
    (0.9, 10, 0, -60, 0.6, 12),
    (1.1, -20, 5, 70, 0.7, -20),
    (0.7, 90, 0, 0, 1.0, 25),
    (1.0, 130, 0, 0, 1.0, 0),
    (1.0, 0, -95, 0, 1.0, 0),
)


def photographs() -> list[bytes]:
    """Build `COUNT` JPEG pictures with the size and quality of camera frames."""
    portrait = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)  # type: ignore[no-untyped-call]
    pictures = [placed(portrait, *look) for look in LOOKS]
    pictures += [wall(portrait), two(portrait)]
    pictures += list(islice(others(), COUNT - len(pictures)))
    for number in range(COUNT - len(pictures)):
        pictures.append(placed(portrait, 0.7 + 0.1 * number, 8 * number - 20, 0, 5, 1.0, number))
    return [jpeg_of(picture) for picture in pictures]


def unsure_photographs() -> list[bytes]:
    """Faces with near-tied scores, where a single grey level can change the quantised result."""
    portrait = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)  # type: ignore[no-untyped-call]
    turned = mouth_turned(portrait)
    return [
        jpeg_of(placed(turned, 0.9 + 0.1 * number, 4 * number - 10, 0, 0, 1.0, number))
        for number in range(6)
    ]


def jpeg_of(picture: Image) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def placed(
    portrait: Image,
    scale: float,
    right: float,
    down: float,
    light: float,
    contrast: float,
    turn: float,
) -> Image:
    """The face (at 220, 130 of the portrait) near the middle."""
    move = cv2.getRotationMatrix2D((220, 130), turn, scale)
    move += np.array([[0, 0, WIDTH / 2 - 220 + right], [0, 0, HEIGHT / 2 - 130 + down]])
    picture = cv2.warpAffine(portrait, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    shown: Image = cv2.convertScaleAbs(np.maximum(picture * contrast + light, 0))
    return shown


def mouth_turned(portrait: Image) -> Image:
    """Return the portrait with the mouth inverted."""
    turned = portrait.copy()
    turned[145:180, 180:260] = portrait[145:180, 180:260][::-1]
    return turned


def wall(portrait: Image) -> Image:
    return cv2.resize(portrait[400:500, 0:100], (WIDTH, HEIGHT))


def two(portrait: Image) -> Image:
    half = cv2.resize(portrait[0:300, 90:350], (WIDTH // 2, HEIGHT))
    both: Image = np.hstack([half, half[:, ::-1]])
    return both


def others() -> Iterator[Image]:
    """List frames of the media in FER_MEDIA; empty if it is not set."""
    folder = os.environ.get("FER_MEDIA")
    for file in list_photos_and_videos(Path(folder)) if folder else []:
        with contextlib.suppress(PictureUnreadable):
            for picture in islice(read_frames(file), 0, EVERY * EACH, EVERY):
                yield fitted(picture.image)


def fitted(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
    picture[: small.shape[0], : small.shape[1]] = small
    return picture
