"""A report as CSV: one figure a row. Pure.

The file has a byte order mark, by which spreadsheet programs recognise UTF-8, and whole numbers
only, which read the same in every locale. Text that a spreadsheet program would evaluate is
neutralised as OWASP recommends ("CSV injection").
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from fer_lms.reports.exports.document import (
    Cell,
    Figure,
    ReportDocument,
    Table,
    format_figure,
    to_percent,
)

BYTE_ORDER_MARK: Final = "\ufeff"
COLUMNS: Final = ("section", "item", "measure", "value", "unit", "text")
FORMULA_STARTS: Final = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    *("\uff1d", "\uff0b", "\uff0d", "\uff20"),  # the same signs in full width
)


def build_csv(document: ReportDocument) -> bytes:
    """Return the file; columns have fixed English names, texts are in the reader's language."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in _list_rows(document):
        writer.writerow([neutralise(value) if isinstance(value, str) else value for value in row])
    return (BYTE_ORDER_MARK + stream.getvalue()).encode()


def neutralise(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet program would take for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text


Row = tuple[str, str, str, int | str, str, str]


def _list_rows(document: ReportDocument) -> Iterator[Row]:
    for name in ("title", "started", "state", "finding", "purpose"):
        yield "report", name, "", "", "", getattr(document, name)
    for table in (document.facts, *document.tables):
        yield from _list_table_rows(table)
    for number, limit in enumerate(document.limits, start=1):
        yield "limits", str(number), "", "", "", limit


def _list_table_rows(table: Table) -> Iterator[Row]:
    for row in table.rows:
        for column, cell in zip(table.columns[1:], row[1:], strict=True):
            yield (table.key, str(row[0]), column, *_write_cell(cell))
    if table.note:
        yield table.key, "", "", "", "", table.note


def _write_cell(cell: Cell) -> tuple[int | str, str, str]:
    if isinstance(cell, str):
        return "", "", cell
    return _get_whole_number(cell), cell.unit, format_figure(cell)


def _get_whole_number(figure: Figure) -> int | str:
    if figure.value is None:
        return ""
    if figure.unit in ("percent", "index"):
        return to_percent(figure.value)
    return round(figure.value)
