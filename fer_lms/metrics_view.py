"""/metrics: Prometheus text, for requests from this machine or with the bearer token."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.request import split_domain_port
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fer_lms.proxy_headers import is_proxy_header

LOOPBACK = ("127.0.0.1", "::1")
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not is_permitted(request):
        return HttpResponseForbidden("Send the request from this machine or with a bearer token.\n")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def is_permitted(request: HttpRequest) -> bool:
    """Return whether the request has the token.

    Without a token, a request from this machine itself is permitted: from loopback, to a loopback
    name, and without a header that a proxy adds. A signed-in person needs the token too: on a
    machine that runs everything, a teacher's browser is on loopback, and the number of open
    sockets is the number of cameras.
    """
    authorization = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if token:
        return secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode())
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    host = split_domain_port(request.META.get("HTTP_HOST", ""))[0]
    is_local = request.META.get("REMOTE_ADDR") in LOOPBACK and host in LOCAL_NAMES
    return is_local and not any(is_proxy_header(name) for name in request.headers)
