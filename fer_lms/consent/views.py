"""The pages behind a guardian's two links; they need no account."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fer_lms.consent.forms import GRANT_LABELS, GuardianForm
from fer_lms.consent.guardian_actions import (
    GuardianConsentStateError,
    answer_by_link,
    list_withdrawable_consents,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token, find_guardian_consent
from fer_lms.consent.models import GuardianConsent
from fer_lms.consent.queries import get_text_for_reader
from fer_lms.policy.queries import get_controller_details


@never_cache
@require_http_methods(["GET", "POST"])
def guardian_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a guardian for consent, with equal buttons for yes and no."""
    guardian_consent = find_guardian_consent(token, "answer")
    if guardian_consent is None:
        return render(request, "consent/guardian_invalid.html", status=404)
    if guardian_consent.given and guardian_consent.withdrawn_at is None:
        return _render_confirmation(request, guardian_consent)
    if guardian_consent.state == GuardianConsent.State.REFUSED:
        return _render_refusal(request)
    if not can_answer(guardian_consent):
        return _render_expired(request, guardian_consent)
    form = GuardianForm(request.POST or None, guardian_consent=guardian_consent)
    if request.method == "POST" and ("no" in request.POST or form.is_valid()):
        return _store_answer(request, guardian_consent, form)
    return render(request, "consent/guardian.html", _build_context(request, guardian_consent, form))


@never_cache
@require_http_methods(["GET", "POST"])
def guardian_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Withdraw a guardian's consent with one button, without asking for a reason."""
    guardian_consent = find_guardian_consent(token, "withdraw")
    if guardian_consent is None:
        return render(request, "consent/guardian_invalid.html", status=404)
    if request.method == "POST":
        with suppress(GuardianConsentStateError):  # a repeated withdrawal shows the same page
            withdraw_by_guardian(guardian_consent=guardian_consent)
        return redirect("guardian-withdraw", token)
    answers = guardian_consent.person.guardian_consents.all()
    context = {"can_withdraw": bool(list_withdrawable_consents(guardian_consent, answers))}
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
    except GuardianConsentStateError:
        return _render_expired(request, guardian_consent)
    if is_refused:
        return _render_refusal(request)
    return _render_confirmation(request, guardian_consent)


def _render_refusal(request: HttpRequest) -> HttpResponse:
    """Render that the answer no is stored; also where it is pressed or opened again."""
    return render(request, "consent/guardian_refused.html")


def _render_expired(request: HttpRequest, guardian_consent: GuardianConsent) -> HttpResponse:
    context = {"guardian_consent": guardian_consent}
    return render(request, "consent/guardian_invalid.html", context, status=410)


def _render_confirmation(request: HttpRequest, guardian_consent: GuardianConsent) -> HttpResponse:
    """Render what the guardian agreed to, and the link to withdraw it."""
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
