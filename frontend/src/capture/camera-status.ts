import { gettext } from "../text";

/** Camera status shown to the learner, derived from the media track and the frames that arrived. */
export type CameraStatus =
  "off" | "preview" | "starting" | "on" | "paused" | "reconnecting" | "stalled";

/** Whether frames were acknowledged lately: not yet, yes, or not any more. */
export type Flow = "waiting" | "flowing" | "stalled";

export interface StatusInputs {
  /** Whether a camera track is live. */
  live: boolean;
  /** Whether the learner started the camera and did not stop it. */
  wanted: boolean;
  paused: boolean;
  linkOpen: boolean;
  flow: Flow;
}

export function computeStatus({
  live,
  wanted,
  paused,
  linkOpen,
  flow,
}: StatusInputs): CameraStatus {
  if (live) {
    if (!wanted) return "preview";
    if (!linkOpen) return "reconnecting";
    return flow === "flowing" ? "on" : flow === "stalled" ? "stalled" : "starting";
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
    case "stalled":
      return gettext("Camera on, not working");
    case "off":
      return gettext("Camera off");
  }
}
