import type { Quality } from "./capture/protocol";
import { gettext } from "./text";

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
      return gettext("Your face is not visible.");
    case "many_faces":
      return gettext("There is more than one face in the picture, so it is not used.");
    case "small_face":
      return gettext("Your face is too small in the picture. Move closer.");
    case "cut_off":
      return gettext("A part of your face is outside the picture. Move to the middle.");
    case "turned_away":
      return gettext("Your face is turned away, so the picture is not used.");
    case "low_light":
      return gettext("The picture is too dark. Turn on a light.");
    case "low_confidence":
      return gettext("The picture is not clear enough.");
  }
}
