import { gettext, interpolate } from "../text";

const DEFAULT_MIN_GROUP_SIZE = 5;

/** Minimum group size for class results, from the page's data-smallest-group attribute. */
export function getMinGroupSize(): number {
  const attribute = (globalThis.document as Document | undefined)?.documentElement.dataset[
    "smallestGroup"
  ];
  return Number(attribute ?? DEFAULT_MIN_GROUP_SIZE) || DEFAULT_MIN_GROUP_SIZE;
}

/** Short reason why a value is not shown. */
export function formatWithheld(reason: string | null | undefined): string {
  if (reason === "too_few_learners")
    return interpolate(gettext("fewer than %(n)s students"), { n: getMinGroupSize() });
  if (reason === "withdrawn") return gettext("withdrawn");
  if (!reason || reason === "not_enough_seen") return gettext("not enough visible");
  return gettext("not shown");
}

/** Reason as a sentence, for the top of a report. */
export function formatWithheldSentence(reason: string): string {
  if (reason === "too_few_learners") return formatTooFew(getMinGroupSize());
  if (reason === "not_enough_seen")
    return gettext("No results: faces were visible for less than half of the time.");
  if (reason === "withdrawn")
    return gettext(
      "The results of this lesson were withdrawn because a student deleted their data. They are not computed again.",
    );
  return gettext("Results are not shown.");
}

function formatTooFew(smallest: number): string {
  const text = gettext(
    "Fewer than %(n)s students used the camera: not shown, so that nobody can be identified. Results appear some minutes after %(n)s students take part.",
  );
  return interpolate(text, { n: smallest });
}
