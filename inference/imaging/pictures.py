"""Read photos, animations, films and folders of them from disk, for the command line.

These are the user's own files, so the limits for frames from the network do not apply: any format
that OpenCV, Pillow or FFmpeg reads, EXIF orientation applied. The kind of a file is decided by its
contents. No path is passed to native code: names that are not UTF-8 crash OpenCV.
"""

import re
import stat
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from inference.errors import PictureDamaged, PictureUnreadable
from inference.imaging.file_kinds import (
    HEADER_BYTES,
    NAMED_LIKE_PICTURES,
    FileKind,
    detect_kind,
    is_motion_jpeg,
)
from inference.imaging.films import count_film_frames, read_film
from inference.imaging.frames import load_cv2
from inference.native_log import redirect_output
from inference.opencv_settings import MAX_PICTURE_PIXELS

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MAX_SIDE_PX = 1280
"""Larger pictures are reduced to this first: detection does not improve above it."""
MAX_PHOTO_BYTES = 512 * 2**20
PILLOW_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM")
JPEG_DAMAGE = re.compile(rb"premature end|bad Huffman|JPEG data: found", re.IGNORECASE)
JPEG_EXTRA_BYTES = re.compile(rb"(\d+) extraneous bytes")
MAX_EXTRA_BYTES = 16
"""Some cameras pad their data by a few bytes; more are left over where a part was misread."""


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
    try:
        if not path.is_dir():
            path.stat()
            return [path]
        inside = [file for file in sorted(path.iterdir()) if is_picture_file(file)]
    except FileNotFoundError:
        raise PictureUnreadable(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise _describe_os_error(path, error) from error
    if not inside:
        raise PictureUnreadable(f"{path}: no photo or video in this folder")
    return inside


def is_picture_file(file: Path) -> bool:
    """Return whether a file is a photo or a film by its contents, or at least by its name."""
    if not file.is_file():
        return False
    if file.suffix.lower() in NAMED_LIKE_PICTURES:
        return True
    try:
        with file.open("rb") as stream:
            return detect_kind(stream.read(HEADER_BYTES)) is not None
    except OSError:
        return False


def is_photo_file(file: Path) -> bool:
    """Return whether a file of a folder is a photo; also a damaged one with a photo's name."""
    if not is_picture_file(file):
        return False
    try:
        with file.open("rb") as stream:
            return detect_kind(stream.read(HEADER_BYTES)) != "film"
    except OSError:
        return True


def count_frames(file: Path) -> int | None:
    """Return the number of frames that the file states, or None where it states none."""
    with _open_file(file) as (stream, kind):
        if kind == "film":
            return count_film_frames(stream)
        with _open_with_pillow(file, stream) as photo:
            return _count_photo_frames(photo)


def read_frames(file: Path) -> Iterator[Picture]:
    """Yield the frames of a photo, an animation, a document of several pages or a film.

    Raises:
        PictureUnreadable: There is no frame, or the file is too large.
        PictureDamaged: After the frames that could be read, where the file is damaged or ends
            before its stated length. A damaged photo has no frame.
    """
    frame = -1
    with _open_file(file) as (stream, kind):
        images = read_film(file, stream) if kind == "film" else _read_photo(file, stream)
        for frame, image in enumerate(images):
            yield _reduce(file, frame, image)
    if frame < 0:
        raise PictureUnreadable(f"{file}: not a photo or video that can be read")


@contextmanager
def _open_file(file: Path) -> Iterator[tuple[IO[bytes], FileKind]]:
    """Open a regular file; what is not recognised counts as a film, which FFmpeg may read."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise PictureUnreadable(f"{file}: not a regular file; copy it to one first")
        stream = file.open("rb")
    except (OSError, ValueError) as error:
        raise _describe_os_error(file, error) from error
    with stream:
        kind = detect_kind(stream.read(HEADER_BYTES)) or "film"
        yield stream, "film" if kind == "photo" and _is_motion_jpeg(file, stream) else kind


def _describe_os_error(path: Path, error: OSError | ValueError) -> PictureUnreadable:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return PictureUnreadable(f"{path}: {reason}")


def _is_motion_jpeg(file: Path, stream: IO[bytes]) -> bool:
    data = _read_all(file, stream)
    return data[:2] == b"\xff\xd8" and is_motion_jpeg(data)


def _read_all(file: Path, stream: IO[bytes]) -> bytes:
    stream.seek(0)
    data = stream.read(MAX_PHOTO_BYTES + 1)
    if len(data) > MAX_PHOTO_BYTES:
        raise PictureUnreadable(
            f"{file}: larger than {MAX_PHOTO_BYTES >> 20} MB; reduce the photo first"
        )
    return data


def _read_photo(file: Path, stream: IO[bytes]) -> Iterator["Image"]:
    with _open_with_pillow(file, stream) as photo:
        count = _count_photo_frames(photo)
        if count > 1:
            yield from _read_animation(file, photo, count)
            return
        _check_complete(file, photo)
    del photo  # what Pillow decoded is as large as what OpenCV will decode
    yield from _decode(file, _read_all(file, stream))


@contextmanager
def _open_with_pillow(file: Path, stream: IO[bytes]) -> Iterator[Any]:
    """Yield Pillow's image, of which only the header is read; None where Pillow has no decoder.

    Raises:
        PictureUnreadable: The picture has too many pixels.
    """
    from PIL import Image, UnidentifiedImageError

    stream.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata; size, which is checked below
        try:
            photo = Image.open(stream, formats=PILLOW_FORMATS)
        except UnidentifiedImageError:
            yield None
            return
        except Image.DecompressionBombError:
            raise _describe_too_many_pixels(file) from None
        except Exception as error:  # Pillow's decoders raise errors of many types
            raise PictureDamaged(f"{file}: the file is damaged ({error})") from error
        _check_pixels(file, photo)
        yield photo


def _check_pixels(file: Path, photo: Any) -> None:
    if photo.width * photo.height > MAX_PICTURE_PIXELS:
        raise _describe_too_many_pixels(file)


def _describe_too_many_pixels(file: Path) -> PictureUnreadable:
    return PictureUnreadable(
        f"{file}: more than {MAX_PICTURE_PIXELS // 10**6} megapixels; reduce the photo first"
    )


def _count_photo_frames(photo: Any) -> int:
    """Return the frames of an animation or the pages of a document; 1 for other photos."""
    if photo is None or photo.format == "MPO":  # further pictures are previews or gain maps
        return 1
    try:
        return int(getattr(photo, "n_frames", 1))
    except Exception:  # damaged: `_check_complete` reports it
        return 1


def _read_animation(file: Path, photo: Any, count: int) -> Iterator["Image"]:
    damaged = 0
    for number in range(count):
        try:
            photo.seek(number)
            _check_pixels(file, photo)  # pages have sizes of their own
            image = _convert_to_bgr(photo)
        except Exception:  # Pillow's decoders raise errors of many types
            damaged += 1
            continue
        yield image
    if damaged:
        raise PictureDamaged(
            f"{file}: damaged, or pages too large; {count - damaged} of {count} frames were read"
        )


def _convert_to_bgr(photo: Any) -> "Image":
    import numpy as np
    from PIL import ImageOps

    frame = ImageOps.exif_transpose(photo)
    if frame.mode.startswith("I"):  # 16 bits a sample
        grey = (np.asarray(frame).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.stack([grey] * 3, axis=-1))
    return np.ascontiguousarray(np.asarray(frame.convert("RGB"), np.uint8)[:, :, ::-1])


def _check_complete(file: Path, photo: Any) -> None:
    """Decode with Pillow, which reports what is cut short and OpenCV fills with grey."""
    if photo is None or photo.format == "WEBP":  # OpenCV refuses one, with a third of the memory
        return
    try:
        photo.load()
    except Exception as error:  # Pillow's decoders raise errors of many types
        raise PictureDamaged(f"{file}: damaged or cut short, so not read ({error})") from error


def _decode(file: Path, data: bytes) -> Iterator["Image"]:
    """Yield the picture that OpenCV decodes; raise PictureDamaged where libjpeg complains."""
    import numpy as np

    cv2 = load_cv2()
    with tempfile.TemporaryFile() as log:
        with redirect_output(log):
            try:
                image: Image | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            except cv2.error as error:
                raise PictureUnreadable(f"{file}: {error.err}") from error
        log.seek(0)
        warnings_of_libjpeg = log.read()
    if damage := JPEG_DAMAGE.search(warnings_of_libjpeg):
        raise PictureDamaged(
            f"{file}: damaged or cut short, so not read ({damage[0].decode().lower()})"
        )
    if image is not None:
        yield image
    elif data[8:12] == b"WEBP":
        raise PictureDamaged(f"{file}: damaged or cut short, so not read")
    extra = JPEG_EXTRA_BYTES.search(warnings_of_libjpeg)
    if extra and int(extra[1]) > MAX_EXTRA_BYTES:
        raise PictureDamaged(f"{file}: parts of the photo are damaged")


def _reduce(file: Path, frame: int, image: "Image") -> Picture:
    height, width = image.shape[:2]
    factor = max(1.0, max(height, width) / MAX_SIDE_PX)
    if factor > 1:
        cv2 = load_cv2()
        size = max(1, round(width / factor)), max(1, round(height / factor))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return Picture(file, frame, image, factor)
