"""Random augmentation of a 48x48 grey face: geometry, light, blur, noise, JPEG, occlusion.

A share of the faces (`camera_share`) is first passed through effects of real cameras and rooms
(`camera_effects`).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.training.data.camera_effects import (
    Rng,
    add_off_axis_light,
    blur_motion,
    compress_frame,
    jitter_crop,
    lower_light,
    occlude,
    shrink,
)
from inference.training.data.dataset import Floats, Pixels

Matrix = NDArray[np.float64]

MAX_ROTATION_DEG = 18.0
SCALE_RANGE = (0.82, 1.22)
MAX_SHIFT = 0.1
"""Share of the side."""
LOW_AUGMENTATION_STRENGTH = 0.3
"""Strength in the last, low-augmentation epochs of a run."""
CAMERA_EFFECTS = (occlude, add_off_axis_light, lower_light, blur_motion, shrink)
EFFECT_PROBABILITY = 0.3


def augment_face(
    face: Pixels, side: int, rng: Rng, strength: float = 1.0, camera_share: float = 0.0
) -> Pixels:
    """Augment a face.

    Args:
        face: uint8 [48, 48].
        side: of the result, in pixels.
        rng: draws every parameter.
        strength: 0..1; scales the geometric changes and the probability of all others.
        camera_share: probability of `apply_camera_effects`; 0 draws nothing.

    Returns:
        uint8 [side, side].
    """
    if camera_share and rng.random() < camera_share:
        face = apply_camera_effects(face, rng)
    out = apply_random_affine(face, side, rng, strength)
    probability = 0.2 * strength
    if rng.random() < 0.7 * strength:
        out = change_lighting(out, rng)
    if rng.random() < probability:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 1.2) * side / 48).astype(np.uint8)
    if rng.random() < probability:
        out = add_noise(out, rng)
    if rng.random() < probability:
        out = compress_jpeg(out, rng)
    if rng.random() < probability:
        out = erase_box(out, rng)
    return out


def apply_camera_effects(face: Pixels, rng: Rng) -> Pixels:
    """Apply each effect of `CAMERA_EFFECTS` with probability `EFFECT_PROBABILITY`, in their order.

    The compression of a frame and the aligner's jitter come last, and always, as for live faces.
    """
    for effect in CAMERA_EFFECTS:
        if rng.random() < EFFECT_PROBABILITY:
            face = effect(face, rng)
    return jitter_crop(compress_frame(face, rng), rng)


def apply_random_affine(face: Pixels, side: int, rng: Rng, strength: float = 1.0) -> Pixels:
    """Flip, rotate, scale, stretch and shift; fill the outside with grey or the border pixels.

    Aligned live crops reach beyond the frame, hence the fills. Half of the results are computed at
    the source's size and then enlarged, which blurs them as the alignment blurs live faces.
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
    """Draw an affine matrix [2, 3] about the centre, from `source` to `target` pixels a side."""
    zoom = target / source
    scale = np.exp(rng.uniform(*np.log(SCALE_RANGE)) * strength) * zoom
    degrees = np.clip(rng.normal(0, MAX_ROTATION_DEG / 2), -MAX_ROTATION_DEG, MAX_ROTATION_DEG)
    angle = np.deg2rad(degrees) * strength
    stretch = np.exp(rng.uniform(-0.08, 0.08) * strength)
    linear = np.array(
        [
            [np.cos(angle) * scale * stretch, -np.sin(angle) * scale],
            [np.sin(angle) * scale, np.cos(angle) * scale / stretch],
        ]
    )
    shift = rng.uniform(-MAX_SHIFT, MAX_SHIFT, 2) * target * strength
    centre = np.full(2, (source - 1) / 2)
    offset = np.full(2, (target - 1) / 2) + shift - linear @ centre
    return np.hstack([linear, offset[:, None]])


def resize_face(face: Pixels, side: int) -> Pixels:
    """Resize to [side, side] as `inference.expressions` does."""
    if face.shape[0] == side:
        return face
    return cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def change_lighting(face: Pixels, rng: Rng) -> Pixels:
    """Change gain, offset and gamma; add side light to 30 % of the faces."""
    levels = np.arange(256, dtype=np.float32) / 255
    curve = levels ** np.exp(rng.uniform(-0.4, 0.4))
    curve = (curve - 0.5) * rng.uniform(0.6, 1.4) + 0.5 + rng.uniform(-0.15, 0.15)
    out = cv2.LUT(face, np.clip(curve * 255, 0, 255).astype(np.uint8)).astype(np.uint8)
    if rng.random() < 0.3:
        out = np.clip(out * make_side_light(face.shape[0], rng), 0, 255).astype(np.uint8)
    return out


def make_side_light(side: int, rng: Rng) -> Floats:
    """Return float32 [side, side]: a linear brightness ramp in a random direction."""
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None]
    return np.asarray(1 + rng.uniform(0, 0.4) * slope, dtype=np.float32)


def add_noise(face: Pixels, rng: Rng) -> Pixels:
    noise = rng.standard_normal(face.shape, dtype=np.float32) * rng.uniform(2, 12)
    return np.clip(face + noise, 0, 255).astype(np.uint8)


def compress_jpeg(face: Pixels, rng: Rng) -> Pixels:
    """Encode and decode as JPEG with quality 25 to 89."""
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def erase_box(face: Pixels, rng: Rng) -> Pixels:
    """Fill a random box with one grey level or with noise (random erasing, arXiv 1708.04896)."""
    side = face.shape[0]
    height, width = (rng.uniform(0.12, 0.45, 2) * side).astype(int)
    top, left = int(rng.integers(0, side - height)), int(rng.integers(0, side - width))
    out = face.copy()
    fill = rng.integers(0, 256, (height, width)) if rng.random() < 0.5 else rng.integers(0, 256)
    out[top : top + height, left : left + width] = fill
    return out
