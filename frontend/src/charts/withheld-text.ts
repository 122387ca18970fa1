import { gettext, interpolate } from "../text";
import type { Change } from "./columns";

const DEFAULT_MIN_GROUP_SIZE = 5;
/** Students who have to open a lesson beyond the smallest group (fer_lms/disclosure/cohort.py). */
export const PRESENT_MARGIN = 3;

/** Minimum group size for class results, from the page's data-smallest-group attribute. */
export function getMinGroupSize(): number {
  const attribute = (globalThis.document as Document | undefined)?.documentElement.dataset[
    "smallestGroup"
  ];
  return Number(attribute ?? DEFAULT_MIN_GROUP_SIZE) || DEFAULT_MIN_GROUP_SIZE;
}

/** Short reason why a value is not shown. */
export function formatWithheld(reason: string | null | undefined): string {
  switch (reason) {
    case "too_few_learners":
      return gettext("too few students");
    case "few_present":
      return gettext("too few students were in the lesson");
    case "withdrawn":
      return gettext("withdrawn");
    case "changed_group":
      return gettext("the group has changed");
    case "earlier_version":
      return gettext("stored by an earlier version");
    case "not_yet":
      return gettext("shown when the lesson is closed");
    case "similar_group":
      return gettext("only differences within the lesson are shown");
    case null:
    case undefined:
      return gettext("not enough visible");
    default:
      return gettext("not shown");
  }
}

/** Reason as a sentence, in the place of a figure. */
export function formatWithheldNote(reason: string | null | undefined): string {
  if (reason === "not_yet") return gettext("Shown when the lesson is closed.");
  return interpolate(gettext("Not shown: %(why)s."), { why: formatWithheld(reason) });
}

/** The same for a step, which students open or leave out. */
export function formatWithheldStep(reason: string): string {
  return reason === "few_present"
    ? gettext("too few students opened this step")
    : formatWithheld(reason);
}

/** Reason as sentences, for the top of a report. */
export function formatWithheldSentence(reason: string): string {
  const n = getMinGroupSize();
  const sentence = getSentences()[reason] ?? gettext("Results are not shown.");
  return interpolate(sentence, { n, more: n + PRESENT_MARGIN });
}

function getSentences(): Record<string, string> {
  return {
    too_few_learners: gettext(
      "No results from the camera: fewer than %(n)s students shared their camera long enough. If there were results, they could identify somebody.",
    ),
    few_present: gettext(
      "No results from the camera: fewer than %(more)s students opened the lesson. In such a small class, results would tell who shares a camera.",
    ),
    withdrawn: gettext(
      "The results of this lesson were withdrawn because a student deleted their data. They are not computed again.",
    ),
    changed_group: gettext(
      "The group has changed since results were shown. No others are shown: comparing them could identify somebody.",
    ),
    earlier_version: gettext(
      "This lesson began under an earlier version of this software. Its results from the camera are not shown.",
    ),
    not_yet: gettext(
      "Results from the camera are shown when the lesson is closed. While it is open, they appear only where a class works at the same time: at least %(more)s students open the lesson in the first ten minutes, and at least %(n)s of them share their camera.",
    ),
    similar_group: gettext(
      "Levels were shown to you before in a lesson that some of these students attended, so only differences within this lesson are shown. Comparing the levels of both lessons could identify somebody.",
    ),
  };
}

/** A value compared with the mean of the whole lesson. */
export function formatChange(change: Change | null | undefined): string {
  switch (change) {
    case "lower":
      return gettext("lower");
    case "similar":
      return gettext("about the same");
    case "higher":
      return gettext("higher");
    default:
      return gettext("unknown");
  }
}
