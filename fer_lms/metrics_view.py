"""/metrics: Prometheus text, for requests from this machine or with the bearer token."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not is_permitted(request):
        return HttpResponseForbidden("Send the request from this machine or with a bearer token.\n")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def is_permitted(request: HttpRequest) -> bool:
    """Return whether the request has the token, or comes from loopback and not through a proxy.

    A signed-in person needs the token too: on a machine that runs everything, a teacher's browser
    is on loopback, and the number of open sockets is the number of cameras.
    """
    authorization = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if token and secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return True
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    is_forwarded = any(name.startswith("HTTP_X_FORWARDED") for name in request.META)
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not is_forwarded
