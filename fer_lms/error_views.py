"""Error responses outside of the REST views: JSON under /api/, pages elsewhere.

The pages have no data, no forms and no links that stay in a frame, so that any site may show them:
who opens a lesson in the frame of an LMS reads why it does not open, also where that LMS is not
registered.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

ANY_SITE = ["http:", "https:"]
UNFRAMED_PATHS = ("/admin/", "/api/")
"""Never shown in frames, refusals neither."""
ERASED_KEY = "account_erased"
"""Of a browser session whose person deleted their account; it holds nothing about them."""
REASONS = {
    400: "bad_request",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    500: "server_error",
    503: "busy",
}


def is_erased(request: HttpRequest) -> bool:
    """Return whether this browser's person deleted their account, and has not come back since."""
    session = getattr(request, "session", None)
    return session is not None and ERASED_KEY in session


def is_api_request(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def allow_any_frame(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let every site show a response in a frame; only for pages without data.

    `lti.middleware` then removes X-Frame-Options, which would take precedence in old browsers.
    """
    if not request.path_info.startswith(UNFRAMED_PATHS):
        response._csp_replace = {"frame-ancestors": ANY_SITE}  # type: ignore[attr-defined]
        response.xframe_options_exempt = True
    return response


def build_error_response(request: HttpRequest, status: int) -> HttpResponse:
    """Build a response without any part of the request in it."""
    if is_api_request(request):
        body = {"detail": _get_detail(status), "reason": REASONS[status]}
        return JsonResponse(body, status=status)
    heading, advice = _get_texts(status)
    context = {"heading": heading, "advice": advice, "status": status}
    response = HttpResponse(render_to_string("refusal.html", context), status=status)
    return allow_any_frame(request, response)


class ReadableRefusalMiddleware(MiddlewareMixin):
    """Gives refusals without a body, as of a wrong method, the text of an error page."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        status = response.status_code
        if status not in REASONS or getattr(response, "content", None) != b"":
            return response
        readable = build_error_response(request, status)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                readable.headers[name] = response.headers[name]
        return readable


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return build_error_response(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return build_error_response(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return build_error_response(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_erased(request) and not is_api_request(request):
        response = HttpResponse(render_to_string("rights/account_deleted.html"), status=404)
        return allow_any_frame(request, response)
    return build_error_response(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return build_error_response(request, 500)


def _get_texts(status: int) -> tuple[str, str]:
    """Return the heading of an error page, and what to do."""
    return {
        400: (
            gettext("This page could not be opened"),
            gettext("The request is not valid. Open the lesson again from your course."),
        ),
        403: (
            gettext("You cannot open this page"),
            gettext(
                "Go back, reload the page and try again. If it still does not work, ask your "
                "teacher or the administrator for access."
            ),
        ),
        404: (
            gettext("Page not found"),
            gettext(
                "The address may be old, or you may be signed out. Open the lesson again from your "
                "learning platform."
            ),
        ),
        405: (
            gettext("This page could not be opened"),
            gettext("Open it from your course again, and do not reload it."),
        ),
        415: (
            gettext("This page could not be opened"),
            gettext("The request is not in UTF-8. Open the lesson again from your course."),
        ),
        500: (
            gettext("Something went wrong"),
            gettext(
                "This is a problem on our side. Your answers are saved. Try again in a few "
                "minutes, or tell your teacher."
            ),
        ),
        503: (
            gettext("Many people are here at the moment"),
            gettext("Wait a few seconds, then open the lesson again from your course."),
        ),
    }[status]


def _get_detail(status: int) -> str:
    return {
        400: gettext("The request is not valid."),
        403: gettext("You may not do this."),
        404: gettext("Not found, or not accessible to you."),
        405: gettext("This address does not support the method of the request."),
        415: gettext("Send the request as UTF-8."),
        500: gettext("Something went wrong. Try again in a few minutes."),
        503: gettext("The service is busy. Try again in a moment."),
    }[status]
