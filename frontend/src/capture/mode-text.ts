import { gettext } from "../text";
import type { CaptureMode } from "./frame-encoder";

export function formatMode(mode: CaptureMode): string {
  return mode === "scores"
    ? gettext("Your pictures stay on this device. Only numbers are sent to the school.")
    : gettext(
        "Your pictures are sent to the school's computer. It analyses each one and deletes it at once.",
      );
}

/** For the preview, before anything is sent. */
export function formatModeAfterStart(mode: CaptureMode): string {
  return mode === "scores"
    ? gettext("After you start, your pictures stay on this device. Only numbers are sent.")
    : gettext(
        "After you start, your pictures are sent to the school's computer. It analyses each one and deletes it at once.",
      );
}
