"""/metrics: Prometheus text, for this machine or for whoever holds the token."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        return HttpResponseForbidden("Ask from this machine, or with the bearer token.\n")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """From loopback and not through a proxy, or with FER_METRICS_TOKEN."""
    offered = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if token and secrets.compare_digest(offered.encode(), f"Bearer {token}".encode()):
        return True
    forwarded = any(name.startswith("HTTP_X_FORWARDED") for name in request.META)
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not forwarded
