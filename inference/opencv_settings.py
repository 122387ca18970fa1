"""Environment variables that OpenCV reads when it loads, or when it opens its first film.

`inference/__init__.py` sets them, so that they hold whichever module imports cv2 first.
"""

import os

MAX_PICTURE_PIXELS = 100_000_000
"""Of photos and films on disk; frames are limited by `FrameLimits.max_pixels`."""

VARIABLES = {
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PICTURE_PIXELS),
    "OPENCV_LOG_LEVEL": "SILENT",  # this package reports errors itself
    "OPENCV_FFMPEG_LOGLEVEL": "16",  # errors, which `imaging.films` captures
    # A playlist that looks like a film may name addresses; FFmpeg opens files only.
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "protocol_whitelist;file",
}


def configure_opencv() -> None:
    """Set the variables that are not set yet."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
