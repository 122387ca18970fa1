"""The two pages of a guardian's links. They need no account: whoever has the link may act."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fer_lms.consent.forms import GRANT_LABELS, GuardianForm
from fer_lms.consent.guardian_actions import (
    AlreadyAnswered,
    answer_by_link,
    list_withdrawable,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token, find_by_link_token
from fer_lms.consent.models import GuardianConsent
from fer_lms.consent.queries import get_text_for_reader
from fer_lms.policy.queries import get_controller_details


@never_cache
@require_http_methods(["GET", "POST"])
def guardian_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a guardian for consent, with equal buttons for yes and no."""
    guardian_consent = find_by_link_token(token, "answer")
    if guardian_consent is None:
        return render(request, "consent/guardian_invalid.html", status=404)
    if guardian_consent.given and guardian_consent.withdrawn_at is None:
        return _render_given(request, guardian_consent)
    if not can_answer(guardian_consent):
        return _render_expired(request, guardian_consent)
    form = GuardianForm(request.POST or None, guardian_consent=guardian_consent)
    if request.method == "POST" and ("no" in request.POST or form.is_valid()):
        return _store_answer(request, guardian_consent, form)
    return render(request, "consent/guardian.html", _build_context(request, guardian_consent, form))


@never_cache
@require_http_methods(["GET", "POST"])
def guardian_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Withdraw a guardian's consent with one button and no reason."""
    guardian_consent = find_by_link_token(token, "withdraw")
    if guardian_consent is None:
        return render(request, "consent/guardian_invalid.html", status=404)
    if request.method == "POST":
        with suppress(AlreadyAnswered):  # withdrawn before: the page is the same
            withdraw_by_guardian(guardian_consent=guardian_consent)
        return redirect("guardian-withdraw", token)
    answers = guardian_consent.person.guardian_consents.all()
    context = {"can_withdraw": bool(list_withdrawable(guardian_consent, answers))}
    return render(request, "consent/guardian_withdraw.html", context)


def _store_answer(
    request: HttpRequest, guardian_consent: GuardianConsent, form: GuardianForm
) -> HttpResponse:
    is_refused = "no" in request.POST
    try:
        guardian_consent = answer_by_link(
            guardian_consent=guardian_consent,
            given=[] if is_refused else form.cleaned_data["given"],
            signed_name="" if is_refused else form.cleaned_data["name"],
        )
    except AlreadyAnswered:
        return _render_expired(request, guardian_consent)
    if is_refused:
        return render(request, "consent/guardian_refused.html")
    return _render_given(request, guardian_consent)


def _render_expired(request: HttpRequest, guardian_consent: GuardianConsent) -> HttpResponse:
    context = {"guardian_consent": guardian_consent}
    return render(request, "consent/guardian_invalid.html", context, status=410)


def _render_given(request: HttpRequest, guardian_consent: GuardianConsent) -> HttpResponse:
    """Render the guardian's copy: what was agreed, and the link to withdraw."""
    context = {
        "labels": [GRANT_LABELS[grant] for grant in guardian_consent.given],
        "withdraw_token": create_link_token(guardian_consent, "withdraw"),
    }
    return render(request, "consent/guardian_given.html", context)


def _build_context(
    request: HttpRequest, guardian_consent: GuardianConsent, form: GuardianForm
) -> dict[str, Any]:
    is_easy = request.GET.get("form") == "easy"
    terms = {
        "kept_days": guardian_consent.kept_days or 0,
        "small_group": guardian_consent.small_group or 0,
    }
    return {
        "guardian_consent": guardian_consent,
        "form": form,
        "text": get_text_for_reader(
            guardian_consent.text_version, request.LANGUAGE_CODE, easy=is_easy, terms=terms
        ),
        "easy": is_easy,
        "controller_details": get_controller_details(),
    }
