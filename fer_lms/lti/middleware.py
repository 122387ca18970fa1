"""Who may show our pages in a frame, which cookies survive there, and whose sessions end.

Without a launch nothing changes: nobody may frame a page, and sessions have ordinary cookies.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

from fer_lms.lti.launch.cookies import keep_in_frame
from fer_lms.lti.launch.sessions import (
    end_launched_session,
    ended_by,
    platform_is_open,
    remembered_launch,
)
from fer_lms.lti.models import Platform

LTI_PATH = "/lti/"
FOR_EVERYBODY = (
    *(LTI_PATH, "/admin/", "/guardian/", "/privacy/", "/retention/", "/jsi18n/"),
    *("/healthz", "/readyz", "/metrics"),
)
"""Open to whoever was signed out too: a new launch has to get through, and so has a guardian."""
NEVER_FRAMED = ("/admin/", "/api/")


class LaunchMiddleware(MiddlewareMixin):
    """Stands above the session middleware and below the one that writes the content policy."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if settings.DEMO or not hasattr(request, "session"):
            return response
        launched = remembered_launch(request.session) or ended_by(request.session)
        if _sets_cookie(response) and launched:
            keep_in_frame(response.cookies, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            _allow_frames(response, _framing_platforms(request))
        return response


class SwitchedOffMiddleware(MiddlewareMixin):
    """Stands below the session and says, at every request of a session that a launch made, whether
    platform and deployment are still switched on. Who has no session cookie is not asked about."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        launch = remembered_launch(request.session)
        if launch is not None and not platform_is_open(launch):
            end_launched_session(request)
        if ended_by(request.session) is None or request.user.is_authenticated:
            return None
        return None if request.path.startswith(FOR_EVERYBODY) else _closed(request)


def _closed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        detail = gettext("Your learning platform is switched off here. You are signed out.")
        return JsonResponse({"detail": detail, "reason": "platform_off"}, status=403)
    request.turned_away = True  # type: ignore[attr-defined]
    return render(request, "lti/switched_off.html", status=403)


def _sets_cookie(response: HttpResponseBase) -> bool:
    names = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    return bool(names & response.cookies.keys())


def _framing_platforms(request: HttpRequest) -> list[Platform]:
    """The session's platform; before there is a session, on the way in, every active one."""
    active = Platform.objects.filter(active=True)
    if request.path.startswith(NEVER_FRAMED):
        return []
    launch = remembered_launch(request.session)
    if launch is not None:
        return list(active.filter(pk=launch.platform_id))
    ended = ended_by(request.session)
    if ended is not None and getattr(request, "turned_away", False):
        return list(Platform.objects.filter(pk=ended))  # this one page is seen where they are
    return list(active) if request.path.startswith(LTI_PATH) else []


def _allow_frames(response: HttpResponseBase, platforms: list[Platform]) -> None:
    """Replace django-csp's own 'none', unless a view said itself who may frame its page."""
    origins = sorted({origin for platform in platforms for origin in platform.frame_origins})
    said: dict[str, list[str]] = getattr(response, "_csp_replace", None) or {}
    if origins and "frame-ancestors" not in said:
        said = said | {"frame-ancestors": origins}
        response._csp_replace = said  # type: ignore[attr-defined]
    if "frame-ancestors" in said:
        response.headers.pop("X-Frame-Options", None)
