import { formatLabel, LABELS } from "../reading-text";
import { formatPercent, gettext } from "../text";
import { isShown, type TimelineRow } from "./columns";
import { formatLessonTime, formatMinuteSpan } from "./lesson-time";
import { buildTable, type Column } from "./table";
import { formatChange, formatWithheld } from "./withheld-text";

/** Table of a learner's windows. */
export function buildTimelineTable(rows: TimelineRow[]): HTMLElement {
  return buildTable(
    gettext("Engagement index over lesson time"),
    [buildTimeColumn(), buildEngagementColumn(), buildCoverageColumn()],
    rows,
  );
}

/** Table of a class's bins: the index or, where levels are withheld, the changes. */
export function buildClassTable(rows: TimelineRow[], rowSeconds: number): HTMLElement {
  const isRelative = rows.some(({ change }) => change);
  return buildTable(
    gettext("Engagement index over lesson time"),
    [buildSpanColumn(rowSeconds), isRelative ? buildChangeColumn() : buildEngagementColumn()],
    rows,
  );
}

export function buildExpressionTable(rows: TimelineRow[], rowSeconds = 0): HTMLElement {
  const shares = LABELS.map((label): Column<TimelineRow> => ({
    title: formatLabel(label),
    number: true,
    cell: (row) => formatShare(row.expressions?.[label]),
  }));
  return buildTable(
    gettext("Expressions over lesson time"),
    [rowSeconds ? buildSpanColumn(rowSeconds) : buildTimeColumn(), ...shares],
    rows,
    formatNotShown,
  );
}

function buildTimeColumn(): Column<TimelineRow> {
  return { title: gettext("From"), cell: (row) => formatLessonTime(row.start) };
}

function buildSpanColumn(rowSeconds: number): Column<TimelineRow> {
  return { title: gettext("Minutes"), cell: (row) => formatMinuteSpan(row.start, rowSeconds) };
}

function buildEngagementColumn(): Column<TimelineRow> {
  return {
    title: gettext("Engagement index"),
    number: true,
    cell: (row) => formatNotShown(row) ?? formatShare(row.engagement),
  };
}

function buildChangeColumn(): Column<TimelineRow> {
  return {
    title: gettext("Compared with the whole lesson"),
    cell: (row) => formatNotShown(row) ?? formatChange(row.change),
  };
}

function buildCoverageColumn(): Column<TimelineRow> {
  return { title: gettext("Visible time"), number: true, cell: (row) => formatShare(row.coverage) };
}

function formatNotShown(row: TimelineRow): string | null {
  return isShown(row) ? null : formatWithheld(row.withheld);
}

function formatShare(value: number | null | undefined): string {
  return value === null || value === undefined ? gettext("unknown") : formatPercent(value);
}
