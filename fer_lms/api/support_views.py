"""REST for support persons: whom they support, and what those learners share with them."""

import uuid

from django.http import Http404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.report_serializers import MyReportShape
from fer_lms.api.serializers import ProblemShape, Shape
from fer_lms.lessons.access import get_support, list_supports
from fer_lms.lessons.models import Supporter
from fer_lms.reports.support import list_shared_participations, read_shared_report

PROBLEMS = {403: ProblemShape, 404: ProblemShape}


class SupportShape(Shape):
    id = serializers.UUIDField()
    learner = serializers.SerializerMethodField()
    course = serializers.CharField(source="course.title")

    def get_learner(self, link: Supporter) -> str:
        return link.learner.get_full_name() or link.learner.username


class SittingShape(Shape):
    session_id = serializers.UUIDField()
    lesson = serializers.CharField(source="session.lesson.title")
    started_at = serializers.DateTimeField(source="session.started_at")


class SupportedShape(SupportShape):
    sittings = SittingShape(many=True, help_text="shared now, with something to see in them")


class SharedReportShape(MyReportShape):
    lesson = serializers.CharField(source="participant.session.lesson.title")
    started_at = serializers.DateTimeField(source="participant.session.started_at")


class SupportsView(APIView):
    @extend_schema(responses={200: SupportShape(many=True), 403: ProblemShape})
    def get(self, request: Request) -> Response:
        """Whom this person supports; not whether anything is shared."""
        return Response(SupportShape(list_supports(user=request.user), many=True).data)


class SupportedView(APIView):
    @extend_schema(responses={200: SupportedShape, **PROBLEMS})
    def get(self, request: Request, link_id: uuid.UUID) -> Response:
        """The sittings that a learner shares; none, for whatever reason, is an empty list."""
        link = get_support(user=request.user, link_id=link_id)
        answer = SupportShape(link).data
        sittings = SittingShape(list_shared_participations(link), many=True).data
        return Response({**answer, "sittings": sittings})


class SharedReportView(APIView):
    @extend_schema(responses={200: SharedReportShape, **PROBLEMS})
    def get(self, request: Request, link_id: uuid.UUID, session_id: uuid.UUID) -> Response:
        """The learner's own report of one sitting. 404 for all that is not shared or not there."""
        link = get_support(user=request.user, link_id=link_id)
        report = read_shared_report(link=link, session_id=session_id)
        if report is None:
            raise Http404(gettext("Nothing is shared with you."))
        return Response(SharedReportShape(report).data)
