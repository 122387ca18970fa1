import { CROP_SIDE, EYE_DISTANCE, EYE_MIDDLE_X, EYE_MIDDLE_Y, MAX_OVERSAMPLING } from "./limits";
import { at, averageDown, type Grey, roundHalfToEven } from "./pixels";

export interface Point {
  x: number;
  y: number;
}

/** Eye centers: left in the image first. */
export type Eyes = [Point, Point];

/** Aligned 48x48 face crop; the same as inference/imaging/alignment.py. */
export function alignCrop(grey: Grey, [left, right]: Eyes): Grey {
  const across = { x: right.x - left.x, y: right.y - left.y };
  const side = Math.max(Math.hypot(across.x, across.y), 1e-3) / EYE_DISTANCE;
  const oversampling = Math.min(MAX_OVERSAMPLING, Math.max(1, Math.round(side / CROP_SIDE)));
  const size = CROP_SIDE * oversampling;
  const cut = warpAffine(grey, size, size / side, Math.atan2(across.y, across.x), {
    x: (left.x + right.x) / 2,
    y: (left.y + right.y) / 2,
  });
  return oversampling > 1 ? averageDown(cut, oversampling) : cut;
}

/** Rotates and scales around the middle of the eyes; bit-exact with OpenCV's warpAffine. */
function warpAffine(grey: Grey, size: number, scale: number, angle: number, eyes: Point): Grey {
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  // Pixel centers are at half-integers.
  const [right, down] = [EYE_MIDDLE_X * size - 0.5, EYE_MIDDLE_Y * size - 0.5];
  const startX = eyes.x - cos * right + sin * down;
  const startY = eyes.y - sin * right - cos * down;
  const data = new Uint8Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      data[y * size + x] = interpolateBilinear(
        grey,
        toFixedPoint(-sin * y + startX, cos * x),
        toFixedPoint(cos * y + startY, sin * x),
      );
  return { width: size, height: size, data };
}

/** Coordinate in 1/32 pixel; both terms are rounded separately, as in OpenCV. */
function toFixedPoint(row: number, column: number): number {
  return (roundHalfToEven(row * 1024) + 16 + roundHalfToEven(column * 1024)) >> 5;
}

/** Bilinear interpolation at coordinates in 1/32 pixel. */
function interpolateBilinear(grey: Grey, x: number, y: number): number {
  const [left, top, right, down] = [x >> 5, y >> 5, x & 31, y & 31];
  const upper = at(grey, left, top) * (32 - right) + at(grey, left + 1, top) * right;
  const lower = at(grey, left, top + 1) * (32 - right) + at(grey, left + 1, top + 1) * right;
  return (upper * (32 - down) + lower * down + 512) >> 10;
}
