import type { Correction, ObservationWindow, OwnAction } from "../api/schema";
import { hasEnoughCoverage } from "../charts/columns";
import { type Label, LABELS } from "../reading-text";

type Read = Pick<
  ObservationWindow,
  "start" | "coverage" | "engagement" | "expressions" | "correction"
>;

/** One minute of lesson time: what the learner did, the reading and the correction. */
export interface Minute {
  /** Minutes of lesson time, from 0. */
  number: number;
  /** Starts of the windows of this minute; empty where the camera was off. */
  starts: string[];
  actions: OwnAction[];
  engagement: number | null;
  topLabel: Label | null;
  correction: Correction | null;
}

/** Groups windows and actions by minute of lesson time; empty minutes are omitted. */
export function groupByMinute(
  windows: Read[],
  actions: OwnAction[],
  toLessonSeconds: (time: string) => number,
): Minute[] {
  const toMinute = (time: string): number => Math.floor(toLessonSeconds(time) / 60);
  const read = groupBy(windows, ({ start }) => toMinute(start));
  const done = groupBy(actions, ({ at }) => toMinute(at));
  return [...new Set([...read.keys(), ...done.keys()])]
    .sort((a, b) => a - b)
    .map((number) => summariseMinute(number, read.get(number) ?? [], done.get(number) ?? []));
}

function groupBy<Item>(items: Item[], key: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function summariseMinute(number: number, windows: Read[], actions: OwnAction[]): Minute {
  const seen = windows.filter(hasEnoughCoverage);
  const known = seen.flatMap(({ engagement }) => (engagement === null ? [] : [engagement]));
  return {
    number,
    starts: windows.map(({ start }) => start),
    actions,
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
