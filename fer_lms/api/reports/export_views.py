"""REST endpoints for the files of a report."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, get_language_bidi
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from fer_lms.api.errors import PROBLEMS, ProblemSerializer
from fer_lms.api.reports.serializers import ReportSerializer
from fer_lms.integrations.tokens import Scope
from fer_lms.lessons.access import get_taught_session
from fer_lms.lessons.models import LessonSession
from fer_lms.policy.queries import get_min_group_size
from fer_lms.reports.exports.csv_file import build_csv
from fer_lms.reports.exports.document import ReportDocument, build_document
from fer_lms.reports.exports.pdf_file import Paper, build_pdf
from fer_lms.reports.exports.xlsx_file import build_xlsx
from fer_lms.reports.queries import build_report

CSV_TYPE = "text/csv"
PDF_TYPE = "application/pdf"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAPERS: dict[str, Paper] = {"a4": "a4", "letter": "us-letter"}


class PaperSerializer(serializers.Serializer[Any]):
    paper = serializers.ChoiceField(choices=tuple(PAPERS), default="a4")


class ReportJsonView(APIView):
    token_scopes = {"GET": Scope.REPORTS}

    @extend_schema(responses={200: ReportSerializer, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> HttpResponse:
        """Return the report as a file; the same as `report`."""
        session = get_taught_session(user=request.user, session_id=session_id)
        body = JSONRenderer().render(ReportSerializer(build_report(session)).data)
        return _build_download(session, body, "json", "application/json")


class ReportCsvView(APIView):
    token_scopes = {"GET": Scope.REPORTS}

    @extend_schema(responses={(200, CSV_TYPE): OpenApiTypes.BINARY, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> HttpResponse:
        """Return the report as CSV in UTF-8: one figure a row, as a whole number."""
        session = get_taught_session(user=request.user, session_id=session_id)
        return _build_download(session, build_csv(_read_document(session)), "csv", CSV_TYPE)


class ReportXlsxView(APIView):
    token_scopes = {"GET": Scope.REPORTS}

    @extend_schema(responses={(200, XLSX_TYPE): OpenApiTypes.BINARY, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> HttpResponse:
        """Return the report as an XLSX workbook: one sheet for each table."""
        session = get_taught_session(user=request.user, session_id=session_id)
        book = build_xlsx(_read_document(session), right_to_left=get_language_bidi())
        return _build_download(session, book, "xlsx", XLSX_TYPE)


class ReportPdfView(APIView):
    token_scopes = {"GET": Scope.REPORTS}

    @extend_schema(
        parameters=[PaperSerializer],
        responses={
            (200, PDF_TYPE): OpenApiTypes.BINARY,
            400: ProblemSerializer,
            **PROBLEMS,
        },
    )
    def get(self, request: Request, session_id: uuid.UUID) -> HttpResponse:
        """Return the report as a tagged PDF (PDF/UA-1) in the reader's language."""
        session = get_taught_session(user=request.user, session_id=session_id)
        query = PaperSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        body = build_pdf(
            _read_document(session),
            language=get_language() or "en",
            paper=PAPERS[query.validated_data["paper"]],
        )
        return _build_download(session, body, "pdf", PDF_TYPE)


def _read_document(session: LessonSession) -> ReportDocument:
    return build_document(
        build_report(session),
        started_at=session.started_at,
        min_group_size=get_min_group_size(),
    )


def _build_download(
    session: LessonSession, body: bytes, extension: str, media_type: str
) -> HttpResponse:
    """Return a response that browsers save under the lesson's title and the session's date."""
    name = f"{session.lesson.title} {session.started_at:%Y-%m-%d}.{extension}"
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
