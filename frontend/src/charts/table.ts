import { element } from "../dom";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => string;
  number?: boolean;
}

/** A plain table with a caption; the first column names its row. */
export function tableOf<Row>(caption: string, columns: Column<Row>[], rows: Row[]): HTMLElement {
  const head = columns.map((column) =>
    element("th", { scope: "col", class: column.number ? "number" : null }, column.title),
  );
  const table = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows.map((row) => rowOf(columns, row))),
  );
  // Wide tables scroll in themselves, reachable by keyboard, so that the page does not.
  const label = { role: "region", "aria-label": caption, tabindex: "0" };
  return element("div", { class: "table-scroll", ...label }, table);
}

function rowOf<Row>(columns: Column<Row>[], row: Row): HTMLElement {
  const cells = columns.map((column, at) =>
    at === 0
      ? element("th", { scope: "row" }, column.cell(row))
      : element("td", { class: column.number ? "number" : null }, column.cell(row)),
  );
  return element("tr", {}, ...cells);
}
