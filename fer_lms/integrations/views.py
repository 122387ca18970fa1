"""The page where a teacher makes and revokes API tokens and webhooks."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fer_lms.integrations.forms import TokenForm, WebhookForm
from fer_lms.integrations.models import ApiToken, Webhook, WebhookDelivery
from fer_lms.integrations.tokens import (
    Scope,
    TooManyTokens,
    create_token,
    is_taught_by_maker,
    revoke_token,
)
from fer_lms.integrations.webhooks import (
    TooManyWebhooks,
    create_webhook,
    get_secret,
    remove_webhook,
)
from fer_lms.lessons.access import list_taught_courses
from fer_lms.people.models import User

SHOWN_DELIVERIES = 20


@require_GET
@never_cache
def api_access(request: HttpRequest) -> HttpResponse:
    """Show the tokens and webhooks of a teacher."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    return _render_page(request, _get_teacher(request))


@require_POST
@never_cache
def make_token(request: HttpRequest) -> HttpResponse:
    """Create a token and show it, once."""
    teacher = _get_teacher(request)
    form = TokenForm(request.POST, courses=list_taught_courses(user=teacher))
    if form.is_valid():
        try:
            secret = create_token(maker=teacher, **form.cleaned_data)
        except TooManyTokens:
            form.add_error(None, gettext("You have too many tokens. Revoke one first."))
        else:
            return _show_once(_render_page(request, teacher, made={"token": secret}))
    return _render_page(request, teacher, token_form=form, status=400)


@require_POST
@never_cache
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke one of the teacher's tokens."""
    teacher = _get_teacher(request, teaches_now=False)
    token = ApiToken.objects.filter(maker=teacher, pk=token_id).first()
    if token is not None:  # pressed again: it is revoked already
        revoke_token(token=token, actor=teacher)
    return redirect("api-access")


@require_POST
@never_cache
def make_webhook(request: HttpRequest) -> HttpResponse:
    """Create a webhook and show its secret, once."""
    teacher = _get_teacher(request)
    form = WebhookForm(request.POST, courses=list_taught_courses(user=teacher))
    if form.is_valid():
        try:
            webhook = create_webhook(maker=teacher, **form.cleaned_data)
        except TooManyWebhooks:
            form.add_error(None, gettext("You have too many addresses. Remove one first."))
        else:
            made = {"secret": get_secret(webhook)}
            return _show_once(_render_page(request, teacher, made=made))
    return _render_page(request, teacher, webhook_form=form, status=400)


@require_POST
@never_cache
def end_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Remove one of the teacher's webhooks with its log."""
    teacher = _get_teacher(request, teaches_now=False)
    webhook = Webhook.objects.filter(maker=teacher, pk=webhook_id).first()
    if webhook is not None:
        remove_webhook(webhook=webhook, actor=teacher)
    return redirect("api-access")


def _get_teacher(request: HttpRequest, *, teaches_now: bool = True) -> User:
    """Return the signed-in person. Raises Http404 for anybody who teaches no course."""
    user = request.user
    if not isinstance(user, User) or (teaches_now and not list_taught_courses(user=user).exists()):
        raise Http404(gettext("This page is for teachers."))
    return user


def _render_page(
    request: HttpRequest,
    teacher: User,
    *,
    made: dict[str, str] | None = None,
    token_form: TokenForm | None = None,
    webhook_form: WebhookForm | None = None,
    status: int = 200,
) -> HttpResponse:
    courses = list_taught_courses(user=teacher)
    deliveries = WebhookDelivery.objects.filter(webhook__maker=teacher)
    context: dict[str, Any] = {
        "made": made or {},
        "token_form": token_form or TokenForm(courses=courses),
        "webhook_form": webhook_form or WebhookForm(courses=courses),
        "tokens": _list_tokens(teacher),
        "webhooks": Webhook.objects.filter(maker=teacher).select_related("course").order_by("pk"),
        "deliveries": deliveries.select_related("webhook", "session__lesson").order_by(
            "-queued_at"
        )[:SHOWN_DELIVERIES],
        "is_demo": settings.DEMO,
    }
    return render(request, "integrations/api_access.html", context, status=status)


def _list_tokens(teacher: User) -> list[dict[str, Any]]:
    labels = dict(Scope.choices)
    now = timezone.now()
    usable = set(ApiToken.objects.filter(is_taught_by_maker()).values_list("pk", flat=True))
    return [
        {
            "token": token,
            "scopes": [labels.get(scope, scope) for scope in token.scopes],
            "has_ended": token.expires_at <= now or token.pk not in usable,
        }
        for token in ApiToken.objects.filter(maker=teacher)
        .select_related("course")
        .order_by("-made_at")
    ]


def _show_once(response: HttpResponse) -> HttpResponse:
    """Let a repetition of the form lead to the page: what is shown once is not stored."""
    response.repetition = redirect("api-access")  # type: ignore[attr-defined]
    return response
