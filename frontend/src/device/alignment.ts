import { CROP_SIDE, EYE_DISTANCE, EYE_MIDDLE_X, EYE_MIDDLE_Y, MAX_OVERSAMPLING } from "./limits";
import { averagedDown, between, type Grey } from "./pixels";

export interface Point {
  x: number;
  y: number;
}

/** The eye on the left of the picture, then the other. */
export type Eyes = [Point, Point];

/**
 * The face upright, its eyes where the network learned them: 48 by 48 pixels, as
 * inference/alignment.py cuts it.
 */
export function alignedCrop(grey: Grey, [left, right]: Eyes): Grey {
  const across = { x: right.x - left.x, y: right.y - left.y };
  const side = Math.max(Math.hypot(across.x, across.y), 1e-3) / EYE_DISTANCE;
  const oversampling = Math.min(MAX_OVERSAMPLING, Math.max(1, Math.round(side / CROP_SIDE)));
  const size = CROP_SIDE * oversampling;
  const cut = turned(grey, size, size / side, Math.atan2(across.y, across.x), {
    x: (left.x + right.x) / 2,
    y: (left.y + right.y) / 2,
  });
  return oversampling > 1 ? averagedDown(cut, oversampling) : cut;
}

/** `size` by `size` pixels around the middle of the eyes, turned by `angle`, `scale` times as fine. */
function turned(grey: Grey, size: number, scale: number, angle: number, eyes: Point): Grey {
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const data = new Uint8Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      // Pixel centres lie at half numbers in fractions of a picture.
      const right = x - (EYE_MIDDLE_X * size - 0.5);
      const down = y - (EYE_MIDDLE_Y * size - 0.5);
      const value = between(
        grey,
        thirtySeconds(eyes.x + cos * right - sin * down),
        thirtySeconds(eyes.y + sin * right + cos * down),
      );
      data[y * size + x] = Math.round(value);
    }
  return { width: size, height: size, data };
}

/** OpenCV looks between pixels in steps of a thirty-second. */
function thirtySeconds(value: number): number {
  return Math.round(value * 32) / 32;
}
