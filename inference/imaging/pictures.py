"""Read photos, videos and folders of them from disk, for the command line.

These are the user's own files, so the limits for frames from the network do not apply: any format
that OpenCV reads, any size, EXIF orientation applied.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from inference.errors import PictureUnreadable
from inference.imaging.frames import load_cv2

if TYPE_CHECKING:
    from inference.imaging.frames import Image

PHOTOS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
VIDEOS = frozenset({".gif", ".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".mjpeg", ".mpg"})
MAX_SIDE_PX = 1280
"""Larger pictures are reduced to this first: detection does not improve above it."""


@dataclass(frozen=True)
class Picture:
    """One frame; `image` is uint8 BGR, the original size divided by `reduced_by`."""

    file: Path
    frame: int
    image: "Image"
    reduced_by: float


def list_files(paths: list[Path]) -> tuple[list[Path], list[PictureUnreadable]]:
    """Return files and the files of folders, and an error for each path without any."""
    files: list[Path] = []
    missing: list[PictureUnreadable] = []
    for path in paths:
        try:
            files += list_photos_and_videos(path)
        except PictureUnreadable as error:
            missing.append(error)
    return files, missing


def list_photos_and_videos(path: Path) -> list[Path]:
    """Return the file itself or the files of a folder. Raises PictureUnreadable without any."""
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
    """Return whether the file name is that of a video."""
    return file.suffix.lower() in VIDEOS


def count_frames(file: Path) -> int | None:
    """Return the number of frames in the file's header, or None where it states none."""
    if not is_video(file):
        return 1
    cv2 = load_cv2_silently()
    video = cv2.VideoCapture(str(file))
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    video.release()
    return count if count > 0 else None


def read_frames(file: Path) -> Iterator[Picture]:
    """Yield the frames of a photo or a video. Raises PictureUnreadable if there is none."""
    images = _read_video(file) if is_video(file) else _read_photo(file)
    frame = -1
    for frame, image in enumerate(images):
        yield _reduce(file, frame, image)
    if frame < 0:
        raise PictureUnreadable(f"{file}: not a photo or video that can be read")


def load_cv2_silently() -> ModuleType:
    """Import cv2 with its own log lines disabled; errors are reported by this package."""
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    return load_cv2()


def _read_photo(file: Path) -> Iterator["Image"]:
    cv2 = load_cv2_silently()
    try:
        image = cv2.imread(str(file), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise PictureUnreadable(f"{file}: {error.err}") from error
    if image is not None:
        yield image


def _read_video(file: Path) -> Iterator["Image"]:
    video = load_cv2_silently().VideoCapture(str(file))
    try:
        has_frame, image = video.read()
        while has_frame:
            yield image
            has_frame, image = video.read()
    finally:
        video.release()


def _reduce(file: Path, frame: int, image: "Image") -> Picture:
    height, width = image.shape[:2]
    factor = max(1.0, max(height, width) / MAX_SIDE_PX)
    if factor > 1:
        cv2 = load_cv2_silently()
        size = max(1, round(width / factor)), max(1, round(height / factor))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return Picture(file, frame, image, factor)
