/** Grey pictures, and the few operations on them that the reading needs. Pure. */

export interface Grey {
  width: number;
  height: number;
  /** Row by row, 0 to 255. */
  data: Uint8Array;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Luma as OpenCV makes it of a colour picture (Rec. 601). */
export function greyOf(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const data = new Uint8Array(width * height);
  for (let pixel = 0, i = 0; pixel < data.length; pixel++, i += 4)
    data[pixel] =
      (9798 * (rgba[i] ?? 0) + 19235 * (rgba[i + 1] ?? 0) + 3735 * (rgba[i + 2] ?? 0) + 16384) >>
      15;
  return { width, height, data };
}

/** Mean grey level of the part of the box that lies in the picture; 0 where none does. */
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

/** The value between four pixels; what lies outside repeats the edge. */
export function between(grey: Grey, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const upper = at(grey, left, top) * (1 - right) + at(grey, left + 1, top) * right;
  const lower = at(grey, left, top + 1) * (1 - right) + at(grey, left + 1, top + 1) * right;
  return upper * (1 - down) + lower * down;
}

function at(grey: Grey, x: number, y: number): number {
  const column = x < 0 ? 0 : x >= grey.width ? grey.width - 1 : x;
  const row = y < 0 ? 0 : y >= grey.height ? grey.height - 1 : y;
  return grey.data[row * grey.width + column] ?? 0;
}

/** Each pixel the mean of a block of `times` by `times`. */
export function averagedDown(grey: Grey, times: number): Grey {
  const [width, height] = [grey.width / times, grey.height / times];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let row = 0; row < times; row++)
        for (let column = 0; column < times; column++)
          sum += grey.data[(y * times + row) * grey.width + x * times + column] ?? 0;
      data[y * width + x] = Math.round(sum / (times * times));
    }
  return { width, height, data };
}

/** A square picture enlarged to `side`, as the training did it. */
export function enlarged(grey: Grey, side: number): Grey {
  const step = grey.width / side;
  const data = new Uint8Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      data[y * side + x] = Math.round(
        between(grey, (x + 0.5) * step - 0.5, (y + 0.5) * step - 0.5),
      );
  return { width: side, height: side, data };
}
