import type { Correction, ObservationWindow } from "../api/schema";
import { hasEnoughCoverage } from "../charts/columns";
import { type Label, LABELS } from "../reading-text";

type Read = Pick<
  ObservationWindow,
  "start" | "coverage" | "engagement" | "expressions" | "correction"
>;

/** One minute of lesson time with its reading and correction. */
export interface Minute {
  /** Minutes since the start of the lesson, from 0. */
  number: number;
  starts: string[];
  engagement: number | null;
  topLabel: Label | null;
  correction: Correction | null;
}

/** Groups windows by minute; minutes without windows are omitted. */
export function groupByMinute(windows: Read[], lessonStart: string): Minute[] {
  const began = Date.parse(lessonStart);
  const byMinute = new Map<number, Read[]>();
  for (const window of windows) {
    const number = Math.floor((Date.parse(window.start) - began) / 60_000);
    byMinute.set(number, [...(byMinute.get(number) ?? []), window]);
  }
  return [...byMinute]
    .sort(([a], [b]) => a - b)
    .map(([number, own]) => summariseMinute(number, own));
}

function summariseMinute(number: number, windows: Read[]): Minute {
  const seen = windows.filter(hasEnoughCoverage);
  const known = seen.flatMap(({ engagement }) => (engagement === null ? [] : [engagement]));
  return {
    number,
    starts: windows.map(({ start }) => start),
    engagement: known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null,
    topLabel: findTopLabel(seen),
    correction: windows.find((window) => window.correction)?.correction ?? null,
  };
}

/** Label with the largest share; null without expressions. */
function findTopLabel(windows: Read[]): Label | null {
  const total = (label: Label): number =>
    windows.reduce((sum, { expressions }) => sum + (expressions?.[label] ?? 0), 0);
  const topLabel = LABELS.reduce((best, label) => (total(label) > total(best) ? label : best));
  return total(topLabel) > 0 ? topLabel : null;
}
