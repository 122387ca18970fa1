import { gettext } from "../text";
import type { CaptureMode } from "./frame-encoder";

export function formatMode(mode: CaptureMode): string {
  return mode === "scores"
    ? gettext("Your pictures stay on this device. Only numbers are sent to the school.")
    : gettext(
        "Your pictures are sent to the school's computer. It analyses each one and deletes it at once.",
      );
}
