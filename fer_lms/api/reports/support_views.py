"""REST endpoints for support persons: supported learners and their shared reports."""

import uuid

from django.http import Http404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import PROBLEMS, ProblemSerializer
from fer_lms.api.reports.serializers import (
    SharedReportSerializer,
    SharedSessionSerializer,
    SupportedLearnerSerializer,
    SupportLinkSerializer,
)
from fer_lms.lessons.access import get_supporter_link, list_supporter_links
from fer_lms.reports.support import list_shared_participations, read_shared_report


class SupporterLinksView(APIView):
    @extend_schema(responses={200: SupportLinkSerializer(many=True), 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        """List the learners this person supports, whether or not they share anything."""
        return Response(
            SupportLinkSerializer(list_supporter_links(user=request.user), many=True).data
        )


class SupportedLearnerView(APIView):
    @extend_schema(responses={200: SupportedLearnerSerializer, **PROBLEMS})
    def get(self, request: Request, link_id: uuid.UUID) -> Response:
        """List the sessions a learner shares; empty for any reason that none is shared."""
        link = get_supporter_link(user=request.user, link_id=link_id)
        sessions = SharedSessionSerializer(list_shared_participations(link), many=True).data
        return Response(
            {**SupportLinkSerializer(link).data, "sessions": sessions, "sittings": sessions}
        )


class SharedReportView(APIView):
    @extend_schema(responses={200: SharedReportSerializer, **PROBLEMS})
    def get(self, request: Request, link_id: uuid.UUID, session_id: uuid.UUID) -> Response:
        """Return the learner's own report of one session; 404 if it is not shared."""
        link = get_supporter_link(user=request.user, link_id=link_id)
        report = read_shared_report(link=link, session_id=session_id)
        if report is None:
            raise Http404(gettext("Nothing is shared with you."))
        return Response(SharedReportSerializer(report).data)
