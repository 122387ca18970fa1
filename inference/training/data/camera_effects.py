"""Effects of cameras and rooms on a grey face: light, motion, compression, distance, occlusion.

Every function maps a uint8 [side, side] face to another of the same side and draws its parameters
from `rng`. Used for the shifted evaluation set (`shift`) and, as an option, in training
(`augment`). Lengths are shares of the side, occluders lie at FER2013's mean eye and mouth positions
(`inference.imaging.alignment`).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.imaging.alignment import EYE_DISTANCE, EYE_MIDDLE
from inference.training.data.dataset import Pixels

Rng = np.random.Generator
Points = NDArray[np.float64]

LOW_LIGHT_MEAN = (40.0, 75.0)
"""Grey level of the darkened face; the pipeline refuses what is darker (`low_light`)."""
LOW_LIGHT_NOISE = (2.0, 7.0)
"""Standard deviation in grey levels, after the camera's gain."""
SIDE_LIGHT = (0.45, 0.85)
"""Change of brightness at the edge of the face."""
MOTION_LENGTH = (0.05, 0.12)
JPEG_QUALITY = (50, 70)
FRAME_FACE_PX = (56, 160)
"""Width of the face in the frame that is compressed."""
SMALL_FACE_PX = (28, 42)
JITTER_DEG, JITTER_SCALE, JITTER_SHIFT = 7.0, 0.09, 0.035
"""Largest deviations of the crop: degrees, logarithm of the scale, share of the side."""
MOUTH = (0.5, 0.77)


def lower_light(face: Pixels, rng: Rng) -> Pixels:
    """Darken the face, with the noise of a camera's gain."""
    noise = rng.normal(0, rng.uniform(*LOW_LIGHT_NOISE), face.shape)
    gain = min(1.0, rng.uniform(*LOW_LIGHT_MEAN) / max(float(face.mean()), 1.0))
    return _clip(face * gain + noise)


def add_off_axis_light(face: Pixels, rng: Rng) -> Pixels:
    """Light the face from one side or from above; the far side gets darker."""
    ramp = np.linspace(-1, 1, face.shape[0])
    angle = rng.uniform(-np.pi, 0.25 * np.pi)  # rarely from below
    slope = np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None]
    return _clip(face * (1 + rng.uniform(*SIDE_LIGHT) * slope))


def blur_motion(face: Pixels, rng: Rng) -> Pixels:
    """Blur along a random direction, as by a movement during the exposure."""
    length = rng.uniform(*MOTION_LENGTH) * face.shape[0]
    size = 2 * int(np.ceil(length / 2)) + 1
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    centre = size // 2
    kernel = np.zeros((size, size), np.float32)
    for step in np.linspace(-1, 1, 4 * size):
        column, row = np.rint(centre + step * reach).astype(int)
        kernel[row, column] += 1
    return cv2.filter2D(face, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE).astype(
        np.uint8
    )


def compress_frame(face: Pixels, rng: Rng) -> Pixels:
    """Compress the face as JPEG at the size that it has in a frame."""
    frame = _resize(face, int(rng.integers(FRAME_FACE_PX[0], FRAME_FACE_PX[1] + 1)))
    quality = int(rng.integers(JPEG_QUALITY[0], JPEG_QUALITY[1] + 1))
    _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return _resize(decoded, face.shape[0])


def shrink(face: Pixels, rng: Rng) -> Pixels:
    """Reduce the face to that of a distant learner, and enlarge it again."""
    small = _resize(face, int(rng.integers(SMALL_FACE_PX[0], SMALL_FACE_PX[1] + 1)))
    return _resize(small, face.shape[0])


def jitter_crop(face: Pixels, rng: Rng) -> Pixels:
    """Turn, scale and shift the crop as an aligner does whose eye positions are inexact."""
    side = face.shape[0]
    scale = np.exp(rng.uniform(-JITTER_SCALE, JITTER_SCALE))
    middle = (EYE_MIDDLE[0] * side - 0.5, EYE_MIDDLE[1] * side - 0.5)
    matrix = cv2.getRotationMatrix2D(middle, rng.uniform(-JITTER_DEG, JITTER_DEG), scale)
    matrix[:, 2] += rng.uniform(-JITTER_SHIFT, JITTER_SHIFT, 2) * side
    return cv2.warpAffine(
        face, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def occlude(face: Pixels, rng: Rng) -> Pixels:
    """Draw glasses, a mask over the chin, a hand or hair."""
    draw = (draw_glasses, draw_low_mask, draw_hand, draw_hair)[int(rng.integers(4))]
    return draw(face, rng)


def draw_glasses(face: Pixels, rng: Rng) -> Pixels:
    """Draw frames with clear, tinted or reflecting lenses."""
    out, side = face.copy(), face.shape[0]
    shade = int(rng.integers(0, 80))
    thickness = max(1, round(side * rng.uniform(0.015, 0.035)))
    axes = (round(side * rng.uniform(0.12, 0.15)), round(side * rng.uniform(0.08, 0.12)))
    lenses = np.zeros(face.shape, np.uint8)
    centres = [_to_pixel(point, side) for point in _get_eyes()]
    for centre in centres:
        cv2.ellipse(lenses, centre, axes, 0, 0, 360, (255,), -1)
    strength, lens = rng.uniform(0, 0.45), int(rng.choice([20, 230]))
    inside = lenses > 0
    out[inside] = _clip(out[inside] * (1 - strength) + lens * strength)
    for centre in centres:
        cv2.ellipse(out, centre, axes, 0, 0, 360, (shade,), thickness)
    left, right = (centres[0][0] + axes[0], centres[0][1]), (centres[1][0] - axes[0], centres[1][1])
    cv2.line(out, left, right, (shade,), thickness)
    return out


def draw_low_mask(face: Pixels, rng: Rng) -> Pixels:
    """Draw a mask or scarf that covers the chin, at most up to the lower lip."""
    top = rng.uniform(0.8, 0.9)
    outline = [(0.06, top + 0.04), (0.5, top), (0.94, top + 0.04), (0.9, 1.05), (0.1, 1.05)]
    return _fill(face, np.array(outline), rng)


def draw_hand(face: Pixels, rng: Rng) -> Pixels:
    """Draw fingers on a cheek or on the chin."""
    side_of_face = rng.choice([-1.0, 1.0])
    root = np.array([0.5 + side_of_face * rng.uniform(0.36, 0.5), rng.uniform(0.75, 1.05)])
    angle = np.arctan2(MOUTH[1] - root[1], MOUTH[0] - root[0]) + rng.uniform(-0.5, 0.5)
    out, side = face.copy(), face.shape[0]
    shade = _draw_skin_level(face, rng)
    for finger in range(int(rng.integers(2, 5))):
        start = root + np.array([0.0, -0.085 * finger])
        end = start + rng.uniform(0.15, 0.28) * np.array([np.cos(angle), np.sin(angle)])
        level = int(np.clip(shade + rng.integers(-14, 15), 0, 255))
        thickness = max(2, round(0.075 * side))
        cv2.line(out, _to_pixel(start, side), _to_pixel(end, side), (level,), thickness)
    return out


def draw_hair(face: Pixels, rng: Rng) -> Pixels:
    """Draw strands from the forehead across a brow, or along a side of the face."""
    out, side = face.copy(), face.shape[0]
    level = int(rng.integers(0, 120))
    root = np.array([rng.uniform(0.1, 0.9), -0.02])
    lean = rng.uniform(-0.35, 0.35)
    for _ in range(int(rng.integers(4, 10))):
        start = root + np.array([rng.uniform(-0.12, 0.12), 0.0])
        end = start + np.array([lean + rng.uniform(-0.08, 0.08), rng.uniform(0.2, 0.5)])
        shade = int(np.clip(level + rng.integers(-20, 21), 0, 255))
        thickness = max(1, round(rng.uniform(0.015, 0.04) * side))
        cv2.line(out, _to_pixel(start, side), _to_pixel(end, side), (shade,), thickness)
    return out


def _draw_skin_level(face: Pixels, rng: Rng) -> int:
    return int(np.clip(np.median(face) + rng.normal(0, 20), 0, 255))


def _fill(face: Pixels, outline: Points, rng: Rng) -> Pixels:
    out, side = face.copy(), face.shape[0]
    level = int(rng.integers(20, 236))
    cv2.fillPoly(out, [np.rint(outline * side - 0.5).astype(np.int32)], (level,))
    return out


def _get_eyes() -> list[Points]:
    middle, reach = np.array(EYE_MIDDLE), np.array([EYE_DISTANCE / 2, 0.0])
    return [middle - reach, middle + reach]


def _to_pixel(point: Points, side: int) -> tuple[int, int]:
    column, row = np.rint(point * side - 0.5).astype(int)
    return int(column), int(row)


def _resize(face: Pixels, side: int) -> Pixels:
    shrinks = side < face.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(face, (side, side), interpolation=method).astype(np.uint8)


def _clip(values: NDArray[np.floating]) -> Pixels:  # type: ignore[type-arg]
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)
