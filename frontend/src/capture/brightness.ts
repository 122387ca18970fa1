import { gettext } from "../text";

export type Light = "dark" | "good" | "bright" | "empty";

const MIN_LUMA = 12;
/** Between the brightest and the darkest pixel: a picture of anything has more. */
const MIN_SPREAD = 6;

/** Light of RGBA pixels, by their mean luma (0 to 255, Rec. 601). */
export function classifyLight(rgba: Uint8ClampedArray): Light {
  let [sum, least, most] = [0, 255, 0];
  for (let i = 0; i + 3 < rgba.length; i += 4) {
    const luma = 0.299 * (rgba[i] ?? 0) + 0.587 * (rgba[i + 1] ?? 0) + 0.114 * (rgba[i + 2] ?? 0);
    sum += luma;
    [least, most] = [Math.min(least, luma), Math.max(most, luma)];
  }
  const mean = sum / (rgba.length / 4);
  if (most - least < MIN_SPREAD || mean < MIN_LUMA) return "empty";
  if (mean < 55) return "dark";
  return mean > 215 ? "bright" : "good";
}

export function formatLightAdvice(light: Light): string {
  switch (light) {
    case "empty":
      return gettext(
        "The picture is empty. Open the cover of the camera, or choose another camera.",
      );
    case "dark":
      return gettext("It is too dark. Put a lamp in front of you.");
    case "bright":
      return gettext("It is too bright. Turn away from the window or lamp.");
    case "good":
      return gettext("The light is good.");
  }
}
