"""The way in from a platform: login, launch, our keys, and the way into a window of one's own."""

import json
from collections.abc import Callable
from functools import wraps

import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from fer_lms.lessons.access import list_supports
from fer_lms.lti.launch.actions import Arrival, receive_launch
from fer_lms.lti.launch.arrivals import path_after
from fer_lms.lti.launch.cookies import forget_unframed, keep_in_frame
from fer_lms.lti.launch.logins import (
    VALID_FOR,
    Initiation,
    Login,
    begin_login,
    is_same_browser,
    pending_login,
)
from fer_lms.lti.launch.sessions import (
    Remembered,
    enter,
    own_path,
    redeem_pass,
    remembered_launch,
    write_pass,
)
from fer_lms.lti.launch.validation import check_target, is_same_origin, validated_launch
from fer_lms.lti.models import LaunchState
from fer_lms.lti.protocol.claims import digest_of
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.protocol.tool_keys import published_keys

log = structlog.get_logger(__name__)
View = Callable[..., HttpResponse]
INITIATION = {
    "iss": "issuer",
    "login_hint": "login_hint",
    "target_link_uri": "target_link_uri",
    "client_id": "client_id",
    "lti_deployment_id": "deployment_id",
    "lti_message_hint": "message_hint",
    "lti_storage_target": "storage_target",
}


def refusals_explained(view: View) -> View:
    """Every refusal is a page in plain words with a code, and one line in the log."""

    @wraps(view)
    def explained(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LaunchRefused as refused:
            return refusal_page(request, refused)

    return explained


def refusal_page(request: HttpRequest, refused: LaunchRefused) -> HttpResponse:
    reference = get_random_string(8, "23456789abcdefghjkmnpqrstuvwxyz")
    refusal = refused.refusal
    log.warning(
        "lti_refused",
        code=refusal.code,
        reason=refused.reason,
        reference=reference,
        path=request.path,
        **refused.details,
    )
    context = {"refusal": refusal, "reference": reference}
    return render(request, "lti/refused.html", context, status=refusal.status)


@csrf_exempt
@never_cache
@refusals_explained
def login(request: HttpRequest) -> HttpResponse:
    """The platform says that somebody wants in; we ask it who (OIDC third-party login)."""
    asked = Initiation(**_given(_sent(request), INITIATION))
    check_target(asked.target_link_uri, own_origin=_own_origin(request))
    begun = begin_login(asked, redirect_uri=request.build_absolute_uri(reverse("lti-launch")))
    response: HttpResponse = HttpResponseRedirect(begun.url)
    if asked.storage_target:
        response = _carry_page(request, begun, asked.storage_target)
    if remembered_launch(request.session) is None:
        forget_unframed(request, response)
    name = _cookie_name(begun.state)
    response.set_cookie(
        name,
        begun.browser_key,
        max_age=VALID_FOR,
        path=reverse("lti-launch"),
        httponly=True,
    )
    keep_in_frame(response.cookies, name)
    return response


@require_GET
@ensure_csrf_cookie
def no_role(request: HttpRequest) -> HttpResponse:
    """Signed in, with no rights in the course."""
    supports = list_supports(user=request.user).exists()
    return render(request, "lti/no_role.html", {"supports": supports})


@csrf_exempt
@never_cache
@refusals_explained
def launch(request: HttpRequest) -> HttpResponse:
    """The platform's answer, brought by the browser."""
    if request.method != "POST":
        raise LaunchRefused(Refusal.REQUEST, "launch_not_posted")
    sent = _sent(request)
    if "error" in sent:
        raise LaunchRefused(Refusal.PLATFORM_SAID_NO, "platform_error")
    given = _given(sent, {"state": "state", "id_token": "id_token", "storage_key": "storage_key"})
    if not given["state"] or not given["id_token"]:
        raise LaunchRefused(Refusal.REQUEST, "launch_incomplete")
    pending = pending_login(given["state"])
    by_cookie = is_same_browser(pending, request.COOKIES.get(_cookie_name(given["state"]), ""))
    if not by_cookie and not _is_by_storage(request, pending, given["storage_key"]):
        return _ask_storage(request, pending, given)
    return _entered(request, pending, given, cookies_work=by_cookie)


@require_GET
def key_set(request: HttpRequest) -> JsonResponse:
    """Our public keys, for platforms."""
    response = JsonResponse(published_keys())
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_POST
@never_cache
def window_pass(request: HttpRequest) -> JsonResponse:
    """An address that opens this session in a window of its own; asked for within a frame."""
    remembered = remembered_launch(request.session)
    if remembered is None or not request.user.is_authenticated:
        return JsonResponse({"reason": "no_launch"}, status=403)
    path = own_path(request.POST.get("path", "/"))
    secret = write_pass(user=request.user, launch=remembered, path=path)
    return JsonResponse({"url": reverse("lti-window", args=[secret])}, status=201)


@require_GET
@never_cache
@refusals_explained
def window(request: HttpRequest, secret: str) -> HttpResponse:
    """Enter with a pass. Only a page of ours may send somebody here."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise LaunchRefused(Refusal.USED_UP, "pass_from_elsewhere")
    found = redeem_pass(secret)
    enter(request, found.user, Remembered(**found.launch))
    return redirect(own_path(found.path))


def _entered(
    request: HttpRequest, pending: LaunchState, given: dict[str, str], *, cookies_work: bool
) -> HttpResponse:
    valid = validated_launch(pending, given["id_token"], own_origin=_own_origin(request))
    arrival = receive_launch(valid)
    path = path_after(valid, arrival)
    context_id = arrival.context.pk if arrival.context else None
    remembered = Remembered(pending.platform_id, valid.deployment.pk, context_id)
    if not cookies_work:
        return _window_page(request, arrival, remembered, path)
    enter(request, arrival.identity.user, remembered)
    response = redirect(path)
    response.delete_cookie(_cookie_name(given["state"]), path=reverse("lti-launch"))
    keep_in_frame(response.cookies, _cookie_name(given["state"]))
    log.info("lti_launched", platform=pending.platform_id, message=valid.launch.message_type)
    return response


def _carry_page(request: HttpRequest, begun: Login, target: str) -> HttpResponse:
    """Leaves the browser's key with the platform, for browsers that refuse our cookie."""
    storage = {
        "target": target,
        "origin": begun.platform.login_origin,
        "key": _cookie_name(begun.state),
        "value": begun.browser_key,
        "next": begun.url,
    }
    return render(request, "lti/carry.html", {"storage": json.dumps(storage), "url": begun.url})


def _is_by_storage(request: HttpRequest, pending: LaunchState, storage_key: str) -> bool:
    """Only our own page, which asked the platform's storage in this very browser, may bring the
    key. Whoever began a login reads it in their own cookie: from another site it proves nothing,
    and would sign somebody else in under their name."""
    if not pending.storage_target or not _is_posted_by_us(request):
        return False
    return is_same_browser(pending, storage_key)


def _is_posted_by_us(request: HttpRequest) -> bool:
    try:
        return is_same_origin(request.headers.get("Origin", ""), _own_origin(request))
    except ValueError:
        return False


def _ask_storage(request: HttpRequest, pending: LaunchState, given: dict[str, str]) -> HttpResponse:
    """Without our cookie, only the platform's storage can say that this is the same browser."""
    if not pending.storage_target or given["storage_key"]:
        raise LaunchRefused(Refusal.BROWSER, "other_browser", platform=pending.platform_id)
    storage = {
        "target": pending.storage_target,
        "origin": pending.platform.login_origin,
        "key": _cookie_name(given["state"]),
    }
    return render(request, "lti/fetch.html", {"storage": json.dumps(storage), "given": given})


def _window_page(
    request: HttpRequest, arrival: Arrival, remembered: Remembered, path: str
) -> HttpResponse:
    """A session cannot live here: this browser keeps no cookie in the frame."""
    secret = write_pass(user=arrival.identity.user, launch=remembered, path=path)
    return render(request, "lti/new_window.html", {"url": reverse("lti-window", args=[secret])})


def _sent(request: HttpRequest) -> QueryDict:
    """The form or the query; what cannot be read is a refusal and no traceback."""
    try:
        return request.POST if request.method == "POST" else request.GET
    except (SuspiciousOperation, MultiPartParserError, OSError) as error:
        raise LaunchRefused(Refusal.REQUEST, "unreadable_request") from error


def _given(sent: QueryDict, names: dict[str, str]) -> dict[str, str]:
    """Each parameter once: of two that differ, two parts of a chain may each believe another."""
    if any(len(sent.getlist(name)) > 1 for name in names):
        raise LaunchRefused(Refusal.REQUEST, "repeated_parameter")
    return {ours: sent.get(name, "") for name, ours in names.items()}


def _cookie_name(state: str) -> str:
    return f"lti-{digest_of(state)[:16]}"


def _own_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
