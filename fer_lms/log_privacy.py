"""Removal of text from outside from logs: addresses, ids, user input, values in exceptions."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

OWN_LOGGERS = ("fer_lms", "inference")
DJANGO_LOGGERS = ("django.request", "django.security", "django.server")
MAX_FRAMES = 30


class RouteLogFilter(logging.Filter):
    """Replace Django's message by the route: "404 at sessions/<uuid:session_id>/".

    Messages of other packages lose their values where they report an exception: those may be
    parts of a request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(DJANGO_LOGGERS):
            status = getattr(record, "status_code", "refused")
            record.msg, record.args = f"{status} at {get_route(record)}", ()
        elif not record.name.startswith(OWN_LOGGERS) and _reports_exception(record):
            lines = str(record.msg).splitlines() or [""]
            record.msg, record.args = lines[0], ()  # its placeholders stay as they are
        return True


def _reports_exception(record: logging.LogRecord) -> bool:
    arguments = record.args.values() if isinstance(record.args, dict) else record.args or ()
    has_exception = any(isinstance(value, BaseException) for value in arguments)
    return bool(record.exc_info) or has_exception or record.name == "celery.app.trace"


def get_route(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return match.route if match is not None else "an unknown route"


def format_exception(
    logger: object, name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the type and place of an exception (a processor of structlog).

    Neither its message nor source lines are logged: a message often quotes its input.
    """
    error = _get_exception(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = describe_exception(error)
    return event


def describe_exception(error: BaseException) -> list[str]:
    """Return the types of an exception and its causes, each with the lines that raised it."""
    described: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        described.append(f"{type(current).__module__}.{type(current).__qualname__}")
        described += _list_places(current.__traceback__)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return described


def _list_places(trace: TracebackType | None) -> list[str]:
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(trace), limit=-MAX_FRAMES, lookup_lines=False
    )
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _get_exception(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    elif exc_info is True:
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None
