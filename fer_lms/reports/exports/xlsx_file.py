"""A report as an XLSX workbook: one sheet a table. Pure."""

import io

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from fer_lms.reports.exports.document import Figure, ReportDocument, Table, format_figure

NARROWEST, WIDEST = 12, 60
MAX_SHEET_NAME = 31


def build_xlsx(document: ReportDocument, *, right_to_left: bool = False) -> bytes:
    """Return the workbook: figures as numbers with their bounds in the number format."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": document.title, "comments": document.purpose})
        _SheetWriter(book, right_to_left).write_all(document)
    return stream.getvalue()


class _SheetWriter:
    def __init__(self, book: Workbook, right_to_left: bool) -> None:
        self._book = book
        self._right_to_left = right_to_left
        self._head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._number_formats: dict[str, Format] = {}

    def write_all(self, document: ReportDocument) -> None:
        heading = [document.title, document.started, document.state, document.finding]
        lines = [*heading, document.purpose]
        self._write_table(document.facts, lines)
        for table in document.tables:
            self._write_table(table, [table.note] if table.note else [])
        self._write_limits(document)

    def _add_sheet(self, name: str) -> Worksheet:
        cleaned = "".join(" " if sign in "[]:*?/\\'" else sign for sign in name)
        sheet = self._book.add_worksheet(cleaned[:MAX_SHEET_NAME])
        if self._right_to_left:
            sheet.right_to_left()
        return sheet

    def _write_table(self, table: Table, lines: list[str]) -> None:
        sheet = self._add_sheet(table.title)
        for number, line in enumerate(lines):
            sheet.write_string(number, 0, line)
        top = len(lines) + 1 if lines else 0
        for column, title in enumerate(table.columns):
            sheet.write_string(top, column, title, self._head)
            sheet.set_column(column, column, WIDEST / 2 if column == 0 else NARROWEST + 4)
        for number, row in enumerate(table.rows, start=top + 1):
            for column, cell in enumerate(row):
                self._write_cell(sheet, number, column, cell)
        if table.rows:
            sheet.freeze_panes(top + 1, 1)

    def _write_cell(self, sheet: Worksheet, row: int, column: int, cell: str | Figure) -> None:
        if isinstance(cell, Figure) and cell.value is not None:
            sheet.write_number(row, column, cell.value, self._get_number_format(cell))
        else:
            text = cell if isinstance(cell, str) else format_figure(cell)
            sheet.write_string(row, column, text, self._wrapped)

    def _get_number_format(self, figure: Figure) -> Format:
        """Return a format that shows the figure's words around its number."""
        number = "0%" if figure.unit in ("percent", "index") else "0"
        seconds = ' "s"' if figure.unit == "seconds" else ""
        marker = Figure(0, "count", figure.bound)
        before, after = format_figure(marker).split("0") if figure.bound else ("", "")
        pattern = f'"{before}"{number}{seconds}"{after}"'.replace('""', "")
        if pattern not in self._number_formats:
            self._number_formats[pattern] = self._book.add_format({"num_format": pattern})
        return self._number_formats[pattern]

    def _write_limits(self, document: ReportDocument) -> None:
        sheet = self._add_sheet(document.limits_title)
        sheet.set_column(0, 0, 2 * WIDEST)
        for number, limit in enumerate(document.limits):
            sheet.write_string(number, 0, limit, self._wrapped)
