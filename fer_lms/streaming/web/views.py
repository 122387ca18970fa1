import uuid
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.lessons.access import get_learner_participant
from fer_lms.streaming.web.tickets import TicketRefused, build_ticket_response, issue_ticket


class TicketModeSerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(["frames", "scores", "lesson"], default="frames")


class CaptureTicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="seconds")
    url = serializers.CharField(help_text="absolute ws or wss address")
    max_frame_bytes = serializers.IntegerField()
    max_fps = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class TicketRefusalSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(["no_policy", "no_consent", "session_ended", "busy"])
    detail = serializers.CharField()


class CaptureTicketView(APIView):
    @extend_schema(
        request=TicketModeSerializer,
        responses={
            201: CaptureTicketSerializer,
            403: OpenApiResponse(TicketRefusalSerializer),
            503: OpenApiResponse(TicketRefusalSerializer),
        },
        operation_id="capture_ticket_create",
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Issue a ticket that opens one capture or lesson socket, once, within 30 seconds."""
        participant = get_learner_participant(user=request.user, session_id=session_id)
        serializer = TicketModeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            secret = issue_ticket(participant=participant, mode=serializer.validated_data["mode"])
        except TicketRefused as refused:
            detail = gettext("The camera cannot be used here now.")
            body = {"reason": refused.reason, "detail": detail}
            return Response(body, status=status.HTTP_403_FORBIDDEN)
        except RedisError:
            detail = gettext("The camera service is unavailable. Try again.")
            body = {"reason": "busy", "detail": detail}
            return Response(body, status=status.HTTP_503_SERVICE_UNAVAILABLE)
        ticket = build_ticket_response(secret, host=request.get_host(), secure=request.is_secure())
        return Response(ticket, status=status.HTTP_201_CREATED)
