"""The page that a pasted registration address opens inside the LMS."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fer_lms.lti.description import Addresses
from fer_lms.lti.registrations import Asked, check_asked, open_invite, register
from fer_lms.lti.views import refusals_explained


@csrf_exempt  # it stands in a frame of a site that we do not know yet, so no cookie of ours lives
@require_http_methods(["GET", "POST"])
@never_cache
@refusals_explained
def registration(request: HttpRequest) -> HttpResponse:
    """Asks first: a mere look, or a program that follows links, uses nothing up. The secret in
    the address is what permits it; there is no session."""
    sent = request.POST if request.method == "POST" else request.GET
    secret = sent.get("invite", "")
    asked = Asked(sent.get("openid_configuration", ""), sent.get("registration_token", ""))
    invite = open_invite(secret)
    origin = check_asked(asked, local=invite.local)
    context: dict[str, Any] = {"secret": secret, "asked": asked, "origin": origin}
    if request.method == "POST":
        ours = Addresses(f"{request.scheme}://{request.get_host()}")
        context["platform"] = register(invite=invite, asked=asked, ours=ours)
    response = render(request, "lti/register.html", context)
    cast(Any, response)._csp_replace = {"frame-ancestors": [origin]}
    return response
