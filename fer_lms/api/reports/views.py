"""REST endpoints of reports: the teacher's, the learner's own and corrections to it."""

import uuid

from django.http import Http404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import PROBLEMS, ProblemSerializer
from fer_lms.api.reports.serializers import (
    MyReportSerializer,
    ReportSerializer,
    WindowCorrectionSerializer,
)
from fer_lms.api.validation import validate_body
from fer_lms.engagement.queries import list_learner_windows
from fer_lms.integrations.tokens import Scope
from fer_lms.lessons.access import get_participant_for_own_data, get_taught_session
from fer_lms.reports.actions import save_correction
from fer_lms.reports.own_activity import list_own_actions
from fer_lms.reports.queries import build_report, get_retention_end


class ReportView(APIView):
    token_scopes = {"GET": Scope.REPORTS}

    @extend_schema(responses={200: ReportSerializer, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Return the class's metrics; withheld where too few learners contributed."""
        session = get_taught_session(user=request.user, session_id=session_id)
        return Response(ReportSerializer(build_report(session)).data)


class MyReportView(APIView):
    @extend_schema(responses={200: MyReportSerializer, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Return everything stored about this learner's face, by windows of ten seconds."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        report = {
            "windows": list_learner_windows(learner).select_related("correction"),
            "kept_until": get_retention_end(learner.session),
            "lesson": learner.session.lesson.title,
            "started_at": learner.session.started_at,
            "joined_at": learner.joined_at,
            "actions": list_own_actions(learner),
        }
        return Response(MyReportSerializer(report).data)


class CorrectionView(APIView):
    @extend_schema(
        request=WindowCorrectionSerializer,
        responses={204: None, 400: ProblemSerializer, **PROBLEMS},
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Store or remove the learner's correction of one window."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        correction = validate_body(WindowCorrectionSerializer, request)
        window = list_learner_windows(learner).filter(start_at=correction["start"]).first()
        if window is None:
            raise Http404(gettext("Nothing is stored for that time."))
        save_correction(window=window, value=correction["value"], text=correction["text"])
        return Response(status=204)
