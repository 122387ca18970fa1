/** Privacy browsers return white, black or random pixels where a page reads a canvas. */
const COLOURS = [
  [0, 0, 0],
  [255, 255, 255],
  [255, 0, 0],
  [0, 0, 255],
] as const;
const SIDE_PX = 4;
/** Some browsers add weak noise, which does no harm. */
const MAX_DIFFERENCE = 40;

/** Draws a known pattern and compares what the browser returns. */
export function isReadbackAltered(): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = COLOURS.length * SIDE_PX;
  canvas.height = SIDE_PX;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return false;
  COLOURS.forEach((colour, at) => {
    context.fillStyle = `rgb(${colour.join()})`;
    context.fillRect(at * SIDE_PX, 0, SIDE_PX, SIDE_PX);
  });
  const data = read(context);
  return COLOURS.some((colour, at) =>
    colour.some((value, band) => {
      const found = data[(at * SIDE_PX + 1) * 4 + band] ?? NaN;
      return !(Math.abs(found - value) <= MAX_DIFFERENCE);
    }),
  );
}

function read(context: CanvasRenderingContext2D): ArrayLike<number> {
  try {
    return context.getImageData(0, 0, COLOURS.length * SIDE_PX, 1).data;
  } catch {
    return [];
  }
}
