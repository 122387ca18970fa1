"""Hostile files: photos, animations and films of every kind, damaged. The same seed gives the same
files."""

import io
import random
import tempfile
from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from tests.bench.hostile.frames import cut, flip_bits, remove_part, repeat_part

PHOTOS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "JPEG2000", "PPM", "GIF")
ANIMATIONS = ("PNG", "WEBP", "AVIF", "TIFF", "GIF")
FILMS = {"mp4": "mp4v", "avi": "MJPG", "mkv": "mp4v", "webm": "VP80", "wmv": "WMV2", "flv": "FLV1"}
FILMS |= {"ts": "mp4v", "mpg": "MPG1"}
NAMES = ("file", "photo.jpg", "film.mp4", "10:30.mp4", "a%03d.png", "s\udce9.jpg", "-x.avi", "x.ts")


def make_file(seed: int, contents: list[bytes]) -> tuple[str, bytes]:
    """Return name and contents of file number `seed`."""
    rng = random.Random(seed)
    data = rng.choice(contents)
    for _ in range(rng.choice((1, 1, 3))):
        data = rng.choice((flip_bits, cut, remove_part, repeat_part, splice))(rng, data)
    return rng.choice(NAMES), data


def splice(rng: random.Random, data: bytes) -> bytes:
    """Append a part of the file to its beginning, as an interrupted copy does."""
    return data[: rng.randrange(len(data) + 1)] + data[rng.randrange(len(data) + 1) :]


def make_contents() -> list[bytes]:
    """Encode a small picture in every format, single, animated and as a film."""
    rng = np.random.default_rng(0)
    smooth = cv2.resize(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8), (160, 120))
    image = PIL.Image.fromarray(np.asarray(smooth, np.uint8))
    return [
        *(_encode(image, kind, []) for kind in PHOTOS),
        *(_encode(image, kind, [image.rotate(9), image.rotate(18)]) for kind in ANIMATIONS),
        *(film for name, codec in FILMS.items() if (film := _encode_film(smooth, name, codec))),
    ]


def _encode(image: PIL.Image.Image, kind: str, more: list[PIL.Image.Image]) -> bytes:
    out = io.BytesIO()
    if more:
        image.save(out, kind, save_all=True, append_images=more)
    else:
        image.save(out, kind)
    return out.getvalue()


def _encode_film(image: cv2.typing.MatLike, suffix: str, codec: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"film.{suffix}")
        fourcc = cv2.VideoWriter.fourcc(*codec)
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, 25, (160, 120))
        for number in range(8):
            writer.write(np.roll(image, 5 * number, axis=1))
        writer.release()
        return path.read_bytes() if path.exists() else b""
