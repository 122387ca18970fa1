"""Requests whose text no database can store or whose charset is no text: 400, never 500."""

import re
from collections.abc import Iterator

import structlog
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from fer_lms.error_views import build_error_response

log = structlog.get_logger(__name__)

UNUSABLE = re.compile("[\x00\ud800-\udfff]")
CHARSETS = ("", "utf-8", "utf8", "us-ascii", "ascii")


class UnusableTextMiddleware(MiddlewareMixin):
    """Refuses NUL and lone surrogates, in whatever part of a request they arrive."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        charset = (request.content_params or {}).get("charset", "").strip("\"' ").lower()
        if charset not in CHARSETS:  # codecs such as idna take quadratic time, or are no charsets
            return build_error_response(request, 415)
        if any(UNUSABLE.search(text) for text in _iterate_texts(request)):
            return build_error_response(request, 400)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Refuse a body whose text reached the database: Django's forms check most of it."""
        if isinstance(error, OverflowError):  # an id in the address that fits in no column
            return build_error_response(request, 404)
        is_unusable = isinstance(error, DataError | UnicodeEncodeError | BadRequest) or (
            isinstance(error, ValueError) and "NUL" in str(error)
        )
        if not is_unusable:
            return None
        log.warning("unusable_text", error=type(error).__name__)
        return build_error_response(request, 400)


def _iterate_texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    if "%00" in request.META.get("QUERY_STRING", ""):
        yield "\0"
    for name, value in request.COOKIES.items():
        yield name
        yield value
