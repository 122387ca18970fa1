"""Re-encoding of uploaded pictures, which removes metadata and any appended data.

Run as a script, this file re-encodes pictures from standard input, with limits on memory and time
(fer_lms.lessons.content.picture_process).
"""

import hashlib
import io
import json
import resource
import sys
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PICTURE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 1600
MAX_PNG_BYTES = 1024 * 1024
"""A larger opaque image is stored as JPEG."""
MAX_MEMORY_BYTES = 512 * 1024 * 1024
MAX_CPU_S = 20
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class PictureError(ValueError):
    """The picture is rejected. `reason`: too_large, not_a_picture or busy."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    width: int
    height: int
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def suffix(self) -> str:
        return "jpg" if self.media_type == "image/jpeg" else "png"


def recode_picture(data: bytes) -> Picture:
    """Decode, orient, shrink and encode an image.

    Raises:
        PictureError: The data is too large or not a supported image.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureError("too_large")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureError("too_large")
            is_jpeg = picture.format == "JPEG"
            picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))  # first: turning needs a copy
            return _encode(ImageOps.exif_transpose(picture), is_jpeg)
    except Image.DecompressionBombError as error:
        raise PictureError("too_large") from error
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError("too_large") from error
    # Pillow's decoders raise each of these for damaged files.
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError("not_a_picture") from error


def _encode(picture: Image.Image, is_jpeg: bool) -> Picture:
    if not is_jpeg:
        converted = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        data = _save_pixels(converted, "PNG")
        if len(data) <= MAX_PNG_BYTES or converted.mode == "RGBA":
            return Picture("image/png", converted.width, converted.height, data)
    opaque = picture.convert("RGB")
    return Picture("image/jpeg", opaque.width, opaque.height, _save_pixels(opaque, "JPEG"))


def _save_pixels(picture: Image.Image, file_format: str) -> bytes:
    pixels = Image.new(picture.mode, picture.size)
    pixels.paste(picture)  # copies pixels without metadata
    file = io.BytesIO()
    pixels.save(file, file_format, quality=85, optimize=True)
    return file.getvalue()


def serve_pictures(source: IO[bytes], sink: IO[bytes]) -> None:
    """Re-encode pictures until the source ends: a length and the bytes of each.

    The response is a line of JSON and, without a `reason`, as many bytes as it states.
    """
    while length := source.read(4):
        head: dict[str, object]
        try:
            picture = recode_picture(source.read(int.from_bytes(length, "big")))
            head = {name: getattr(picture, name) for name in ("media_type", "width", "height")}
            data = picture.data
        except PictureError as error:
            head, data = {"reason": error.reason}, b""
        sink.write(json.dumps(head | {"bytes": len(data)}).encode() + b"\n" + data)
        sink.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve_pictures(sys.stdin.buffer, sys.stdout.buffer)
