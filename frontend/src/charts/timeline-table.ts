import { formatLabel, LABELS } from "../reading-text";
import { formatPercent, gettext } from "../text";
import { hasEnoughCoverage, type TimelineRow } from "./columns";
import { formatLessonTime } from "./lesson-time";
import { buildTable, type Column } from "./table";
import { formatWithheld } from "./withheld-text";

export function buildTimelineTable(rows: TimelineRow[], lessonStart: string): HTMLElement {
  return buildTable(
    gettext("Engagement index over lesson time"),
    [buildTimeColumn(lessonStart), buildEngagementColumn(), buildCoverageColumn()],
    rows,
  );
}

export function buildExpressionTable(rows: TimelineRow[], lessonStart: string): HTMLElement {
  const shares = LABELS.map((label): Column<TimelineRow> => ({
    title: formatLabel(label),
    number: true,
    cell: (row) => formatShare(row.expressions?.[label]),
  }));
  return buildTable(
    gettext("Expressions over lesson time"),
    [buildTimeColumn(lessonStart), ...shares],
    rows,
    formatNotShown,
  );
}

function buildTimeColumn(lessonStart: string): Column<TimelineRow> {
  return { title: gettext("From"), cell: (row) => formatLessonTime(row.start, lessonStart) };
}

function buildEngagementColumn(): Column<TimelineRow> {
  return {
    title: gettext("Engagement index"),
    number: true,
    cell: (row) => formatNotShown(row) ?? formatShare(row.engagement),
  };
}

function buildCoverageColumn(): Column<TimelineRow> {
  const cell = (row: TimelineRow): string =>
    row.coverage === null ? formatWithheld(row.withheld) : formatPercent(row.coverage);
  return { title: gettext("Visible time"), number: true, cell };
}

function formatNotShown(row: TimelineRow): string | null {
  return row.withheld || !hasEnoughCoverage(row) ? formatWithheld(row.withheld) : null;
}

function formatShare(value: number | null | undefined): string {
  return value === null || value === undefined ? gettext("unknown") : formatPercent(value);
}
