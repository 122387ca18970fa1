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
from typing import IO, cast

from PIL import Image, UnidentifiedImageError

MAX_PICTURE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 1600
MAX_PNG_BYTES = 1024 * 1024
"""A larger opaque image is stored as JPEG."""
MAX_TRANSPARENT_PNG_BYTES = 3 * 1024 * 1024
"""A larger transparent image is stored as JPEG on white. Every stored picture can be imported."""
EXIF_ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
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
            if picture.format == "JPEG":  # decodes at a half, a quarter or an eighth of the size
                picture.draft(picture.mode, (MAX_SIDE_PX, MAX_SIDE_PX))
            shrunk = _shrink(picture)
            orientation = picture.getexif().get(EXIF_ORIENTATION, 1)
            return _encode(_turn(shrunk, orientation), is_jpeg)
    except Image.DecompressionBombError as error:
        raise PictureError("too_large") from error
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError("too_large") from error
    # Pillow's decoders raise each of these for damaged files.
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError("not_a_picture") from error


def _shrink(picture: Image.Image) -> Image.Image:
    """Shrink a picture in its own colours with 8 bits.

    A palette or a bitmap has no colours between two neighbours: shrunk as it is, it would lose
    thin lines.
    """
    if picture.mode.startswith(("I", "F")):
        picture = _scale_to_8_bits(picture)
    elif picture.mode not in ("RGB", "RGBA", "L", "LA"):
        is_grey = picture.mode == "1" and not picture.has_transparency_data
        picture = picture.convert("L" if is_grey else _get_colour_mode(picture))
    elif picture.has_transparency_data and picture.mode in ("RGB", "L"):
        picture = picture.convert("RGBA")  # one colour is transparent
    picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    return picture


def _scale_to_8_bits(picture: Image.Image) -> Image.Image:
    """Scale 16 bits, or whatever range is used, to 8 bits; conversion alone would clip."""
    wide = picture.convert("F")
    low, high = cast(tuple[float, float], wide.getextrema())
    if picture.mode.startswith("I;16") or (picture.mode == "I" and 255 < high < 65536 and low >= 0):
        low, high = 0.0, 65535.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    scale = 255.0 / ((high - low) or 1.0)
    return wide.point(lambda value: value * scale - low * scale).convert("L")


def _get_colour_mode(picture: Image.Image) -> str:
    return "RGBA" if picture.has_transparency_data else "RGB"


def _turn(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture as its camera was held (EXIF 2.32, table 6)."""
    method = TURNS.get(orientation)
    return picture if method is None else picture.transpose(method)


def _encode(picture: Image.Image, is_jpeg: bool) -> Picture:
    if not is_jpeg:
        converted = picture.convert(_get_colour_mode(picture))
        data = _save_pixels(converted, "PNG")
        is_transparent = converted.mode == "RGBA"
        if len(data) <= (MAX_TRANSPARENT_PNG_BYTES if is_transparent else MAX_PNG_BYTES):
            return Picture("image/png", converted.width, converted.height, data)
        if is_transparent:
            paper = Image.new("RGBA", converted.size, "white")
            picture = Image.alpha_composite(paper, converted)
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
