"""Middlewares for launched sessions: iframes, cookies and deactivated platforms.

Without a launch nothing changes: no page may be embedded, and session cookies are Django's.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

from fer_lms.error_views import UNFRAMED_PATHS, allow_any_frame, is_erased
from fer_lms.lti.launch.cookies import mark_partitioned
from fer_lms.lti.launch.sessions import (
    end_launched_session,
    get_deactivated_platform_id,
    get_session_launch,
    is_launch_active,
)
from fer_lms.lti.models import Platform

LTI_PATH = "/lti/"
EXEMPT_PATHS = (
    *(LTI_PATH, "/admin/", "/guardian/", "/privacy/", "/retention/", "/jsi18n/", "/language/"),
    *("/healthz", "/readyz", "/metrics"),
)
"""Served after a platform was switched off too, for new launches, guardians and administrators."""


class LaunchMiddleware(MiddlewareMixin):
    """Allow a launched session's platform to embed our pages, and partition its cookies.

    Placed above the session middleware and below django-csp's.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if settings.DEMO or not hasattr(request, "session"):
            return response
        is_launched = get_session_launch(request.session) is not None or is_erased(request)
        if is_launched or get_deactivated_platform_id(request.session):
            mark_partitioned(
                response.cookies, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
            )
        if response.headers.get("Content-Type", "").startswith("text/html"):
            _allow_framing(response, _get_framing_platforms(request))
        return response


class DeactivatedPlatformMiddleware(MiddlewareMixin):
    """End sessions whose platform or deployment was switched off. Placed below the session's."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        launch = get_session_launch(request.session)
        if launch is not None and not is_launch_active(launch):
            end_launched_session(request)
        if get_deactivated_platform_id(request.session) is None or request.user.is_authenticated:
            return None
        return None if request.path.startswith(EXEMPT_PATHS) else _refuse(request)


def _refuse(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        detail = gettext("Your learning platform is switched off here. You are signed out.")
        return JsonResponse({"detail": detail, "reason": "platform_off"}, status=403)
    return allow_any_frame(request, render(request, "lti/switched_off.html", status=403))


def _get_framing_platforms(request: HttpRequest) -> list[Platform]:
    """Return the session's platform; on LTI paths without a session, every active one."""
    if request.path.startswith(UNFRAMED_PATHS):
        return []
    active = Platform.objects.filter(active=True)
    launch = get_session_launch(request.session)
    if launch is not None:
        return list(active.filter(pk=launch.platform_id))
    return list(active) if request.path.startswith(LTI_PATH) else []


def _allow_framing(response: HttpResponseBase, platforms: list[Platform]) -> None:
    """Set `frame-ancestors`, unless the view did, and drop X-Frame-Options."""
    origins = sorted({origin for platform in platforms for origin in platform.frame_ancestors})
    directives: dict[str, list[str]] = getattr(response, "_csp_replace", None) or {}
    if origins and "frame-ancestors" not in directives:
        directives = directives | {"frame-ancestors": origins}
        response._csp_replace = directives  # type: ignore[attr-defined]
    if "frame-ancestors" in directives:
        response.headers.pop("X-Frame-Options", None)
