"""Photos, folders of photos and videos on disk, frame by frame, for the command line.

These are the user's own files, so that the limits of frames from the network do not apply: any
format that OpenCV reads, any size, EXIF orientation obeyed.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from inference.errors import PictureUnreadable
from inference.imaging.frames import open_cv

if TYPE_CHECKING:
    from inference.imaging.frames import Image

PHOTOS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
VIDEOS = frozenset({".gif", ".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".mjpeg", ".mpg"})
LONGEST_SIDE = 1280
"""Larger pictures are reduced to this before they are read: finding a face gains nothing above."""


@dataclass(frozen=True)
class Picture:
    """One frame: `image` is uint8 BGR, the original divided by `reduced_by`."""

    file: Path
    frame: int
    image: "Image"
    reduced_by: float


def expand(paths: list[Path]) -> tuple[list[Path], list[PictureUnreadable]]:
    """Files as they are, folders as the photos and videos in them; and what is none of these."""
    files: list[Path] = []
    missing: list[PictureUnreadable] = []
    for path in paths:
        try:
            files += photos_and_videos(path)
        except PictureUnreadable as error:
            missing.append(error)
    return files, missing


def photos_and_videos(path: Path) -> list[Path]:
    """A file as it is, a folder as what is in it. Raises PictureUnreadable where there is none."""
    if not path.exists():
        raise PictureUnreadable(f"{path}: no such file or folder")
    if not path.is_dir():
        return [path]
    try:
        inside = [f for f in sorted(path.iterdir()) if f.suffix.lower() in PHOTOS | VIDEOS]
    except OSError as error:
        raise PictureUnreadable(f"{path}: {error.strerror}") from error
    if not inside:
        raise PictureUnreadable(f"{path}: no photo or video in this folder")
    return inside


def is_video(file: Path) -> bool:
    """By its name; a photo has one frame."""
    return file.suffix.lower() in VIDEOS


def frame_count(file: Path) -> int | None:
    """How many frames the file says it has; None where it does not say."""
    if not is_video(file):
        return 1
    cv2 = quiet_cv()
    video = cv2.VideoCapture(str(file))
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    video.release()
    return count if count > 0 else None


def frames_of(file: Path) -> Iterator[Picture]:
    """Each frame of a photo or a video. Raises PictureUnreadable where there is none."""
    images = _frames_of_video(file) if is_video(file) else _frames_of_photo(file)
    frame = -1
    for frame, image in enumerate(images):
        yield _reduced(file, frame, image)
    if frame < 0:
        raise PictureUnreadable(f"{file}: not a photo or video that can be read")


def quiet_cv() -> ModuleType:
    """cv2 without its own lines on stderr; what went wrong is said in ours."""
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    return open_cv()


def _frames_of_photo(file: Path) -> Iterator["Image"]:
    cv2 = quiet_cv()
    try:
        image = cv2.imread(str(file), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise PictureUnreadable(f"{file}: {error.err}") from error
    if image is not None:
        yield image


def _frames_of_video(file: Path) -> Iterator["Image"]:
    video = quiet_cv().VideoCapture(str(file))
    try:
        more, image = video.read()
        while more:
            yield image
            more, image = video.read()
    finally:
        video.release()


def _reduced(file: Path, frame: int, image: "Image") -> Picture:
    height, width = image.shape[:2]
    by = max(1.0, max(height, width) / LONGEST_SIDE)
    if by > 1:
        cv2 = quiet_cv()
        size = max(1, round(width / by)), max(1, round(height / by))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return Picture(file, frame, image, by)
