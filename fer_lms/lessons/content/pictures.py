"""A teacher's picture, written anew: what is no picture is refused, and nothing but the picture
is kept (no place, no camera, no second file hidden in it)."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PICTURE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 1600
MAX_PNG_BYTES = 1024 * 1024
"""A larger PNG is a photograph: it becomes a JPEG."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class PictureError(ValueError):
    """`reason`: too_large, no_picture."""

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
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureError("too_large")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureError("too_large")
            photograph = picture.format == "JPEG"
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
            return _written(upright, photograph)
    # Pillow's readers let each of these out for files that are not what they say.
    except Image.DecompressionBombError as error:
        raise PictureError("too_large") from error
    except PictureError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError("no_picture") from error


def _written(picture: Image.Image, photograph: bool) -> Picture:
    if not photograph:
        drawn = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        data = _saved(drawn, "PNG")
        if len(data) <= MAX_PNG_BYTES or drawn.mode == "RGBA":
            return Picture("image/png", drawn.width, drawn.height, data)
    taken = picture.convert("RGB")
    return Picture("image/jpeg", taken.width, taken.height, _saved(taken, "JPEG"))


def _saved(picture: Image.Image, form: str) -> bytes:
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)  # the pixels alone: what else the file said stays behind
    file = io.BytesIO()
    fresh.save(file, form, quality=85, optimize=True)
    return file.getvalue()
