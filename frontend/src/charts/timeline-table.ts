import { labelWords, LABELS } from "../lesson/reading-words";
import { gettext, percent } from "../text";
import { isSeen, type TimelineRow } from "./columns";
import { lessonTime } from "./lesson-time";
import { type Column, tableOf } from "./table";
import { withheldWords } from "./withheld-words";

/** The rows of a timeline, with the reason in place of each figure that is not shown. */
export function timelineTable(rows: TimelineRow[], lessonStart: string): HTMLElement {
  return tableOf(
    gettext("Engagement index over lesson time"),
    [minuteColumn(lessonStart), engagementColumn(), coverageColumn()],
    rows,
  );
}

export function expressionTable(rows: TimelineRow[], lessonStart: string): HTMLElement {
  const shares = LABELS.map((label): Column<TimelineRow> => ({
    title: labelWords(label),
    number: true,
    cell: (row) => shareWords(row.expressions?.[label]),
  }));
  return tableOf(
    gettext("Expression shares over lesson time"),
    [minuteColumn(lessonStart), ...shares],
    rows,
    notShown,
  );
}

export function minuteColumn(lessonStart: string): Column<TimelineRow> {
  return { title: gettext("From"), cell: (row) => lessonTime(row.start, lessonStart) };
}

function engagementColumn(): Column<TimelineRow> {
  return {
    title: gettext("Engagement index"),
    number: true,
    cell: (row) => notShown(row) ?? shareWords(row.engagement),
  };
}

function coverageColumn(): Column<TimelineRow> {
  const cell = (row: TimelineRow): string =>
    row.coverage === null ? withheldWords(row.withheld) : percent(row.coverage);
  return { title: gettext("How much could be seen"), number: true, cell };
}

function notShown(row: TimelineRow): string | null {
  return row.withheld || !isSeen(row) ? withheldWords(row.withheld) : null;
}

function shareWords(value: number | null | undefined): string {
  return value === null || value === undefined ? gettext("unknown") : percent(value);
}
