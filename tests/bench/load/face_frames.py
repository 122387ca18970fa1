"""JPEG frames of faces for simulated learners, in the format that browsers send.

Each learner gets one of the faces found in the source, with an individual framing and brightness,
and a few frames in which the face moves slightly.
"""

import math
import os
import random
from collections.abc import Iterator
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
"""The format that `capture-ticket` gives browsers."""
FRAMES_PER_LEARNER = 12
MAX_IMAGES_PER_FILE = 8
BORDER_COLOUR = (96, 96, 96)


@dataclass(frozen=True)
class Portrait:
    """A picture with exactly one face."""

    image: "Image"
    box: "FaceBox"


@dataclass(frozen=True)
class Framing:
    """Position of one learner's face in the frame, and its lighting."""

    face_height: float
    """Share of the frame's height."""
    centre_x: float
    centre_y: float
    """Centre of the face as shares of the frame."""
    brightness: float
    contrast: float
    is_mirrored: bool


def make_learner_frames(source: Path | None, learners: int) -> list[list[bytes]]:
    """Make `FRAMES_PER_LEARNER` JPEG frames for each learner, the same ones every time.

    Args:
        source: A photo, a video or a folder of both; None: FER_MEDIA, else scikit-image's portrait.
        learners: Number of learners; they share the faces found.

    Raises:
        PictureUnreadable: The source has no picture with exactly one face.
    """
    portraits = load_portraits(source)
    return [
        list(_make_frames(portraits[number % len(portraits)], _choose_framing(number)))
        for number in range(learners)
    ]


def load_portraits(source: Path | None) -> list[Portrait]:
    """Return the pictures with exactly one face; see `make_learner_frames`."""
    detector = open_detector(landmarks=False)
    folder = source or (Path(os.environ["FER_MEDIA"]) if "FER_MEDIA" in os.environ else None)
    images = _read_images(folder) if folder else iter([_load_sample_portrait()])
    found = [portrait for image in images if (portrait := _find_portrait(image, detector))]
    if not found:
        raise PictureUnreadable(f"{folder or 'the portrait'}: no picture with exactly one face")
    return found


def _find_portrait(image: "Image", detector: FaceDetector) -> Portrait | None:
    faces = detector.detect(image)
    if faces.count != 1 or faces.largest is None:
        return None
    return Portrait(image, faces.largest.box)


def _read_images(source: Path) -> Iterator["Image"]:
    """Read a few pictures of each file, spread over a video's length; skip unreadable files."""
    for file in list_photos_and_videos(source):
        try:
            step = max(1, (count_frames(file) or MAX_IMAGES_PER_FILE) // MAX_IMAGES_PER_FILE)
            yield from (frame.image for frame in islice(read_frames(file), 0, None, step))
        except PictureUnreadable:
            continue


def _load_sample_portrait() -> "Image":
    try:
        from skimage import data  # a development dependency
    except ImportError as error:
        raise PictureUnreadable(
            "No face to send. Give a photo, a video or a folder of them: --faces PATH "
            "(or set FER_MEDIA=PATH)."
        ) from error
    portrait: Image = data.astronaut()[:, :, ::-1]  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(portrait)


def _choose_framing(seed: int) -> Framing:
    random_generator = random.Random(seed)
    return Framing(
        face_height=random_generator.uniform(0.38, 0.58),
        centre_x=random_generator.uniform(0.42, 0.58),
        centre_y=random_generator.uniform(0.42, 0.55),
        brightness=random_generator.uniform(-15, 25),
        contrast=random_generator.uniform(0.85, 1.15),
        is_mirrored=random_generator.random() < 0.5,
    )


def _make_frames(portrait: Portrait, framing: Framing) -> Iterator[bytes]:
    for number in range(FRAMES_PER_LEARNER):
        phase = 2 * math.pi * number / FRAMES_PER_LEARNER
        image = _adjust_light(_place_face(portrait, framing, phase), framing, phase)
        _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        yield encoded.tobytes()


def _place_face(portrait: Portrait, framing: Framing, phase: float) -> "Image":
    """Move and scale the face to its framing, swaying slightly with the phase."""
    box = portrait.box
    scale = framing.face_height * HEIGHT / box.height * (1 + 0.04 * math.sin(phase))
    x = (framing.centre_x + 0.03 * math.cos(phase)) * WIDTH
    y = (framing.centre_y + 0.03 * math.sin(phase)) * HEIGHT
    sign = -1 if framing.is_mirrored else 1
    to_frame = np.array(
        [
            [sign * scale, 0, x - sign * scale * (box.x + box.width / 2)],
            [0, scale, y - scale * (box.y + box.height / 2)],
        ]
    )
    placed: Image = cv2.warpAffine(  # type: ignore[assignment]
        portrait.image, to_frame, (WIDTH, HEIGHT), borderValue=BORDER_COLOUR
    )
    return placed


def _adjust_light(image: "Image", framing: Framing, phase: float) -> "Image":
    brightness = framing.brightness + 6 * math.sin(phase)
    lit: Image = cv2.convertScaleAbs(  # type: ignore[assignment]
        image, alpha=framing.contrast, beta=brightness
    )
    return lit
