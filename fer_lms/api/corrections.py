"""A learner's own word on what was read from their face."""

import uuid

from django.http import Http404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.report_serializers import OwnWordOnShape
from fer_lms.api.serializers import ProblemShape
from fer_lms.engagement.queries import list_learner_windows
from fer_lms.lessons.access import get_participant_for_own_data
from fer_lms.reports.actions import save_correction


class OwnWordView(APIView):
    @extend_schema(
        request=OwnWordOnShape,
        responses={204: None, 400: ProblemShape, 403: ProblemShape, 404: ProblemShape},
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Puts the learner's own word beside ten seconds of theirs, or takes it back."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        asked = OwnWordOnShape(data=request.data)
        asked.is_valid(raise_exception=True)
        word = asked.validated_data
        window = list_learner_windows(learner).filter(start_at=word["start"]).first()
        if window is None:
            raise Http404(gettext("Nothing is kept of that moment."))
        save_correction(window=window, said=word["said"], words=word["words"])
        return Response(status=204)
