import type { ObservationWindow } from "../api/schema";
import { buildColumns } from "../charts/columns";
import "../charts/expression-lines";
import "../charts/chart-with-table";
import "../charts/timeline-chart";
import { buildExpressionTable, buildTimelineTable } from "../charts/timeline-table";
import { element } from "../dom";
import { gettext } from "../text";
import { buildFrameTable } from "./frame-counts";

/** Titles of the two charts. */
export interface ChartTitles {
  index: string;
  expressions: string;
}

/** Charts of one learner's windows, with frame counts. */
export function buildLearnerCharts(
  windows: ObservationWindow[],
  toLessonSeconds: (time: string) => number,
  titles: ChartTitles,
): HTMLElement {
  const rows = windows.map((window) => ({
    ...window,
    start: toLessonSeconds(window.start),
  }));
  const columns = buildColumns(rows);
  const timeline = element("timeline-chart");
  const lines = element("expression-lines");
  timeline.update(columns, titles.index);
  lines.update(columns);
  const over = element("chart-with-table");
  const expressions = element("chart-with-table");
  over.describe(titles.index, gettext("Line: engagement index. Band: visible time."));
  expressions.describe(
    titles.expressions,
    gettext("Shares in each ten seconds, on a scale from 0 to 100%."),
  );
  over.show(timeline, buildTimelineTable(rows));
  expressions.show(lines, buildExpressionTable(rows));
  const pictures = element("section", { class: "card" }, buildFrameTable(windows));
  return element("div", { class: "figures" }, over, expressions, pictures);
}

export function formatModelLimits(): string {
  return gettext(
    "The computer guesses from pictures how a face looks. It is often wrong. It cannot tell what you felt or thought. It learned from pictures from the web and is probably wrong more often for pupils and for people whose faces move differently.",
  );
}
