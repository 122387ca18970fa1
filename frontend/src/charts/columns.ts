import { type Label, LABELS } from "../reading-text";

/** Values of windows with lower coverage are not shown. */
const MIN_COVERAGE = 0.5;
const DEFAULT_ROW_SECONDS = 10;

/** A value compared with the mean of the whole lesson. */
export type Change = "lower" | "similar" | "higher";

/** One row of a class's or a learner's timeline. */
export interface TimelineRow {
  /** Seconds since the start of the lesson. */
  start: number;
  engagement: number | null;
  expressions: Record<string, number> | null;
  /** Of a learner's windows; a class has one coverage for the whole lesson. */
  coverage?: number | null;
  change?: Change | null;
  withheld?: string | null;
}

type Series = (number | null)[];

/** A timeline as columns over lesson minutes; null is a gap. */
export interface Columns {
  minutes: number[];
  rowMinutes: number;
  engagement: Series;
  /** Null for a class. */
  coverage: Series | null;
  /** Null where levels are released. */
  change: (Change | null)[] | null;
  expressions: Record<Label, Series>;
  /** Withheld spans in minutes. */
  withheld: { from: number; to: number; reason: string }[];
}

export function buildColumns(
  rows: TimelineRow[],
  rowSeconds: number = computeRowInterval(rows),
): Columns {
  const sorted = [...rows].sort((a, b) => a.start - b.start);
  const filled = insertGaps(sorted, rowSeconds);
  const shown = filled.map((row) => (isShown(row) ? row : null));
  const isRelative = rows.some(({ change }) => change);
  const hasCoverage = rows.some(({ coverage }) => typeof coverage === "number");
  return {
    minutes: filled.map(({ start }) => (start + rowSeconds / 2) / 60),
    rowMinutes: rowSeconds / 60,
    engagement: shown.map((row) => row?.engagement ?? null),
    coverage: hasCoverage ? filled.map(({ coverage }) => coverage ?? null) : null,
    change: isRelative ? shown.map((row) => row?.change ?? null) : null,
    expressions: Object.fromEntries(
      LABELS.map((label) => [label, shown.map((row) => row?.expressions?.[label] ?? null)]),
    ) as Record<Label, Series>,
    withheld: findWithheldSpans(filled, rowSeconds),
  };
}

export function hasEnoughCoverage(row: { coverage: number }): boolean {
  return row.coverage >= MIN_COVERAGE;
}

/** Whether a row's values are shown: released, and seen for long enough. */
export function isShown({ withheld, coverage }: TimelineRow): boolean {
  return !withheld && (coverage === undefined || coverage === null || coverage >= MIN_COVERAGE);
}

/** Length of a row in seconds: the smallest distance between two rows. */
export function computeRowInterval(rows: { start: number }[]): number {
  const starts = rows.map(({ start }) => start).sort((a, b) => a - b);
  const gaps = starts.slice(1).map((start, at) => start - (starts[at] ?? start));
  const positive = gaps.filter((gap) => gap > 0);
  return positive.length ? Math.min(...positive) : DEFAULT_ROW_SECONDS;
}

/** Inserts an empty row where rows are missing, so that lines break there. */
function insertGaps(rows: TimelineRow[], rowSeconds: number): TimelineRow[] {
  const filled: TimelineRow[] = [];
  for (const row of rows) {
    const before = filled.at(-1);
    if (before && row.start - before.start > 1.5 * rowSeconds)
      filled.push({ start: before.start + rowSeconds, engagement: null, expressions: null });
    filled.push(row);
  }
  return filled;
}

function findWithheldSpans(rows: TimelineRow[], rowSeconds: number): Columns["withheld"] {
  const spans: Columns["withheld"] = [];
  for (const { start, withheld } of rows) {
    if (!withheld) continue;
    const [from, to] = [start / 60, (start + rowSeconds) / 60];
    const last = spans.at(-1);
    if (last && last.reason === withheld && from - last.to < rowSeconds / 120) last.to = to;
    else spans.push({ from, to, reason: withheld });
  }
  return spans;
}

/** X range that shows each row completely. */
export function toWholeRows(columns: Columns): [number, number] {
  const first = (columns.minutes[0] ?? 0) - columns.rowMinutes / 2;
  const last = (columns.minutes.at(-1) ?? 0) + columns.rowMinutes / 2;
  return [Math.max(0, Math.floor(first)), Math.max(Math.ceil(last), Math.floor(first) + 1)];
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
