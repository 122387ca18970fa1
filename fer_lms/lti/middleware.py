"""Who may show our pages in a frame, and which cookies survive there.

Without a launch nothing changes: nobody may frame a page, and sessions have ordinary cookies.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from fer_lms.lti.cookies import keep_in_frame
from fer_lms.lti.models import Platform
from fer_lms.lti.sessions import remembered_launch

LTI_PATH = "/lti/"
NEVER_FRAMED = ("/admin/", "/api/")


class LaunchMiddleware(MiddlewareMixin):
    """Stands above the session middleware and below the one that writes the content policy."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if settings.DEMO or not hasattr(request, "session"):
            return response
        if _sets_cookie(response) and remembered_launch(request.session):
            keep_in_frame(response.cookies, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            _allow_frames(response, _framing_platforms(request))
        return response


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
