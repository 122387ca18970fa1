import { gettext } from "../text";
import type { CaptureMode } from "./frame-maker";

/** The plain sentence that says which way is on. */
export function modeWords(mode: CaptureMode): string {
  return mode === "scores"
    ? gettext("Your pictures stay on this device. Only numbers go to the school's computer.")
    : gettext(
        "Your pictures go to the school's computer, which looks at each for a moment and throws it away.",
      );
}
