"""Corruptions of a face in three severities, to measure robustness (Hendrycks and Dietterich 2019).

Every function maps a uint8 [48, 48] grey face to another, deterministically. Occlusions are placed
at the mean eye and mouth positions of FER2013 (`inference.imaging.alignment`).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.imaging.alignment import EYE_DISTANCE, EYE_MIDDLE
from inference.training.data.dataset import Pixels

Corruption = Callable[[Pixels], Pixels]
SIDE = 48


def clip_to_uint8(values: NDArray[np.floating[Any]]) -> Pixels:
    return np.asarray(np.clip(values, 0, 255), dtype=np.uint8)


def darken(face: Pixels, factor: float) -> Pixels:
    return clip_to_uint8(face * factor)


def brighten(face: Pixels, factor: float) -> Pixels:
    """Multiply the grey levels; bright parts saturate."""
    return clip_to_uint8(face * factor)


def add_side_light(face: Pixels, strength: float) -> Pixels:
    ramp = np.linspace(1 - strength, 1 + strength, face.shape[1], dtype=np.float32)
    return clip_to_uint8(face * ramp[None, :])


def blur(face: Pixels, sigma: float) -> Pixels:
    return cv2.GaussianBlur(face, (0, 0), sigma).astype(np.uint8)


def add_noise(face: Pixels, sigma: float) -> Pixels:
    noise = np.random.default_rng(int(face.sum())).normal(0, sigma, face.shape)
    return clip_to_uint8(face + noise)


def compress_jpeg(face: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def downscale(face: Pixels, side: int) -> Pixels:
    """Downscale to `side` pixels and back, as a small face in a frame."""
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def rotate(face: Pixels, degrees: float) -> Pixels:
    matrix = cv2.getRotationMatrix2D(((SIDE - 1) / 2, (SIDE - 1) / 2), degrees, 1)
    out = cv2.warpAffine(face, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return out.astype(np.uint8)


def add_mask(face: Pixels, share: float) -> Pixels:
    """Draw a mask over the lowest `share` of the face."""
    out = face.copy()
    top = round(SIDE * (1 - share))
    outline = np.array([[4, top + 3], [24, top], [43, top + 3], [40, 47], [8, 47]], np.int32)
    cv2.fillPoly(out, [outline], (200,))
    return out


def add_glasses(face: Pixels, darkness: float) -> Pixels:
    """Draw glasses whose lenses are clear (0) to black (1)."""
    out = face.copy()
    middle, distance = np.array(EYE_MIDDLE) * SIDE, EYE_DISTANCE * SIDE
    eyes = [middle + np.array([s * distance / 2, 0]) for s in (-1, 1)]
    glass = np.zeros(face.shape, np.uint8)
    for eye in eyes:
        centre = (round(eye[0]), round(eye[1]))
        cv2.ellipse(glass, centre, (7, 5), 0, 0, 360, (255,), -1)
        cv2.ellipse(out, centre, (7, 5), 0, 0, 360, (20,), 1)
    cv2.line(
        out,
        (round(middle[0]) - 2, round(middle[1])),
        (round(middle[0]) + 2, round(middle[1])),
        (20,),
        1,
    )
    inside = glass > 0
    out[inside] = (out[inside] * (1 - darkness) + 15 * darkness).astype(np.uint8)
    return out


def _build_severities(
    corrupt: Callable[..., Pixels], **levels: tuple[float, ...]
) -> dict[str, Corruption]:
    (name, values), *_ = levels.items()
    return {f"{value:g}": partial(corrupt, **{name: value}) for value in values}


CORRUPTIONS: dict[str, dict[str, Corruption]] = {
    "darker, times": _build_severities(darken, factor=(0.6, 0.35, 0.2)),
    "brighter, times": _build_severities(brighten, factor=(1.4, 1.8, 2.4)),
    "light from one side, strength": _build_severities(add_side_light, strength=(0.3, 0.6, 0.9)),
    "blur, sigma in pixels": _build_severities(blur, sigma=(0.7, 1.2, 2.0)),
    "noise, sigma in grey levels": _build_severities(add_noise, sigma=(5, 12, 25)),
    "JPEG, quality": _build_severities(compress_jpeg, quality=(50, 20, 8)),
    "mask, share of the face": _build_severities(add_mask, share=(0.25, 0.35, 0.45)),
    "glasses, darkness": _build_severities(add_glasses, darkness=(0.0, 0.5, 1.0)),
    "face, pixels wide": _build_severities(downscale, side=(40, 32, 24)),
    "turned, degrees": _build_severities(rotate, degrees=(10, 20, 35)),
}
"""Name -> severity, from mild to severe -> function."""


def apply_corruption(images: Pixels, corrupt: Corruption) -> Pixels:
    """Corrupt every face of uint8 [N, 48, 48]."""
    return np.stack([corrupt(face) for face in images])
