import { gettext } from "../text";
import type { CaptureMode } from "./frame-encoder";

/** The plain sentence that says which way is on. */
export function formatMode(mode: CaptureMode): string {
  return mode === "scores"
    ? gettext("Your pictures stay on this device. Only numbers go to the school's computer.")
    : gettext(
        "Your pictures go to the school's computer, which looks at each for a moment and throws it away.",
      );
}
