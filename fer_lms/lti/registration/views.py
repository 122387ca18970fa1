"""The page that a registration address opens inside the LMS (LTI Dynamic Registration 1.0)."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fer_lms.lti.launch.views import get_own_origin, render_lti_errors
from fer_lms.lti.registration.dynamic import (
    RegistrationRequest,
    get_unused_invite,
    list_frame_ancestors,
    register_platform,
    validate_registration_request,
)
from fer_lms.lti.registration.platforms import MOODLE_LOGIN_PATH
from fer_lms.lti.registration.tool_configuration import ToolUrls


@csrf_exempt  # in an iframe of an unknown site, so without our cookies
@require_http_methods(["GET", "POST"])
@never_cache
def registration(request: HttpRequest) -> HttpResponse:
    """Confirm, then perform a registration; the LMS shows the page or the error in an iframe."""
    data = request.POST if request.method == "POST" else request.GET
    secret = data.get("invite", "")
    response = _render_registration(request, data, secret)
    if response.status_code == 200:  # refusals have no data and may be shown everywhere
        cast(Any, response)._csp_replace = {"frame-ancestors": list_frame_ancestors(secret)}
    return response


@render_lti_errors
def _render_registration(request: HttpRequest, data: QueryDict, secret: str) -> HttpResponse:
    """GET shows a confirmation, so that prefetching a link does not consume the invite."""
    registration_request = RegistrationRequest(
        data.get("openid_configuration", ""), data.get("registration_token", "")
    )
    invite = get_unused_invite(secret)
    origin = validate_registration_request(registration_request, local=invite.local)
    context: dict[str, Any] = {
        "secret": secret,
        "registration_request": registration_request,
        "origin": origin,
    }
    if request.method == "POST":
        platform = register_platform(
            invite=invite, request=registration_request, urls=ToolUrls(get_own_origin(request))
        )
        is_moodle = platform.auth_login_url.endswith(MOODLE_LOGIN_PATH)
        context |= {"platform": platform, "is_moodle": is_moodle}
    return render(request, "lti/register.html", context)
