/** Operations on grey images, bit-exact with OpenCV. */

export interface Grey {
  width: number;
  height: number;
  /** Row-major, 0 to 255. */
  data: Uint8Array;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Luma as OpenCV's cvtColor computes it (Rec. 601). */
export function toGrey(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const data = new Uint8Array(width * height);
  for (let pixel = 0, i = 0; pixel < data.length; pixel++, i += 4)
    data[pixel] =
      (9798 * (rgba[i] ?? 0) + 19235 * (rgba[i + 1] ?? 0) + 3735 * (rgba[i + 2] ?? 0) + 16384) >>
      15;
  return { width, height, data };
}

/** Mean grey level of the part of the box inside the image; 0 outside. */
export function luminance(box: Box, grey: Grey): number {
  const [left, top] = [Math.max(0, Math.trunc(box.x)), Math.max(0, Math.trunc(box.y))];
  const right = Math.min(grey.width, Math.trunc(box.x + box.width));
  const bottom = Math.min(grey.height, Math.trunc(box.y + box.height));
  if (right <= left || bottom <= top) return 0;
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) sum += grey.data[y * grey.width + x] ?? 0;
  return sum / ((right - left) * (bottom - top));
}

/** Pixel value; the edge is replicated outside. */
export function at(grey: Grey, x: number, y: number): number {
  const column = clamped(x, grey.width);
  return grey.data[clamped(y, grey.height) * grey.width + column] ?? 0;
}

function clamped(index: number, count: number): number {
  return index < 0 ? 0 : index >= count ? count - 1 : index;
}

/** Downscales by block means, rounded as OpenCV's INTER_AREA. */
export function averageDown(grey: Grey, times: number): Grey {
  const [width, height] = [grey.width / times, grey.height / times];
  const data = new Uint8Array(width * height);
  const mean = times === 2 ? (sum: number) => (sum + 2) >> 2 : buildRounding(times * times);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let row = 0; row < times; row++)
        for (let column = 0; column < times; column++)
          sum += grey.data[(y * times + row) * grey.width + x * times + column] ?? 0;
      data[y * width + x] = mean(sum);
    }
  return { width, height, data };
}

function buildRounding(count: number): (sum: number) => number {
  return (sum) => roundHalfToEven(sum / count);
}

/** Rounds half to even, as OpenCV. */
export function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const FIXED_POINT_ONE = 2048;

interface Tap {
  from: number;
  to: number;
  first: number;
  second: number;
}

/**
 * Upscales a square image as OpenCV's INTER_LINEAR does; the quantised network is sensitive to
 * single grey levels.
 */
export function resizeBilinear(grey: Grey, side: number): Grey {
  const places = Array.from({ length: side }, (_, at) => computeTap(at, grey.width, side));
  const rows = Array.from({ length: grey.height }, (_, y) =>
    places.map((place) => interpolateRow(grey, y, place)),
  );
  const data = new Uint8Array(side * side);
  for (const [y, { from, to, first, second }] of places.entries()) {
    const [upper, lower] = [rows[clamped(from, rows.length)], rows[clamped(to, rows.length)]];
    for (let x = 0; x < side; x++) {
      const above = (first * ((upper?.[x] ?? 0) >> 4)) >> 16;
      const below = (second * ((lower?.[x] ?? 0) >> 4)) >> 16;
      data[y * side + x] = (above + below + 2) >> 2;
    }
  }
  return { width: side, height: side, data };
}

function computeTap(index: number, count: number, side: number): Tap {
  const place = (index + 0.5) * (count / side) - 0.5;
  const from = Math.floor(place);
  const second = roundHalfToEven((place - from) * FIXED_POINT_ONE);
  return { from, to: from + 1, first: FIXED_POINT_ONE - second, second };
}

function interpolateRow(grey: Grey, y: number, { from, to, first, second }: Tap): number {
  // Outside the edge: replicate it.
  if (from < 0 || to >= grey.width) return FIXED_POINT_ONE * at(grey, from, y);
  return first * at(grey, from, y) + second * at(grey, to, y);
}
