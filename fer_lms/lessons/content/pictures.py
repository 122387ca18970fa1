"""Re-encoding of uploaded pictures, which removes metadata and any appended data."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PICTURE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 1600
MAX_PNG_BYTES = 1024 * 1024
"""A larger opaque image is stored as JPEG."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class PictureError(ValueError):
    """The picture is rejected. `reason`: too_large or not_a_picture."""

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


def reencode_picture(data: bytes) -> Picture:
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
            oriented = ImageOps.exif_transpose(picture)
            oriented.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
            return _encode(oriented, is_jpeg)
    except Image.DecompressionBombError as error:
        raise PictureError("too_large") from error
    except PictureError:
        raise
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
