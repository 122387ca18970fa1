"""Error responses outside of the REST views: JSON under /api/, pages elsewhere."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views import defaults

REASONS = {
    400: "bad_request",
    403: "permission_denied",
    404: "not_found",
    415: "unsupported_media_type",
    500: "server_error",
}


def is_api_request(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def build_error_response(request: HttpRequest, status: int) -> HttpResponse:
    """Build a response without any part of the request in it."""
    if is_api_request(request):
        body = {"detail": _get_detail(status), "reason": REASONS[status]}
        return JsonResponse(body, status=status)
    if status == 500:
        return HttpResponse(render_to_string("500.html"), status=status)
    return HttpResponse(f"{_get_detail(status)}\n", status=status, content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return build_error_response(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api_request(request):
        return build_error_response(request, 403)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api_request(request):
        return build_error_response(request, 404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return build_error_response(request, 500)


def _get_detail(status: int) -> str:
    return {
        400: gettext("The request is not valid."),
        403: gettext("You may not do this."),
        404: gettext("Not found, or not accessible to you."),
        415: gettext("Send the request as UTF-8."),
        500: gettext("Something went wrong. Try again in a few minutes."),
    }[status]
