"""The two pages behind a guardian's links. They need no account: whoever holds the link may act."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fer_lms.consent.forms import GRANT_WORDS, GuardianForm
from fer_lms.consent.guardian_actions import (
    AlreadyAnswered,
    answer_by_link,
    list_withdrawable,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token, find_request_by_token
from fer_lms.consent.models import GuardianConsent
from fer_lms.consent.queries import get_text_for_reader
from fer_lms.policy.queries import get_controller_details


@never_cache
@require_http_methods(["GET", "POST"])
def guardian_answer(request: HttpRequest, token: str) -> HttpResponse:
    """What the guardian is asked, with a yes and a no of the same size."""
    question = find_request_by_token(token, "answer")
    if question is None:
        return render(request, "consent/guardian_gone.html", status=404)
    if question.given and question.withdrawn_at is None:
        return _given(request, question)
    if not can_answer(question):
        return render(request, "consent/guardian_gone.html", {"question": question}, status=410)
    form = GuardianForm(request.POST or None, question=question)
    if request.method == "POST" and ("no" in request.POST or form.is_valid()):
        return _answer(request, question, form)
    return render(request, "consent/guardian.html", _asked(request, question, form))


@never_cache
@require_http_methods(["GET", "POST"])
def guardian_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Taking the yes back: one page, one button, no reason asked."""
    question = find_request_by_token(token, "withdraw")
    if question is None:
        return render(request, "consent/guardian_gone.html", status=404)
    if request.method == "POST":
        with suppress(AlreadyAnswered):  # taken back before: the page says so either way
            withdraw_by_guardian(question=question)
        return redirect("guardian-withdraw", token)
    given = list_withdrawable(question, question.person.guardian_consents.all())
    context = {"question": question, "given": bool(given)}
    return render(request, "consent/guardian_withdraw.html", context)


def _answer(request: HttpRequest, question: GuardianConsent, form: GuardianForm) -> HttpResponse:
    refused = "no" in request.POST
    try:
        question = answer_by_link(
            question=question,
            given=[] if refused else form.cleaned_data["given"],
            signed_name="" if refused else form.cleaned_data["name"],
        )
    except AlreadyAnswered:
        return render(request, "consent/guardian_gone.html", {"question": question}, status=410)
    if refused:
        return render(request, "consent/guardian_refused.html")
    return _given(request, question)


def _given(request: HttpRequest, question: GuardianConsent) -> HttpResponse:
    """The guardian's copy: what was agreed, and the way to take it back."""
    words = [GRANT_WORDS[grant] for grant in question.given]
    context = {
        "question": question,
        "words": words,
        "withdraw_token": create_link_token(question, "withdraw"),
    }
    return render(request, "consent/guardian_given.html", context)


def _asked(request: HttpRequest, question: GuardianConsent, form: GuardianForm) -> dict[str, Any]:
    easy = request.GET.get("form") == "easy"
    named = {"kept_days": question.kept_days or 0, "small_group": question.small_group or 0}
    return {
        "question": question,
        "form": form,
        "text": get_text_for_reader(
            question.text_version, request.LANGUAGE_CODE, easy=easy, named=named
        ),
        "easy": easy,
        "responsible": get_controller_details(),
    }
