import type { ConsentTextForm, NamedSupporter, PermissionEnum } from "../../api/schema";
import type { CaptureMode } from "../../capture/frame-encoder";
import { formatNameList, gettext, interpolate } from "../../text";
import { listRequiredPermissions } from "./permissions";

export const PERMISSIONS: PermissionEnum[] = [
  "capture",
  "server_processing",
  "own_view",
  "support_view",
  "research",
];

/** One question: pictogram, heading and two lines. */
export interface Question {
  symbol: string;
  heading: string;
  body: string;
}

/**
 * The questions in their order: those the camera needs first, research only where the policy
 * permits it, the support view only with a support person.
 */
export function listQuestions(
  mode: CaptureMode,
  asked: { research: boolean; support: boolean },
): PermissionEnum[] {
  const required = listRequiredPermissions(mode);
  return PERMISSIONS.filter(
    (grant) =>
      required.includes(grant) ||
      grant === "own_view" ||
      (grant === "research" && asked.research) ||
      (grant === "support_view" && asked.support),
  );
}

/** The question in the words of the consent text, else in the page's own. */
export function getQuestion(text: ConsentTextForm | null, grant: PermissionEnum): Question {
  const written = text?.questions?.find(({ permission }) => permission === grant);
  return written ?? getDefaultQuestion(grant);
}

/** Names the persons whom the support view is for. */
export function formatNamedSupporters(supporters: NamedSupporter[]): string {
  const names = formatNameList(supporters.map(({ name }) => name));
  return interpolate(gettext("Support person: %(names)s."), { names });
}

function getDefaultQuestion(grant: PermissionEnum): Question {
  switch (grant) {
    case "capture":
      return {
        symbol: "camera",
        heading: gettext("May this lesson use your camera?"),
        body: gettext("You can pause or stop the camera at any time."),
      };
    case "server_processing":
      return {
        symbol: "screen",
        heading: gettext("May the school's computer look at the pictures?"),
        body: gettext("A program looks at each picture for a moment and deletes it."),
      };
    case "own_view":
      return {
        symbol: "look",
        heading: gettext("Do you want to see the computer's guesses?"),
        body: gettext("They appear beside the lesson while you work. They are often wrong."),
      };
    case "support_view":
      return {
        symbol: "person",
        heading: gettext("May your support person see your numbers?"),
        body: gettext("You can stop sharing at any time."),
      };
    case "research":
      return {
        symbol: "chart",
        heading: gettext("May your numbers be used for research?"),
        body: gettext("They are used to study how well this tool works."),
      };
  }
}

/** What a learner agreed to, for the list of the answers. */
export function formatPermission(grant: PermissionEnum): string {
  switch (grant) {
    case "capture":
      return gettext("Use my camera in this lesson");
    case "server_processing":
      return gettext("The school's computer looks at the pictures");
    case "own_view":
      return gettext("Show me the computer's guesses");
    case "support_view":
      return gettext("My support person sees my numbers");
    case "research":
      return gettext("Research with my numbers");
  }
}
