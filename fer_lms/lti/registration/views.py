"""The page that a pasted registration address opens inside the LMS."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fer_lms.lti.launch.views import refusals_explained
from fer_lms.lti.registration.description import Addresses
from fer_lms.lti.registration.registrations import (
    Asked,
    check_asked,
    framing_sources,
    open_invite,
    register,
)


@csrf_exempt  # it stands in a frame of a site that we do not know yet, so no cookie of ours lives
@require_http_methods(["GET", "POST"])
@never_cache
def registration(request: HttpRequest) -> HttpResponse:
    """The page or a refusal: either has to be seen in the LMS's frame."""
    sent = request.POST if request.method == "POST" else request.GET
    secret = sent.get("invite", "")
    response = _answered(request, sent, secret)
    cast(Any, response)._csp_replace = {"frame-ancestors": framing_sources(secret)}
    return response


@refusals_explained
def _answered(request: HttpRequest, sent: QueryDict, secret: str) -> HttpResponse:
    """Asks first: a mere look, or a program that follows links, uses nothing up. The secret in
    the address is what permits it; there is no session."""
    asked = Asked(sent.get("openid_configuration", ""), sent.get("registration_token", ""))
    invite = open_invite(secret)
    origin = check_asked(asked, local=invite.local)
    context: dict[str, Any] = {"secret": secret, "asked": asked, "origin": origin}
    if request.method == "POST":
        ours = Addresses(f"{request.scheme}://{request.get_host()}")
        context["platform"] = register(invite=invite, asked=asked, ours=ours)
    return render(request, "lti/register.html", context)
