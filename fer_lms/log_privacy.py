"""Logs name the route that was asked, never the address: addresses hold ids of sittings and people,
and whatever somebody typed."""

import logging


class RoutesInsteadOfAddresses(logging.Filter):
    """For what Django says of a request: "Not Found: /sessions/…/" becomes "404 at a route"."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(("django.request", "django.security", "django.server")):
            status = getattr(record, "status_code", "refused")
            record.msg, record.args = f"{status} at {route_of(record)}", ()
        return True


def route_of(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return match.route if match is not None else "no route of ours"
