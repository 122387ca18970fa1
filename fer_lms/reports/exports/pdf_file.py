"""A report as a tagged PDF (PDF/UA-1), typeset by Typst from `report.typ`.

Typst was chosen because its wheel shapes Arabic, writes tags and refuses a document that violates
PDF/UA-1 (docs/adr/0030-report-files.md). The document is passed as data: no text of a lesson is
ever evaluated as markup.
"""

import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

import typst
from django.conf import settings
from fontTools.ttLib import TTFont

from fer_lms.reports.exports.document import (
    Cell,
    Figure,
    ReportDocument,
    Table,
    format_figure,
)

Paper = Literal["a4", "us-letter"]
TEMPLATE: Final = Path(__file__).with_name("report.typ")
FONT_FILES: Final = {
    "Report Latin": "atkinson-hyperlegible-latin-[47]00-normal-*.woff",
    "Report Latin Extended": "atkinson-hyperlegible-latin-ext-[47]00-normal-*.woff",
    "Report Arabic": "ibm-plex-sans-arabic-arabic-[47]00-normal-*.woff",
}
"""Family in the template -> files of the built front end. Each subset is a family of its own, since
Typst takes one file for each family and weight."""
FAMILY_NAMES: Final = (1, 16)
"""Name identifiers of the family (OpenType, table `name`)."""


def build_pdf(document: ReportDocument, *, language: str, paper: Paper = "a4") -> bytes:
    """Return the PDF.

    Args:
        document: What the report states.
        language: Its language code, which decides the direction of the text too.
        paper: Size of the pages.

    Text in a script for which this machine has no font violates PDF/UA-1; such a report is written
    as an ordinary tagged PDF with boxes in place of that text.
    """
    data = _to_data(document) | {"language": language.split("-")[0], "paper": paper}
    text = json.dumps(data)
    try:
        return _compile(text, "ua-1")
    except typst.TypstError:
        return _compile(text, None)


def _compile(report: str, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=_load_fonts(),
        sys_inputs={"report": report},
        pdf_standards=standard,
    )


@cache
def _load_fonts() -> typst.Fonts:
    return typst.Fonts(font_paths=[_convert_fonts()])


@cache
def _convert_fonts() -> str:
    """Write the fonts without compression to a temporary folder; return its path."""
    folder = tempfile.TemporaryDirectory(prefix="fer-lms-fonts-")
    _font_folders.append(folder)
    for family, pattern in FONT_FILES.items():
        for path in sorted((settings.FRONTEND_DIST / "assets").glob(pattern)):
            font = TTFont(path)
            font.flavor = None
            for record in font["name"].names:
                if record.nameID in FAMILY_NAMES:
                    record.string = family
            font.save(Path(folder.name) / f"{path.stem}.ttf")
    return folder.name


_font_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Keeps the folders until the process ends."""


def _to_data(document: ReportDocument) -> dict[str, object]:
    return {
        "title": document.title,
        "started": document.started,
        "state": document.state,
        "finding": document.finding,
        "purpose": document.purpose,
        "facts_columns": list(document.facts.columns),
        "facts": [[str(name), _to_text(value)] for name, value in document.facts.rows],
        "tables": [_to_table(table) for table in document.tables],
        "limits_title": document.limits_title,
        "limits": list(document.limits),
        "printed": document.printed,
    }


def _to_table(table: Table) -> dict[str, object]:
    return {
        "key": table.key,
        "title": table.title,
        "columns": list(table.columns),
        "rows": [[_to_text(cell) for cell in row] for row in table.rows],
        "shares": [_get_share(row) for row in table.rows],
        "note": table.note,
    }


def _get_share(row: Sequence[Cell]) -> float | None:
    """Return the share that the row's bar shows: its last figure."""
    last = row[-1]
    is_share = isinstance(last, Figure) and last.unit in ("percent", "index")
    return last.value if is_share and isinstance(last, Figure) else None


def _to_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else format_figure(cell)
