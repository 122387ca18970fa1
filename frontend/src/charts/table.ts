import { element } from "../dom";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => string;
  number?: boolean;
}

/** A table with a caption and row headers in the first column. */
export function buildTable<Row>(
  caption: string,
  columns: Column<Row>[],
  rows: Row[],
  /** Text in place of a row's values, or null. */
  instead: (row: Row) => string | null = () => null,
): HTMLElement {
  const head = columns.map((column) =>
    element("th", { scope: "col", class: column.number ? "number" : null }, column.title),
  );
  const table = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows.map((row) => buildRow(columns, row, instead(row)))),
  );
  // Wide tables scroll by themselves and are reachable by keyboard.
  const label = { role: "region", "aria-label": caption, tabindex: "0" };
  return element("div", { class: "table-scroll", ...label }, table);
}

function buildRow<Row>(columns: Column<Row>[], row: Row, instead: string | null): HTMLElement {
  const name = element("th", { scope: "row" }, columns[0]?.cell(row));
  if (instead === null) return element("tr", {}, name, ...buildCells(columns.slice(1), row));
  const span = { colspan: columns.length - 1, class: "soft" };
  return element("tr", {}, name, element("td", span, instead));
}

function buildCells<Row>(columns: Column<Row>[], row: Row): HTMLElement[] {
  return columns.map((column) =>
    element("td", { class: column.number ? "number" : null }, column.cell(row)),
  );
}
