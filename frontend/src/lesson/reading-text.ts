import type { Quality } from "../capture/protocol";
import { gettext } from "../text";

export const LABELS = [
  "neutral",
  "happiness",
  "surprise",
  "sadness",
  "anger",
  "disgust",
  "fear",
  "contempt",
] as const;
export type Label = (typeof LABELS)[number];

/** What an expression looks like; nobody knows from this what a person feels. */
export function formatLabel(label: Label): string {
  switch (label) {
    case "neutral":
      return gettext("Neutral");
    case "happiness":
      return gettext("Happy");
    case "surprise":
      return gettext("Surprised");
    case "sadness":
      return gettext("Sad");
    case "anger":
      return gettext("Angry");
    case "disgust":
      return gettext("Disgusted");
    case "fear":
      return gettext("Afraid");
    case "contempt":
      return gettext("Contemptuous");
  }
}

export function formatQuality(quality: Quality): string {
  switch (quality) {
    case "ok":
      return gettext("We can see your face.");
    case "no_face":
      return gettext("We could not see your face.");
    case "many_faces":
      return gettext("There is more than one face in the picture, so nothing was read.");
    case "small_face":
      return gettext("Your face is small in the picture. A little closer, if you like.");
    case "turned_away":
      return gettext("Your face is turned to the side, so nothing was read.");
    case "low_light":
      return gettext("It is dark in the picture. More light on your face helps.");
    case "low_confidence":
      return gettext("We could not see enough to say anything.");
  }
}
