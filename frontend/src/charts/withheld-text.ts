import { gettext, interpolate } from "../text";

const DEFAULT_MIN_GROUP_SIZE = 5;

/** Under how many learners class figures are withheld here; the page says it on its root. */
export function getMinGroupSize(): number {
  const said = (globalThis.document as Document | undefined)?.documentElement.dataset[
    "smallestGroup"
  ];
  return Number(said ?? DEFAULT_MIN_GROUP_SIZE) || DEFAULT_MIN_GROUP_SIZE;
}

/** Why a figure is not shown, short enough to stand in its place. */
export function formatWithheld(reason: string | null | undefined): string {
  if (reason === "too_few_learners")
    return interpolate(gettext("fewer than %(n)s students"), { n: getMinGroupSize() });
  if (reason === "withdrawn") return gettext("withdrawn");
  if (!reason || reason === "not_enough_seen") return gettext("not enough could be seen");
  return gettext("not shown");
}

/** The same in whole sentences, for the top of a report. */
export function formatWithheldSentence(reason: string): string {
  if (reason === "too_few_learners") return formatTooFew(getMinGroupSize());
  if (reason === "not_enough_seen")
    return gettext(
      "Figures are withheld: less than half of the time could be seen, which is not enough to say anything.",
    );
  if (reason === "withdrawn")
    return gettext(
      "The figures of this lesson were withdrawn, because somebody who was in them had theirs deleted. They are not made again without them.",
    );
  return gettext("Figures are withheld.");
}

function formatTooFew(smallest: number): string {
  const words = gettext(
    "Figures are withheld: fewer than %(n)s students shared their camera. With so few, somebody could be picked out. When there are %(n)s, the figures appear here some minutes later.",
  );
  return interpolate(words, { n: smallest });
}
