"""Error responses of the REST API: `detail` for people, `reason` for programs."""

from collections.abc import Mapping
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


MAX_ERRORS = 50
"""Errors in one response; a client repairs them one after the other."""
MAX_ERROR_CHARACTERS = 300

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


class StepChanged(APIException):
    """The answer belongs to an earlier revision of the step."""

    status_code = 409
    default_code = "step_changed"
    default_detail = gettext_lazy("This step has changed. Please read it again.")


class EditConflict(Conflict):
    """The save is based on an older state; `current` is the present one."""

    def __init__(self, detail: str, *, current: Any) -> None:
        super().__init__(detail)
        self.current = current


class StaleConsentConflict(APIException):
    """The answer is not to the current consent text, terms or supporters."""

    status_code = 409
    default_code = "stale_consent_text"

    def __init__(self, detail: str, *, text_version: str) -> None:
        super().__init__(detail)
        self.text_version = text_version


def cap_errors(errors: Any) -> Any:
    """Keep the first `MAX_ERRORS` messages of nested errors, each without a long echo of input."""
    left = MAX_ERRORS

    def cap(item: Any) -> Any:
        nonlocal left
        if isinstance(item, Mapping):
            return {name: cap(child) for name, child in item.items() if left > 0}
        if isinstance(item, list | tuple):
            return [cap(child) for child in item if left > 0]
        left -= 1
        return str(item)[:MAX_ERROR_CHARACTERS]

    return cap(errors)


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
            "fields": cap_errors(response.data),
        }
        return response
    default = "not_found" if response.status_code == 404 else "forbidden"
    response.data["reason"] = getattr(error, "default_code", None) or default
    if isinstance(error, StaleConsentConflict):
        response.data["text_version"] = error.text_version
    if isinstance(error, EditConflict):
        response.data["current"] = error.current
    return response
