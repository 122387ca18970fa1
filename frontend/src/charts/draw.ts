import type uPlot from "uplot";
import type { Columns } from "./columns";
import type { Theme } from "./theme";
import { formatWithheld } from "./withheld-text";

const TEXT_PX = 15;
const HATCH_PX = 9;

/** Hatches withheld spans and draws the reason. */
export function drawWithheld(plot: uPlot, stretches: Columns["withheld"], theme: Theme): void {
  const { ctx, bbox } = plot;
  for (const { from, to, reason } of stretches) {
    const left = Math.max(plot.valToPos(from, "x", true), bbox.left);
    const right = Math.min(plot.valToPos(to, "x", true), bbox.left + bbox.width);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    drawHatching(ctx, left, right, bbox, theme);
    drawTextInside(ctx, formatWithheld(reason), left, right, bbox, theme);
    ctx.restore();
  }
}

function drawHatching(
  ctx: CanvasRenderingContext2D,
  left: number,
  right: number,
  box: uPlot.BBox,
  theme: Theme,
): void {
  const gap = HATCH_PX * devicePixelRatio;
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - box.height; x < right; x += gap) {
    ctx.moveTo(x, box.top + box.height);
    ctx.lineTo(x + box.height, box.top);
  }
  ctx.stroke();
}

function drawTextInside(
  ctx: CanvasRenderingContext2D,
  text: string,
  left: number,
  right: number,
  box: uPlot.BBox,
  theme: Theme,
): void {
  ctx.font = `${TEXT_PX * devicePixelRatio}px ${theme.font}`;
  if (ctx.measureText(text).width + 16 * devicePixelRatio > right - left) return;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  drawTextWithHalo(
    ctx,
    text,
    (left + right) / 2,
    box.top + box.height - 1.4 * TEXT_PX * devicePixelRatio,
    theme.soft,
    theme,
  );
}

/** Draws a series' name at its last point. Returns the label's y in canvas pixels. */
export function drawEndLabel(
  plot: uPlot,
  seriesIndex: number,
  text: string,
  colour: string,
  theme: Theme,
  side: "above" | "below",
  otherLabelY: number | null = null,
): number | null {
  const values = plot.data[seriesIndex] as (number | null)[];
  const last = values.findLastIndex((value) => value !== null);
  const value = values[last];
  if (last < 0 || value === null || value === undefined) return null;
  const scale = devicePixelRatio;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = `bold ${TEXT_PX * scale}px ${theme.font}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  const width = ctx.measureText(text).width;
  const after = plot.valToPos(plot.data[0][last] ?? 0, "x", true) + width;
  const x = Math.min(after + 10 * scale, bbox.left + bbox.width - 6 * scale);
  const y = avoidLabel(findLabelHeight(plot, values, x - width, x, side), otherLabelY, bbox, scale);
  drawTextWithHalo(ctx, text, x, y, colour, theme);
  ctx.restore();
  return y;
}

/** Y above or below the line between `left` and `right`. */
function findLabelHeight(
  plot: uPlot,
  values: (number | null)[],
  left: number,
  right: number,
  side: "above" | "below",
): number {
  const gap = 1.2 * TEXT_PX * devicePixelRatio;
  const heights = values.flatMap((value, at) => {
    const x = plot.valToPos(plot.data[0][at] ?? 0, "x", true);
    const near = value !== null && x >= left - gap && x <= right + gap;
    return near ? [plot.valToPos(value, "y", true)] : [];
  });
  if (heights.length === 0) return plot.bbox.top + gap;
  const above = Math.min(...heights) - gap;
  const below = Math.max(...heights) + gap;
  return side === "above" && above >= plot.bbox.top ? above : below;
}

/** Clamps the label to the plot and avoids the other label. */
function avoidLabel(wanted: number, other: number | null, box: uPlot.BBox, scale: number): number {
  const lowest = box.top + box.height - 14 * scale;
  const y = Math.min(Math.max(wanted, box.top + 12 * scale), lowest);
  return other !== null && Math.abs(y - other) < 22 * scale ? lowest : y;
}

function drawTextWithHalo(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  theme: Theme,
): void {
  ctx.lineWidth = 5 * devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.ground;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}
