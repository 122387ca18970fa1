"""Hostile frames: a header, and a JPEG that is damaged in one of many ways. The same seed gives
the same frames."""

import random
from collections.abc import Callable

import cv2
import numpy as np

from fer_lms.streaming.wire.messages import HEADER, MAGIC, VERSION
from inference.imaging.frames import FRAME_LIMITS

EOI = b"\xff\xd9"
Mutation = Callable[[random.Random, bytes], bytes]


def make_frame(seed: int, pictures: list[bytes]) -> bytes:
    """Return message number `seed`: 16 bytes of header, then a damaged copy of a picture."""
    rng = random.Random(seed)
    picture = rng.choice(pictures)
    for _ in range(rng.choice((1, 1, 2, 4))):
        picture = rng.choice(MUTATIONS)(rng, picture)
    if rng.random() < 0.5:  # past the first check
        picture = picture[: FRAME_LIMITS.max_bytes - 2].removesuffix(EOI) + EOI
    return _make_header(rng, seed) + picture


def make_pictures() -> list[bytes]:
    """Encode pictures with and without a face: grey, colour, subsampled, with restart markers."""
    from skimage import data

    portrait = data.astronaut()[0:288, 64:448, ::-1]  # type: ignore[no-untyped-call]
    face = cv2.resize(portrait, (320, 240), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    options: list[list[int]] = [
        [cv2.IMWRITE_JPEG_QUALITY, 70],
        [cv2.IMWRITE_JPEG_RST_INTERVAL, 4],
        [cv2.IMWRITE_JPEG_OPTIMIZE, 1],
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411],
        [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    ]
    images = [(image, option) for image in (face, grey, noise[:96, :128]) for option in options]
    images.append((np.zeros((720, 1280, 3), np.uint8), options[0]))
    return [cv2.imencode(".jpg", image, option)[1].tobytes() for image, option in images]


def _make_header(rng: random.Random, seq: int) -> bytes:
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(HEADER.size + 1))
    numbers = (rng.choice((0, 1, seq, 2**32 - 1)), rng.choice((0, 1, 2**63, 2**64 - 1)))
    return HEADER.pack(MAGIC, VERSION, rng.randrange(256), *numbers)


def flip_bits(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 4, 30, 300))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def remove_part(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 2, 16, 999)) :]


def repeat_part(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    part = data[start : start + rng.choice((2, 20, 600))]
    return data[:start] + part * rng.choice((2, 10, 200)) + data[start:]


def insert_marker(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    length = rng.choice((0, 1, 2, 3, 11, 65535)).to_bytes(2, "big")
    segment = bytes([0xFF, rng.randrange(256)]) + length + rng.randbytes(rng.choice((0, 9, 400)))
    return data[:start] + segment + data[start:]


def change_segment(rng: random.Random, data: bytes) -> bytes:
    """Change bytes of a header segment: sizes, sampling factors, tables, scan parameters."""
    markers = [
        i for i in range(2, min(len(data) - 12, 1000)) if data[i] == 0xFF and data[i + 1] > 1
    ]
    if not markers:
        return data
    start = rng.choice(markers) + rng.randrange(12)
    return data[:start] + bytes([rng.choice((0, 1, 0x22, 0x44, 0xFF))]) + data[start + 1 :]


def change_size(rng: random.Random, data: bytes) -> bytes:
    start = data.find(b"\xff\xc0")
    if start < 0:
        return data
    sides = [rng.choice((0, 1, 7, 240, 720, 1280, 65535)).to_bytes(2, "big") for _ in range(2)]
    return data[: start + 5] + b"".join(sides) + data[start + 9 :]


def fill_up(rng: random.Random, data: bytes) -> bytes:
    """Append bytes that are expensive to parse, up to the size limit or one byte beyond it."""
    filler = rng.choice((b"\xff", b"\xff\x00", b"\xff\xd0", b"\xff\xda", b"\x00", b"\xff\xe0\0\2"))
    missing = FRAME_LIMITS.max_bytes + rng.choice((0, 1)) - len(data)
    return data + (filler * (max(0, missing) // len(filler) + 1))[: max(0, missing)]


def replace_all(rng: random.Random, data: bytes) -> bytes:
    return rng.randbytes(rng.choice((0, 1, 2, 100, 5000)))


MUTATIONS: list[Mutation] = [
    *(flip_bits, cut, remove_part, repeat_part, insert_marker),
    *(change_segment, change_size, fill_up, replace_all),
]
