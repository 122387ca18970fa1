"""Read films with FFmpeg, through OpenCV, past damaged parts.

A film is opened in Python and passed on as `/dev/fd/N`. FFmpeg therefore never sees its name, which
could be no UTF-8, look like an address ("10:30.mp4") or like a pattern ("%d.mp4").
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from inference.errors import PictureDamaged, PictureUnreadable
from inference.imaging.frames import load_cv2
from inference.imaging.stated_length import is_cut_short
from inference.native_log import redirect_output
from inference.opencv_settings import MAX_PICTURE_PIXELS

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MAX_FAILED_READS = 64
"""In succession: as many damaged frames are skipped before the film counts as ended."""
MAX_STATED_FRAMES = 10**9
DAMAGE = re.compile(
    r"invalid|illegal|corrupt|damaged|truncat|prematurely|concealing|partial file|error (at|while)",
    re.IGNORECASE,
)
"""In FFmpeg's error log, which OpenCV writes to standard output."""
HARMLESS = re.compile(r"APP fields|audio|subtitle", re.IGNORECASE)


def count_film_frames(stream: IO[bytes]) -> int | None:
    """Return the number of frames that the file states, or None."""
    with _open(stream) as film:
        return film.stated_frames


def read_film(file: Path, stream: IO[bytes]) -> Iterator["Image"]:
    """Yield the frames that can be decoded.

    Raises:
        PictureUnreadable: FFmpeg cannot read the file, or the film is too large.
        PictureDamaged: After the last frame, where the film is damaged or ends early.
    """
    with _open(stream) as film:
        if film.pixels > MAX_PICTURE_PIXELS:
            raise PictureUnreadable(
                f"{file}: {film.pixels} pixels a frame; at most {MAX_PICTURE_PIXELS} are read"
            )
        yield from film.read_all()
        film.check(file, is_cut_short(stream))


@contextmanager
def _open(stream: IO[bytes]) -> Iterator["_Film"]:
    with tempfile.TemporaryFile() as log:
        film = _Film(stream, log)
        try:
            yield film
        finally:
            film.release()


class _Film:
    """An open film, with FFmpeg's messages in `log`."""

    def __init__(self, stream: IO[bytes], log: IO[bytes]) -> None:
        self._cv2 = load_cv2()
        self._log = log
        self.frames = 0
        self._is_interrupted = False
        with redirect_output(log):
            self._video: Any = self._cv2.VideoCapture(
                f"/dev/fd/{stream.fileno()}",
                self._cv2.CAP_FFMPEG,
                # With one thread every message is written during a call.
                [self._cv2.CAP_PROP_N_THREADS, 1],
            )
        stated = self._video.get(self._cv2.CAP_PROP_FRAME_COUNT)
        self.stated_frames = int(stated) if 0 < stated < MAX_STATED_FRAMES else None
        width = self._video.get(self._cv2.CAP_PROP_FRAME_WIDTH)
        self.pixels = int(width * self._video.get(self._cv2.CAP_PROP_FRAME_HEIGHT))

    def release(self) -> None:
        with redirect_output(self._log):
            self._video.release()

    def read_all(self) -> Iterator["Image"]:
        failures = 0
        while failures < MAX_FAILED_READS:
            image = self._read()
            if image is None:
                failures += 1
                continue
            self._is_interrupted = self._is_interrupted or failures > 0
            failures = 0
            self.frames += 1
            yield image

    def _read(self) -> "Image | None":
        with redirect_output(self._log):
            try:
                has_frame, image = self._video.read()
            except self._cv2.error:
                return None
        return image if has_frame else None

    def check(self, file: Path, is_cut: bool) -> None:
        """Raise PictureDamaged where frames are missing or FFmpeg reported damage."""
        count = f"{self.frames} frames were read"
        if self.stated_frames:
            count = f"{self.frames} of {self.stated_frames} frames were read"
        if is_cut:  # also where the table at the end of a film is missing, and no frame is read
            raise PictureDamaged(f"{file}: ends before its stated length; {count}")
        if not self.frames:
            raise PictureUnreadable(f"{file}: not a photo or video that can be read")
        if self._is_interrupted or self._has_reported_damage():
            raise PictureDamaged(f"{file}: the film is damaged; {count}")

    def _has_reported_damage(self) -> bool:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return any(DAMAGE.search(line) and not HARMLESS.search(line) for line in lines)
