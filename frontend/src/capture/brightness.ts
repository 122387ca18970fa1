import { gettext } from "../text";

export type Light = "dark" | "good" | "bright";

/** Mean luma (0 to 255, Rec. 601) of RGBA pixels. */
export function computeMeanLuma(rgba: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i + 3 < rgba.length; i += 4)
    sum += 0.299 * (rgba[i] ?? 0) + 0.587 * (rgba[i + 1] ?? 0) + 0.114 * (rgba[i + 2] ?? 0);
  return rgba.length ? sum / (rgba.length / 4) : 0;
}

export function classifyLight(luma: number): Light {
  if (luma < 55) return "dark";
  return luma > 215 ? "bright" : "good";
}

export function formatLightAdvice(light: Light): string {
  if (light === "dark") return gettext("It is too dark. Put a lamp in front of you.");
  if (light === "bright") return gettext("It is too bright. Turn away from the window or lamp.");
  return gettext("The light is good.");
}
