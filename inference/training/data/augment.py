"""One face, many looks: what cameras, light and an imperfect cut-out do to a 48x48 grey face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.training.data.dataset import Floats, Pixels

Rng = np.random.Generator
Matrix = NDArray[np.float64]

MAX_TURN = 18.0
SCALE = (0.82, 1.22)
MAX_SHIFT = 0.1
LOW_AUGMENTATION_STRENGTH = 0.3
"""strength of the last, gentle epochs"""


def augment_face(face: Pixels, side: int, rng: Rng, strength: float = 1.0) -> Pixels:
    """`face` moved, lit and spoilt at random, as uint8 [side, side].

    `strength`, 0..1: how far it is moved, and how often it is lit and spoilt.
    """
    out = apply_random_affine(face, side, rng, strength)
    spoilt = 0.2 * strength
    if rng.random() < 0.7 * strength:
        out = change_lighting(out, rng)
    if rng.random() < spoilt:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 1.2) * side / 48).astype(np.uint8)
    if rng.random() < spoilt:
        out = add_noise(out, rng)
    if rng.random() < spoilt:
        out = compress_jpeg(out, rng)
    if rng.random() < spoilt:
        out = erase_box(out, rng)
    return out


def apply_random_affine(face: Pixels, side: int, rng: Rng, strength: float = 1.0) -> Pixels:
    """Flipped, turned, scaled, shifted; what lies outside the face is filled in varied ways.

    Aligned live faces reach beyond the picture they were cut from, hence the fills. Half of the
    time the result is first made at the source's own size, which softens it as an aligned live
    face is softened.
    """
    if rng.random() < 0.5:
        face = np.ascontiguousarray(face[:, ::-1])
    via = face.shape[0] if rng.random() < 0.5 else side
    matrix = make_random_affine(face.shape[0], via, rng, strength)
    border = cv2.BORDER_CONSTANT if rng.random() < 0.6 else cv2.BORDER_REPLICATE
    fill = int(rng.integers(0, 256))
    out = cv2.warpAffine(
        face, matrix, (via, via), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=(fill,)
    )
    return resize_face(out.astype(np.uint8), side)


def make_random_affine(source: int, target: int, rng: Rng, strength: float = 1.0) -> Matrix:
    """A random turn, scale, stretch and shift about the centre; sides in pixels."""
    zoom = target / source
    scale = np.exp(rng.uniform(*np.log(SCALE)) * strength) * zoom
    turn = np.deg2rad(np.clip(rng.normal(0, MAX_TURN / 2), -MAX_TURN, MAX_TURN)) * strength
    stretch = np.exp(rng.uniform(-0.08, 0.08) * strength)
    linear = np.array(
        [
            [np.cos(turn) * scale * stretch, -np.sin(turn) * scale],
            [np.sin(turn) * scale, np.cos(turn) * scale / stretch],
        ]
    )
    shift = rng.uniform(-MAX_SHIFT, MAX_SHIFT, 2) * target * strength
    middle = np.full(2, (source - 1) / 2)
    offset = np.full(2, (target - 1) / 2) + shift - linear @ middle
    return np.hstack([linear, offset[:, None]])


def resize_face(face: Pixels, side: int) -> Pixels:
    """To the network's input size, as `inference.expressions` does it."""
    if face.shape[0] == side:
        return face
    return cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def change_lighting(face: Pixels, rng: Rng) -> Pixels:
    """Another gain, offset and gamma, and now and then light that falls from one side."""
    levels = np.arange(256, dtype=np.float32) / 255
    curve = levels ** np.exp(rng.uniform(-0.4, 0.4))
    curve = (curve - 0.5) * rng.uniform(0.6, 1.4) + 0.5 + rng.uniform(-0.15, 0.15)
    out = cv2.LUT(face, np.clip(curve * 255, 0, 255).astype(np.uint8)).astype(np.uint8)
    if rng.random() < 0.3:
        out = np.clip(out * make_side_light(face.shape[0], rng), 0, 255).astype(np.uint8)
    return out


def make_side_light(side: int, rng: Rng) -> Floats:
    """A linear ramp of brightness across the face, in any direction."""
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None]
    return np.asarray(1 + rng.uniform(0, 0.4) * slope, dtype=np.float32)


def add_noise(face: Pixels, rng: Rng) -> Pixels:
    noise = rng.standard_normal(face.shape, dtype=np.float32) * rng.uniform(2, 12)
    return np.clip(face + noise, 0, 255).astype(np.uint8)


def compress_jpeg(face: Pixels, rng: Rng) -> Pixels:
    """Through JPEG and back."""
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def erase_box(face: Pixels, rng: Rng) -> Pixels:
    """A hand, a fringe or a mask: a box of one grey or of noise."""
    side = face.shape[0]
    height, width = (rng.uniform(0.12, 0.45, 2) * side).astype(int)
    top, left = int(rng.integers(0, side - height)), int(rng.integers(0, side - width))
    out = face.copy()
    fill = rng.integers(0, 256, (height, width)) if rng.random() < 0.5 else rng.integers(0, 256)
    out[top : top + height, left : left + width] = fill
    return out
