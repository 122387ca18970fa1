"""Error responses of the REST API: `detail` for people, `reason` for programs."""

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class ProblemSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    reason = serializers.CharField()


class StaleConsentTextSerializer(ProblemSerializer):
    text_version = serializers.CharField()


PROBLEMS = {403: ProblemSerializer, 404: ProblemSerializer}
"""Responses that every view of a learner's or teacher's own object can return."""


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


class SessionEnded(APIException):
    """The session is closed; it takes no more of a learner's actions."""

    status_code = 409
    default_code = "session_ended"
    default_detail = gettext_lazy("This lesson is closed.")


class StaleConsentConflict(APIException):
    """The answer is not to the current consent text, terms or supporters."""

    status_code = 409
    default_code = "stale_consent_text"

    def __init__(self, detail: str, *, text_version: str) -> None:
        super().__init__(detail)
        self.text_version = text_version


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Add `reason` and the error's own fields to DRF's error response.

    Returns:
        The response, or None for an exception that is not an API error.
    """
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.data = {
            "detail": "Invalid request: see fields.",
            "reason": "invalid",
            "fields": response.data,
        }
        return response
    default = "not_found" if response.status_code == 404 else "forbidden"
    response.data["reason"] = getattr(error, "default_code", None) or default
    if isinstance(error, StaleConsentConflict):
        response.data["text_version"] = error.text_version
    return response
