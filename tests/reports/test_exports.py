"""The files of a report state what the report states, and nothing else."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from fer_lms.lessons.models import Participant
from fer_lms.reports.exports.csv_file import COLUMNS, FORMULA_STARTS, build_csv, neutralise
from fer_lms.reports.exports.document import ReportDocument, build_document
from fer_lms.reports.exports.pdf_file import build_pdf
from fer_lms.reports.exports.xlsx_file import build_xlsx
from tests.factories import NOON
from tests.reports.conftest import MakeClass, freeze

EXTENSIONS = ("csv", "json", "pdf", "xlsx")
ARABIC = "\u062f\u0631\u0633 \u0627\u0644\u0643\u0633\u0648\u0631"  # "fractions lesson"


def make_row(**fields: Any) -> dict[str, Any]:
    return {"coverage": None, "engagement": 0.6, "change": None, "withheld": None} | fields


def make_body(**fields: Any) -> dict[str, Any]:
    step: dict[str, Any] = {
        "seconds": 185,
        "right_at_first": 0.2,
        "asked_for_hint": 0.55,
        "idle": 0.2,
    }
    step |= {"said": {"easy": 0.2, "fine": 0.2, "hard": 0.8}}
    rule: dict[str, Any] = {
        "asked": False,
        "title": "Stuck",
        "version": 2,
        "learners": 0.4,
        "steps": [1],
    }
    rule |= {"withheld": None, "why": [], "answers": {"helped": 0.8, "fine": 0.2}}
    return {
        "state": "final",
        "title": "Fractions",
        "finding": "Step 1 was hard.",
        "withheld": None,
        "level_withheld": None,
        "contributors_at_least": 5,
        "coverage": None,
        "model": {"name": "mobilenet_v2-int8", "sha256": "ab" * 32, "accuracy": "card"},
        "preset": "transparent",
        "engagement": {"mean": 0.7, "levels": None},
        "expressions": {"neutral": 0.85, "happiness": 0.15},
        "timeline_unit": "since_opening",
        "bin_seconds": 120,
        "timeline": [
            make_row(start=0),
            make_row(start=120, engagement=None, withheld="few_present"),
        ],
        "steps": [
            make_row(position=1, title="Halves", **step),
            make_row(position=2, title="Quarters", engagement=None, change="lower"),
        ],
        "help": {"rules": [rule], "silent": []},
        "limits": ["The report describes faces."],
        "kept_until": NOON + timedelta(days=100),
    } | fields


def make_document(**fields: Any) -> ReportDocument:
    return build_document(make_body(**fields), started_at=NOON, min_group_size=5)


def read_csv(document: ReportDocument) -> list[dict[str, str]]:
    text = build_csv(document).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_pdf(document: ReportDocument, **options: Any) -> PdfReader:
    return PdfReader(io.BytesIO(build_pdf(document, **({"language": "en"} | options))))


def read_pdf_text(document: ReportDocument) -> str:
    text = " ".join(page.extract_text() for page in read_pdf(document).pages)
    return re.sub(r"\s+", " ", text)


def read_xlsx_cells(document: ReportDocument) -> list[Any]:
    book = load_workbook(io.BytesIO(build_xlsx(document)))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]


@pytest.mark.django_db
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_teacher_takes_report_away(
    client: Client, teacher: Participant, make_class: MakeClass, extension: str
) -> None:
    make_class(8)
    freeze(teacher.session)
    client.force_login(teacher.user)
    response = client.get(f"/api/v1/sessions/{teacher.session_id}/report.{extension}")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="Fractions 2026-')
    assert response["Cache-Control"] == "private, no-store"
    assert len(response.content) > 500


@pytest.mark.django_db
def test_json_file_is_the_report(
    client: Client, teacher: Participant, make_class: MakeClass
) -> None:
    make_class(8)
    freeze(teacher.session)
    client.force_login(teacher.user)
    address = f"/api/v1/sessions/{teacher.session_id}/report"
    assert json.loads(client.get(f"{address}.json").content) == client.get(address).json()


@pytest.mark.django_db
@pytest.mark.parametrize("paper", ["a5", "A4", "../x"])
def test_unknown_paper_is_refused(client: Client, teacher: Participant, paper: str) -> None:
    client.force_login(teacher.user)
    address = f"/api/v1/sessions/{teacher.session_id}/report.pdf?paper={paper}"
    response = client.get(address)
    assert (response.status_code, response.json()["reason"]) == (400, "invalid")


@pytest.mark.django_db
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_session_without_students_has_files(
    client: Client, teacher: Participant, extension: str
) -> None:
    client.force_login(teacher.user)
    address = f"/api/v1/sessions/{teacher.session_id}/report.{extension}"
    assert client.get(address).status_code == 200


def test_csv_has_byte_order_mark_and_whole_numbers() -> None:
    content = build_csv(make_document())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = read_csv(make_document())
    assert tuple(rows[0]) == COLUMNS
    assert all(re.fullmatch(r"\d*", row["value"]) for row in rows)
    hard = next(row for row in rows if row["measure"] == "Rated hard")
    assert hard == {
        "section": "steps",
        "item": "1. Halves",
        "measure": "Rated hard",
        "value": "80",
        "unit": "percent",
        "text": "80% or more",
    }


@pytest.mark.parametrize("read", [read_pdf_text, lambda document: str(read_csv(document))])
@pytest.mark.parametrize(
    "text",
    [
        "Step 1 was hard.",
        "20% or less",
        "80% or more",
        "55%",
        "3 min",
        "lower than in the whole lesson",
        "too few students were in the lesson",
        "at least 5",
        "mobilenet_v2-int8",
        "Not for marks, assessment",
        "The report describes faces.",
        "Stuck (version 2)",
    ],
)
def test_file_states(read: Callable[[ReportDocument], str], text: str) -> None:
    assert text in read(make_document())


def test_workbook_has_numbers_with_their_bounds() -> None:
    book = load_workbook(io.BytesIO(build_xlsx(make_document())))
    steps = book["Steps"]
    row = {title.value: cell for title, cell in zip(steps[1], steps[2], strict=True)}
    assert row["Average time"].value == 185
    assert row["Right at first try"].value == 0.2
    assert row["Right at first try"].number_format == '0%" or less"'
    assert row["Rated easy"].value == row["Rated fine"].value == 0.2
    assert row["Asked for a hint"].number_format == "0%"


formulas = st.builds(str.__add__, st.sampled_from(FORMULA_STARTS), st.text(max_size=20))


@given(formulas, st.sampled_from(["", " ", "\u00a0 "]))
def test_csv_has_no_formula(formula: str, padding: str) -> None:
    assert neutralise(padding + formula).startswith("'")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
def test_title_is_text_in_every_file(title: str) -> None:
    steps = [make_row(position=1, title=title)]
    document = make_document(title=title, finding=title, steps=steps)
    rows = read_csv(document)
    assert not any(value.startswith(FORMULA_STARTS) for row in rows for value in row.values())
    assert all(cell.data_type != "f" for cell in read_xlsx_cells(document))


@pytest.mark.parametrize(
    "title", ["#panic()", '$x$ *bold* #read("/etc/passwd")', "]#set page(width: 1pt)[", "\\", '"']
)
def test_pdf_shows_markup_as_text(title: str) -> None:
    assert title in read_pdf_text(make_document(title=title))


@pytest.mark.parametrize("title", ["\u65e5\u672c\u8a9e", "\U0001f600", "\ue000", "a\0b", "\ud7ff"])
def test_pdf_of_text_without_font(title: str) -> None:
    assert read_pdf(make_document(title=title, finding=title)).pages


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_pdf_is_tagged(paper: str, size: tuple[int, int]) -> None:
    pdf = read_pdf(make_document(), paper=paper)
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value
    assert "/StructTreeRoot" in root
    assert (root["/Lang"], pdf.metadata and pdf.metadata.title) == ("en", "Fractions")
    assert tuple(round(float(side)) for side in pdf.pages[0].mediabox[2:]) == size


def test_pdf_in_arabic_is_right_to_left_and_shaped() -> None:
    """The letters join: the presentation forms differ from the isolated letters' glyphs."""
    with translation.override("ar"):
        pdf = read_pdf(make_document(title=ARABIC, finding=ARABIC), language="ar")
    root: Any = pdf.trailer["/Root"]
    assert root["/Lang"] == "ar"
    assert root["/ViewerPreferences"]["/Direction"] == "/R2L"
    resources: list[Any] = [page["/Resources"] for page in pdf.pages]
    names = {
        str(font.get_object()["/BaseFont"]) for item in resources for font in item["/Font"].values()
    }
    assert any("IBMPlexSansArabic" in name for name in names)


def test_files_state_no_figure_of_their_own() -> None:
    """Withheld figures are absent from every file, and each number in one is in the body."""
    withheld = make_document(
        withheld="too_few_learners",
        contributors_at_least=None,
        engagement=None,
        expressions=None,
        model=None,
        timeline=[],
        help=None,
        steps=[make_row(position=1, title="Halves", engagement=None, withheld="too_few_learners")],
    )
    assert {row["value"] for row in read_csv(withheld)} == {""}
    assert not any(cell.data_type == "n" for cell in read_xlsx_cells(withheld))
    allowed = {"", "5", "15", "20", "40", "55", "60", "70", "80", "85", "185"}
    assert {row["value"] for row in read_csv(make_document())} <= allowed
