/** One sentence for each picture of a report, from the figures that it shows. */
import type { StepRow, TimelineRow } from "../api/schema";
import { isShown } from "../charts/columns";
import { formatMinuteSpan } from "../charts/lesson-time";
import type { Share } from "../charts/share-bars";
import { formatNameList, formatPercent, gettext, interpolate } from "../text";
import { formatShare, invert } from "./steps-table";

/** When the class was lowest, or lower than in the whole lesson. */
export function summariseTimeline(rows: TimelineRow[], rowSeconds: number): string {
  const shown = rows.filter(isShown);
  const span = (row: TimelineRow): string => formatMinuteSpan(row.start, rowSeconds);
  if (shown.some(({ change }) => change !== null)) {
    const lower = shown.filter(({ change }) => change === "lower").map(span);
    return lower.length
      ? interpolate(gettext("Lower than in the whole lesson in minutes %(spans)s."), {
          spans: formatNameList(lower),
        })
      : gettext("Never clearly lower than in the whole lesson.");
  }
  const known = shown.filter((row) => row.engagement !== null);
  const values = known.map(({ engagement }) => engagement ?? 0);
  if (values.length === 0) return "";
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (high - low < 0.05)
    return interpolate(gettext("About the same all the time (%(value)s)."), {
      value: formatPercent(low),
    });
  const lowest = known.filter(({ engagement }) => engagement === low).map(span);
  return interpolate(
    gettext("Lowest in minutes %(spans)s (%(low)s), at most %(high)s at other times."),
    { spans: formatNameList(lowest), low: formatPercent(low), high: formatPercent(high) },
  );
}

/** The two largest shares. */
export function summariseShares(shares: Share[]): string {
  const known = shares.filter(({ share }) => share !== null);
  const [first, second] = [...known].sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
  if (!first || !second) return "";
  return interpolate(gettext("Largest: %(first)s, then %(second)s."), {
    first: `${first.text} (${formatPercent(first.share ?? 0)})`,
    second: `${second.text} (${formatPercent(second.share ?? 0)})`,
  });
}

/** The step that stands out in each column, where one does. */
export function summariseSteps(steps: StepRow[]): string {
  const hard = findPeak(steps, (step) => step.self_reports?.hard ?? null);
  const asked = findPeak(steps, (step) => step.asked_for_hint);
  const wrong = findPeak(steps, (step) => invert(step.right_at_first));
  const fill = (text: string, { position, value }: Peak): string =>
    interpolate(text, { n: position, share: formatShare(value) });
  return [
    hard && fill(gettext("Rated hard most: step %(n)s (%(share)s)."), hard),
    asked && fill(gettext("Most hints asked for: step %(n)s (%(share)s)."), asked),
    wrong &&
      fill(gettext("Fewest right at first try: step %(n)s (%(share)s)."), {
        ...wrong,
        value: 1 - wrong.value,
      }),
  ]
    .filter((sentence) => sentence !== null)
    .join(" ");
}

interface Peak {
  position: number;
  value: number;
}

/** The one step with the largest value; null where several have it, or only one has a value. */
function findPeak(steps: StepRow[], read: (step: StepRow) => number | null): Peak | null {
  const known = steps.flatMap((step) => {
    const value = read(step);
    return value === null ? [] : [{ position: step.position, value }];
  });
  const [first, second] = known.sort((a, b) => b.value - a.value);
  return first && second && first.value - second.value > 0.001 ? first : null;
}
