import type * as schema from "../api/schema";
import { type Label, LABELS } from "../reading-text";

/** Values of rows with lower coverage are not shown. */
const MIN_COVERAGE = 0.5;

/** One row of a class's or a learner's timeline. */
export type TimelineRow = Omit<schema.TimelineRow, "withheld"> & { withheld?: string | null };

type Series = (number | null)[];

/** A timeline as columns over lesson minutes; null is a gap. */
export interface Columns {
  minutes: number[];
  engagement: Series;
  coverage: Series;
  expressions: Record<Label, Series>;
  /** Withheld spans in minutes. */
  withheld: { from: number; to: number; reason: string }[];
}

export function buildColumns(rows: TimelineRow[], lessonStart: string): Columns {
  const sorted = [...rows].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  const startMs = Date.parse(lessonStart);
  const stepMs = computeRowInterval(sorted);
  const filled = insertGaps(sorted, stepMs);
  const at = (row: TimelineRow): number => (Date.parse(row.start) + stepMs / 2 - startMs) / 60_000;
  const pick = (value: (row: TimelineRow) => number | null | undefined): Series =>
    filled.map((row) => (hasEnoughCoverage(row) ? (value(row) ?? null) : null));
  return {
    minutes: filled.map(at),
    engagement: pick((row) => row.engagement),
    coverage: filled.map((row) => row.coverage),
    expressions: Object.fromEntries(
      LABELS.map((label) => [label, pick((row) => row.expressions?.[label])]),
    ) as Record<Label, Series>,
    withheld: findWithheldSpans(filled, at, stepMs / 60_000),
  };
}

export function hasEnoughCoverage(row: Pick<TimelineRow, "coverage">): boolean {
  return row.coverage !== null && row.coverage >= MIN_COVERAGE;
}

/** Length of a row in milliseconds: the smallest distance between two rows. */
export function computeRowInterval(rows: TimelineRow[]): number {
  const gaps = rows
    .slice(1)
    .map((row, i) => Date.parse(row.start) - Date.parse(rows[i]?.start ?? row.start));
  const positive = gaps.filter((gap) => gap > 0);
  return positive.length ? Math.min(...positive) : 10_000;
}

/** Inserts an empty row where rows are missing, so that lines break there. */
function insertGaps(rows: TimelineRow[], stepMs: number): TimelineRow[] {
  const filled: TimelineRow[] = [];
  for (const row of rows) {
    const before = filled.at(-1);
    const isGap = before && Date.parse(row.start) - Date.parse(before.start) > 1.5 * stepMs;
    if (isGap) filled.push(buildEmptyRow(Date.parse(before.start) + stepMs));
    filled.push(row);
  }
  return filled;
}

function buildEmptyRow(startMs: number): TimelineRow {
  const start = new Date(startMs).toISOString();
  return { start, coverage: null, engagement: null, expressions: null };
}

function findWithheldSpans(
  rows: TimelineRow[],
  at: (row: TimelineRow) => number,
  stepMinutes: number,
): Columns["withheld"] {
  const stretches: Columns["withheld"] = [];
  for (const row of rows) {
    if (!row.withheld || row.coverage !== null) continue;
    const [from, to] = [at(row) - stepMinutes / 2, at(row) + stepMinutes / 2];
    const last = stretches.at(-1);
    if (last && last.reason === row.withheld && from - last.to < stepMinutes / 2) last.to = to;
    else stretches.push({ from, to, reason: row.withheld });
  }
  return stretches;
}

/** X range in whole minutes. */
export function toWholeMinutes(
  _plot: unknown,
  min: number | null,
  max: number | null,
): [number, number] {
  const from = Math.max(0, Math.floor(min ?? 0));
  return [from, Math.max(Math.ceil(max ?? 0), from + 1)];
}

/** Minimum and maximum; null without values. */
export function computeRange(series: (number | null)[]): { low: number; high: number } | null {
  const known = series.filter((value) => value !== null);
  return known.length ? { low: Math.min(...known), high: Math.max(...known) } : null;
}

/** Indices of values between two gaps, where no line is drawn. */
export function findIsolated(series: (number | null)[]): number[] {
  const known = (at: number): boolean => typeof series[at] === "number";
  return series.flatMap((_, at) => (known(at) && !known(at - 1) && !known(at + 1) ? [at] : []));
}
