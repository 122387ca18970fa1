import type * as schema from "../api/schema";
import type { Change } from "../charts/columns";
import { computeLessonSeconds } from "../charts/lesson-time";

type Figures = { change: Change | null; withheld: string | null };

export type TimelineRow = Omit<schema.TimelineRow, "start"> & Figures & { start: number };
export type StepRow = schema.StepRow & Figures;

/** The report of a session, as the page shows it. */
export type Report = Omit<schema.Report, "engagement" | "timeline" | "steps"> & {
  level_withheld: "similar_group" | null;
  engagement: {
    mean: number;
    levels: { high: number; medium: number; low: number } | null;
  } | null;
  timeline_unit: "since_start" | "since_opening";
  bin_seconds: number;
  timeline: TimelineRow[];
  steps: StepRow[];
};

/** Reads the server's report, also that of a server whose rows have a time of day. */
export function readReport(received: unknown, startedAt: string): Report {
  const report = received as Report;
  if (typeof report.bin_seconds === "number") return report;
  const timeline = report.timeline.map((row) => ({
    ...row,
    start: computeLessonSeconds(String(row.start), startedAt),
  }));
  return {
    ...report,
    ...{ level_withheld: null, timeline_unit: "since_start", bin_seconds: 10, timeline },
  };
}
