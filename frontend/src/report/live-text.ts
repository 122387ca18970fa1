import type { Live, LiveStep } from "../api/schema";
import { getMinGroupSize, PRESENT_MARGIN } from "../charts/withheld-text";
import { formatTime, gettext, interpolate } from "../text";

/** Where the class is, in one sentence; or why that is not shown. */
export function formatPlace(live: Live): string {
  if (live.withheld !== null || live.first_step === null) return formatWithheldLive(live.withheld);
  const most = live.steps.find(({ on_step }) => on_step === "most");
  if (most) return fillStep(gettext("Most students are on step %(n)s: %(title)s."), most);
  const step = live.steps.find(({ position }) => position === live.first_step);
  if (step && live.first_step === live.last_step)
    return fillStep(gettext("The middle of the class is on step %(n)s: %(title)s."), step);
  const text = gettext("The middle of the class is between step %(first)s and step %(last)s.");
  return interpolate(text, { first: live.first_step, last: live.last_step ?? "" });
}

export function formatStuck(step: LiveStep): string {
  return fillStep(gettext("Several students may be stuck on step %(n)s."), step);
}

export function formatAskedSentence(step: LiveStep): string {
  const text =
    step.asked_for_hint === "most"
      ? gettext("Most students asked for a hint on step %(n)s.")
      : gettext("Several students asked for a hint on step %(n)s.");
  return fillStep(text, step);
}

/** Part of the class that is on a step now; null for groups that are too small. */
export function formatOnStep(part: LiveStep["on_step"]): string | null {
  switch (part) {
    case "most":
      return gettext("most students");
    case "half":
      return gettext("about half of the students");
    case "some":
      return gettext("some students");
    case null:
      return null;
  }
}

export function formatAsked(asked: LiveStep["asked_for_hint"]): string | null {
  if (asked === null) return null;
  return asked === "most" ? gettext("most students") : gettext("several students");
}

/** What a dash in place of a group means. */
export function formatSmallGroups(): string {
  return interpolate(gettext("– means: fewer than %(n)s students, which is not shown."), {
    n: getMinGroupSize(),
  });
}

export function formatReleasedAt(live: Live, seconds: number): string {
  if (!live.released_at) return "";
  return interpolate(
    gettext(
      "As of %(time)s, updated every %(seconds)s seconds, from what students do; no camera is used.",
    ),
    { time: formatTime(live.released_at), seconds },
  );
}

function formatWithheldLive(reason: Live["withheld"]): string {
  if (reason === "withdrawn")
    return gettext("Not shown: a student's data was deleted after results had been shown.");
  if (reason === "not_yet") return gettext("Shown shortly after the first students come.");
  return interpolate(
    gettext(
      "Fewer than %(n)s students are in the lesson now. With so few, this could tell about a single student, so it is not shown.",
    ),
    { n: getMinGroupSize() + PRESENT_MARGIN },
  );
}

function fillStep(text: string, { position, title }: LiveStep): string {
  return interpolate(text, { n: position, title });
}
