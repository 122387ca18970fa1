import { gettext } from "../text";

/** Camera status shown to the learner, derived from the media track itself. */
export type CameraStatus = "off" | "preview" | "starting" | "on" | "paused" | "reconnecting";

export interface StatusInputs {
  /** Whether a camera track is live. */
  live: boolean;
  /** Whether the learner started the camera and did not stop it. */
  wanted: boolean;
  paused: boolean;
  linkOpen: boolean;
}

export function computeStatus({ live, wanted, paused, linkOpen }: StatusInputs): CameraStatus {
  if (live) {
    if (!wanted) return "preview";
    return linkOpen ? "on" : "reconnecting";
  }
  if (!wanted) return "off";
  return paused ? "paused" : "starting";
}

export function formatStatus(sign: CameraStatus): string {
  switch (sign) {
    case "on":
      return gettext("Camera on");
    case "preview":
      return gettext("Camera on, not sending");
    case "starting":
      return gettext("Camera is starting");
    case "paused":
      return gettext("Camera paused");
    case "reconnecting":
      return gettext("Camera on, reconnecting");
    case "off":
      return gettext("Camera off");
  }
}
