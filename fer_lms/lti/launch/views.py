"""Endpoints of a launch: login initiation, launch, JWKS, and opening a session in a new window."""

import json
from collections.abc import Callable
from dataclasses import fields
from functools import wraps

import structlog
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from fer_lms.error_views import allow_any_frame, is_erased
from fer_lms.lessons.access import list_supporter_links
from fer_lms.lti.launch.actions import apply_launch
from fer_lms.lti.launch.cookies import delete_unpartitioned_cookies, mark_partitioned
from fer_lms.lti.launch.logins import (
    LOGIN_LIFETIME,
    AuthenticationRequest,
    LoginInitiation,
    get_pending_login,
    is_same_browser,
    start_login,
)
from fer_lms.lti.launch.redirects import get_redirect_path
from fer_lms.lti.launch.sessions import (
    SessionLaunch,
    create_window_pass,
    get_session_launch,
    log_in,
    redeem_window_pass,
    sanitize_path,
)
from fer_lms.lti.launch.validation import is_same_origin, validate_launch, validate_target_uri
from fer_lms.lti.models import LaunchState
from fer_lms.lti.protocol.claims import sha256_hex
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tool_keys import get_key_set
from fer_lms.page_language import find_language

log = structlog.get_logger(__name__)
View = Callable[..., HttpResponse]
INITIATION_PARAMETERS = [field.name for field in fields(LoginInitiation)]
LAUNCH_PARAMETERS = ["state", "id_token", "storage_key"]


def render_lti_errors(view: View) -> View:
    """Decorate a view to log an LtiError and render it as a page with its code."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LtiError as error:
            return _render_error(request, error)

    return wrapper


def _render_error(request: HttpRequest, error: LtiError) -> HttpResponse:
    reference = get_random_string(8, "23456789abcdefghjkmnpqrstuvwxyz")
    log.warning(
        "lti_refused",
        code=error.kind.code,
        reason=error.reason,
        reference=reference,
        path=request.path,
        **error.details,
    )
    context = {"error": error.kind, "reference": reference}
    response = render(request, "lti/error.html", context, status=error.kind.status)
    return allow_any_frame(request, response)


def get_own_origin(request: HttpRequest) -> str:
    """Return `scheme://host[:port]` of this installation, as the client addressed it."""
    return f"{request.scheme}://{request.get_host()}"


@csrf_exempt
@never_cache
@render_lti_errors
def login(request: HttpRequest) -> HttpResponse:
    """Answer a login initiation with an authentication request (Security Framework, 5.1.1)."""
    initiation = LoginInitiation(**_read_parameters(_get_data(request), INITIATION_PARAMETERS))
    validate_target_uri(initiation.target_link_uri, own_origin=get_own_origin(request))
    started = start_login(
        initiation, redirect_uri=request.build_absolute_uri(reverse("lti-launch"))
    )
    response: HttpResponse = HttpResponseRedirect(started.url)
    if initiation.lti_storage_target:
        response = _render_put_data(request, started, initiation.lti_storage_target)
    if get_session_launch(request.session) is None and not is_erased(request):
        delete_unpartitioned_cookies(request, response)
    name = _get_cookie_name(started.state)
    response.set_cookie(
        name,
        started.browser_secret,
        max_age=LOGIN_LIFETIME,
        path=reverse("lti-launch"),
        httponly=True,
    )
    mark_partitioned(response.cookies, name)
    return response


@csrf_exempt
@never_cache
@render_lti_errors
def launch(request: HttpRequest) -> HttpResponse:
    """Handle the authentication response (Security Framework, 5.1.1.3)."""
    if request.method != "POST":
        raise LtiError(ErrorKind.INVALID_REQUEST, "launch_not_posted")
    data = _get_data(request)
    if "error" in data:
        raise LtiError(ErrorKind.PLATFORM_ERROR, "platform_error")
    parameters = _read_parameters(data, LAUNCH_PARAMETERS)
    state, storage_key = parameters["state"], parameters["storage_key"]
    if not state or not parameters["id_token"]:
        raise LtiError(ErrorKind.INVALID_REQUEST, "launch_incomplete")
    pending = get_pending_login(state)
    has_cookie = is_same_browser(pending, request.COOKIES.get(_get_cookie_name(state), ""))
    if not has_cookie and not _is_proven_by_storage(request, pending, storage_key):
        return _render_get_data(request, pending, parameters)
    return _complete_launch(request, pending, parameters, has_cookie=has_cookie)


@require_GET
def key_set(request: HttpRequest) -> JsonResponse:
    """Return this tool's public keys as a JWKS."""
    response = JsonResponse(get_key_set())
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_GET
@ensure_csrf_cookie
def no_role_page(request: HttpRequest) -> HttpResponse:
    """Show a signed-in user without a role that the course is not open to them."""
    supports = list_supporter_links(user=request.user).exists()
    return render(request, "lti/no_role.html", {"supports": supports})


@require_POST
@never_cache
def window_pass(request: HttpRequest) -> JsonResponse:
    """Return a one-time address that opens this session in a new window."""
    session_launch = get_session_launch(request.session)
    if session_launch is None or not request.user.is_authenticated:
        return JsonResponse({"reason": "no_launch"}, status=403)
    path = request.POST.get("path", "/")
    secret = create_window_pass(user=request.user, launch=session_launch, path=path)
    return JsonResponse({"url": reverse("lti-window", args=[secret])}, status=201)


@require_GET
@never_cache
@render_lti_errors
def window(request: HttpRequest, secret: str) -> HttpResponse:
    """Redeem a window pass; only pages of this site may link here."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise LtiError(ErrorKind.EXPIRED, "pass_from_elsewhere")
    redeemed = redeem_window_pass(secret)
    log_in(request, redeemed.user, SessionLaunch(**redeemed.launch))
    return redirect(sanitize_path(redeemed.path))


def _complete_launch(
    request: HttpRequest, pending: LaunchState, parameters: dict[str, str], *, has_cookie: bool
) -> HttpResponse:
    validated = validate_launch(pending, parameters["id_token"], own_origin=get_own_origin(request))
    result = apply_launch(validated)
    path = get_redirect_path(validated, result)
    context_id = result.context.pk if result.context else None
    session_launch = SessionLaunch(
        pending.platform_id, validated.deployment.pk, context_id, validated.message.locale
    )
    translation.activate(find_language(validated.message.locale) or translation.get_language())
    user = result.identity.user
    if not has_cookie:  # the browser stores no cookie in an iframe
        secret = create_window_pass(user=user, launch=session_launch, path=path)
        url = reverse("lti-window", args=[secret])
        return render(request, "lti/new_window.html", {"url": url})
    is_new_account = is_erased(request)
    log_in(request, user, session_launch)
    if is_new_account:
        messages.info(
            request, gettext("This is a new account: you deleted the earlier one and its data.")
        )
    response = redirect(path)
    name = _get_cookie_name(parameters["state"])
    response.delete_cookie(name, path=reverse("lti-launch"))
    mark_partitioned(response.cookies, name)
    log.info("lti_launched", platform=pending.platform_id, message=validated.message.message_type)
    return response


def _render_put_data(
    request: HttpRequest, started: AuthenticationRequest, target: str
) -> HttpResponse:
    """Render a page that stores the browser secret at the platform (LTI postMessage Storage)."""
    storage = {
        "target": target,
        "origin": started.platform.login_origin,
        "key": _get_cookie_name(started.state),
        "value": started.browser_secret,
        "next": started.url,
    }
    return render(
        request, "lti/put_data.html", {"storage": json.dumps(storage), "url": started.url}
    )


def _is_proven_by_storage(request: HttpRequest, pending: LaunchState, storage_key: str) -> bool:
    """Return whether our own page read the browser secret from the platform's storage.

    A secret posted from another site proves nothing: whoever started the login can read it in
    their own cookie, and could sign another user in to their own account.
    """
    if not pending.storage_target or not _is_posted_by_own_page(request):
        return False
    return is_same_browser(pending, storage_key)


def _is_posted_by_own_page(request: HttpRequest) -> bool:
    try:
        return is_same_origin(request.headers.get("Origin", ""), get_own_origin(request))
    except ValueError:
        return False


def _render_get_data(
    request: HttpRequest, pending: LaunchState, parameters: dict[str, str]
) -> HttpResponse:
    """Render a page that reads the browser secret from the platform's storage."""
    if not pending.storage_target or parameters["storage_key"]:
        raise LtiError(ErrorKind.BROWSER_MISMATCH, "other_browser", platform=pending.platform_id)
    storage = {
        "target": pending.storage_target,
        "origin": pending.platform.login_origin,
        "key": _get_cookie_name(parameters["state"]),
    }
    context = {"storage": json.dumps(storage), "parameters": parameters}
    return render(request, "lti/get_data.html", context)


def _get_data(request: HttpRequest) -> QueryDict:
    try:
        return request.POST if request.method == "POST" else request.GET
    except (SuspiciousOperation, MultiPartParserError, OSError) as error:
        raise LtiError(ErrorKind.INVALID_REQUEST, "unreadable_request") from error


def _read_parameters(data: QueryDict, names: list[str]) -> dict[str, str]:
    """Return the named parameters, "" if absent; repeated ones are ambiguous and refused."""
    if any(len(data.getlist(name)) > 1 for name in names):
        raise LtiError(ErrorKind.INVALID_REQUEST, "repeated_parameter")
    return {name: data.get(name, "") for name in names}


def _get_cookie_name(state: str) -> str:
    return f"lti-{sha256_hex(state)[:16]}"
