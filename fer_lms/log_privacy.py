"""Removal of request URLs from logs: they contain ids of sessions and people, and user input."""

import logging


class RouteLogFilter(logging.Filter):
    """Replace Django's message by the route: "404 at sessions/<uuid:session_id>/"."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(("django.request", "django.security", "django.server")):
            status = getattr(record, "status_code", "refused")
            record.msg, record.args = f"{status} at {get_route(record)}", ()
        return True


def get_route(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return match.route if match is not None else "an unknown route"
