"""Every error of the API says what happened in words and, for programs, with a reason."""

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class StaleText(APIException):
    """The person answered another consent text than the one in force."""

    status_code = 409
    default_code = "stale_consent_text"

    def __init__(self, detail: str, *, text_version: str) -> None:
        super().__init__(detail)
        self.text_version = text_version


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """{"detail", "reason"}, and what else the error carries; None for what is no API error."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.data = {
            "detail": "The request is not as it should be.",
            "reason": "invalid",
            "fields": response.data,
        }
        return response
    response.data["reason"] = getattr(error, "default_code", None) or _reason(response.status_code)
    if isinstance(error, StaleText):
        response.data["text_version"] = error.text_version
    return response


def _reason(status: int) -> str:
    return "not_found" if status == 404 else "forbidden"
