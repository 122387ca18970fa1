import type { ObservationWindow } from "../api/schema";
import { buildColumns } from "../charts/columns";
import "../charts/expression-lines";
import "../charts/chart-with-table";
import "../charts/timeline-chart";
import { buildExpressionTable, buildTimelineTable } from "../charts/timeline-table";
import { element } from "../dom";
import { gettext } from "../text";
import { buildFrameTable } from "./frame-counts";

/** How the two pictures are called: by the learner's own page, or by another's. */
export interface ChartTitles {
  index: string;
  expressions: string;
}

/** One learner's figures over lesson time, and what became of the pictures. */
export function buildLearnerCharts(
  windows: ObservationWindow[],
  lessonStart: string,
  titles: ChartTitles,
): HTMLElement {
  const columns = buildColumns(windows, lessonStart);
  const timeline = element("timeline-chart");
  const lines = element("expression-lines");
  timeline.update(columns, titles.index);
  lines.update(columns);
  const over = element("chart-with-table");
  const expressions = element("chart-with-table");
  over.describe(
    titles.index,
    gettext("The line is the index; the band is how much could be seen."),
  );
  expressions.describe(
    titles.expressions,
    gettext("Shares in each ten seconds, on the same scale from 0 to 100%."),
  );
  over.show(timeline, buildTimelineTable(windows, lessonStart));
  expressions.show(lines, buildExpressionTable(windows, lessonStart));
  const pictures = element("section", { class: "card" }, buildFrameTable(windows));
  return element("div", { class: "figures" }, over, expressions, pictures);
}

export function formatModelLimits(): string {
  return gettext(
    "The computer guesses from pictures how a face looks. It is often wrong, and it cannot tell what you felt or thought. It learned from pictures found on the web, of people of unknown ages, and is likely to be wrong more often with pupils and with people who move their faces differently.",
  );
}
