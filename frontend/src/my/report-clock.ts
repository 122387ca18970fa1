import type { MyReport } from "../api/schema";
import { buildLessonClock } from "../charts/lesson-time";

/** Lesson time of one learner's report, from when they came. */
export function buildReportClock(
  report: Pick<MyReport, "windows" | "actions" | "joined_at">,
): (time: string) => number {
  const times = [
    ...report.windows.map(({ start }) => start),
    ...report.actions.map(({ at }) => at),
  ];
  return buildLessonClock(times, report.joined_at);
}
