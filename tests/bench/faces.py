"""Faces for simulated learners: JPEG frames as a browser sends them, made before the clock starts.

Each learner gets one of the faces found in the source, with a framing and a light of their own,
and a handful of frames in which the face moves a little.
"""

import math
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from inference.detection.base import FaceDetector
from inference.detection.faces import open_detector
from inference.errors import PictureUnreadable
from inference.imaging.pictures import count_frames, list_photos_and_videos, read_frames

if TYPE_CHECKING:
    from inference.imaging.frames import Image
    from inference.results import FaceBox

WIDTH, HEIGHT, QUALITY = 320, 240, 70
"""What `capture-ticket` asks browsers for."""
FRAMES_EACH = 12
FACES_A_FILE = 8
GREY = (96, 96, 96)
"""What stands where a shifted picture ends."""


@dataclass(frozen=True)
class Portrait:
    """A picture with exactly one face."""

    image: "Image"
    box: "FaceBox"


@dataclass(frozen=True)
class Look:
    """How one learner sits before the camera."""

    height: float
    """of the face, as a share of the frame's"""
    across: float
    down: float
    """where the face's middle is, as shares of the frame"""
    light: float
    contrast: float
    mirrored: bool


def learner_frames(portraits: Sequence[Portrait], learners: int) -> list[list[bytes]]:
    """`FRAMES_EACH` JPEG frames for each learner; the same every time."""
    return [
        list(_frames(portraits[number % len(portraits)], _look(number)))
        for number in range(learners)
    ]


def portraits_in(source: Path | None) -> list[Portrait]:
    """The one-face pictures of a photo, a video or a folder.

    Without a source: those of FER_MEDIA, else scikit-image's portrait. Raises PictureUnreadable.
    """
    detector = open_detector(landmarks=False)
    folder = source or (Path(os.environ["FER_MEDIA"]) if "FER_MEDIA" in os.environ else None)
    images = _images_in(folder) if folder else iter([_portrait()])
    found = [portrait for image in images if (portrait := _portrait_of(image, detector))]
    if not found:
        raise PictureUnreadable(f"{folder or 'the portrait'}: no picture with exactly one face")
    return found


def _portrait_of(image: "Image", detector: FaceDetector) -> Portrait | None:
    faces = detector.detect(image)
    if faces.count != 1 or faces.largest is None:
        return None
    return Portrait(image, faces.largest.box)


def _images_in(source: Path) -> Iterator["Image"]:
    """A few pictures of each file, spread over a video's length; unreadable files are passed."""
    for file in list_photos_and_videos(source):
        try:
            step = max(1, (count_frames(file) or FACES_A_FILE) // FACES_A_FILE)
            yield from (each.image for each in islice(read_frames(file), 0, None, step))
        except PictureUnreadable:
            continue


def _portrait() -> "Image":
    try:
        from skimage import data  # a development dependency
    except ImportError as error:
        raise PictureUnreadable(
            "No face to send. Give a photo, a video or a folder of them: --faces PATH "
            "(or set FER_MEDIA=PATH)."
        ) from error
    portrait: Image = data.astronaut()[:, :, ::-1]  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(portrait)


def _look(number: int) -> Look:
    chance = random.Random(number)
    return Look(
        height=chance.uniform(0.38, 0.58),
        across=chance.uniform(0.42, 0.58),
        down=chance.uniform(0.42, 0.55),
        light=chance.uniform(-15, 25),
        contrast=chance.uniform(0.85, 1.15),
        mirrored=chance.random() < 0.5,
    )


def _frames(portrait: Portrait, look: Look) -> Iterator[bytes]:
    for number in range(FRAMES_EACH):
        turn = 2 * math.pi * number / FRAMES_EACH
        image = _lit(_placed(portrait, look, turn), look, turn)
        _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        yield encoded.tobytes()


def _placed(portrait: Portrait, look: Look, turn: float) -> "Image":
    """The face where this learner's is, swaying a little."""
    box = portrait.box
    scale = look.height * HEIGHT / box.height * (1 + 0.04 * math.sin(turn))
    across = (look.across + 0.03 * math.cos(turn)) * WIDTH
    down = (look.down + 0.03 * math.sin(turn)) * HEIGHT
    sign = -1 if look.mirrored else 1
    to_frame = np.array(
        [
            [sign * scale, 0, across - sign * scale * (box.x + box.width / 2)],
            [0, scale, down - scale * (box.y + box.height / 2)],
        ]
    )
    placed: Image = cv2.warpAffine(  # type: ignore[assignment]
        portrait.image, to_frame, (WIDTH, HEIGHT), borderValue=GREY
    )
    return placed


def _lit(image: "Image", look: Look, turn: float) -> "Image":
    light = look.light + 6 * math.sin(turn)
    lit: Image = cv2.convertScaleAbs(  # type: ignore[assignment]
        image, alpha=look.contrast, beta=light
    )
    return lit
