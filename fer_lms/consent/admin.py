from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from fer_lms.consent.forms import PaperConsentForm, SupportersPaperForm
from fer_lms.consent.guardian_actions import (
    AlreadyAnswered,
    enter_paper_consent,
    enter_supporters_paper,
    renew_link,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token
from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.people.models import User
from fer_lms.people.read_only import ReadOnlyAdmin


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin[ConsentText]):
    """Texts come with the program's migrations: a version is never edited."""

    list_display = ("version", "locale", "form")
    list_filter = ("version", "locale", "form")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin[Consent]):
    list_display = (
        "participant_id",
        "state",
        "text_version",
        "epoch",
        "capture",
        "server_processing",
        "withdrawn_at",
        "erased_at",
    )
    list_filter = ("text_version", "capture", "server_processing", "withdrawn_at")


@admin.register(GuardianConsent)
class GuardianConsentAdmin(ReadOnlyAdmin[GuardianConsent]):
    """Where staff hand the link on and enter papers. No teacher gets here."""

    list_display = ("id", "person", "state", "way", "asked_at", "expires_at", "answered_at")
    list_filter = ("state", "way", "text_version")
    list_select_related = ("person",)
    change_form_template = "admin/consent/guardianconsent/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        views = {
            "hand-over": self.hand_over_view,
            "paper": self.paper_view,
            "supporters": self.supporters_view,
            "renew": self.renew_view,
            "withdraw": self.withdraw_view,
        }
        own = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"guardian_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        question = self.get_object(request, object_id) if object_id else None
        extra = {"question": question, "clerk": can_enter_guardian_consent(request)}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | extra)

    def hand_over_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The link with a letter around it, to print or to copy."""
        question = self._question(request, pk)
        answer_path = reverse("guardian", args=[create_link_token(question, "answer")])
        link = request.build_absolute_uri(answer_path)
        return self._render(request, "hand_over", question, link=link, works=can_answer(question))

    def paper_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        question = self._question(request, pk)
        form = PaperConsentForm(request.POST or None, question=question)
        if request.method == "POST" and form.is_valid():
            try:
                enter_paper_consent(
                    question=question, actor=cast(User, request.user), **form.cleaned_data
                )
            except AlreadyAnswered:
                form.add_error(None, gettext("It was answered before, or the text has changed."))
            else:
                messages.success(request, gettext("Entered."))
                return self._back_to(question)
        return self._render(request, "paper", question, form=form)

    def supporters_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        question = self._question(request, pk)
        form = SupportersPaperForm(request.POST or None, question=question)
        if request.method == "POST" and form.is_valid():
            actor = cast(User, request.user)
            try:
                enter_supporters_paper(question=question, actor=actor, **form.cleaned_data)
            except AlreadyAnswered:
                form.add_error(None, gettext("No yes holds, or the text has changed."))
            else:
                messages.success(request, gettext("Entered."))
                return self._back_to(question)
        return self._render(request, "supporters", question, form=form)

    def renew_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._decide(request, pk, "renew", renew_link)

    def withdraw_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._decide(request, pk, "withdraw", withdraw_by_guardian)

    def _decide(self, request: HttpRequest, pk: Any, page: str, action: Any) -> HttpResponse:
        question = self._question(request, pk)
        form = forms.Form(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                action(question=question, actor=cast(User, request.user))
            except AlreadyAnswered:
                form.add_error(None, gettext("It was answered or taken back before."))
            else:
                messages.success(request, gettext("Done."))
                return self._back_to(question)
        return self._render(request, page, question, form=form)

    def _question(self, request: HttpRequest, pk: Any) -> GuardianConsent:
        if not can_enter_guardian_consent(request):
            raise PermissionDenied
        return get_object_or_404(GuardianConsent.objects.select_related("person"), pk=pk)

    def _back_to(self, question: GuardianConsent) -> HttpResponse:
        page = reverse("admin:consent_guardianconsent_change", args=[question.pk])
        return HttpResponseRedirect(page)

    def _render(
        self, request: HttpRequest, page: str, question: GuardianConsent, **more: Any
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, **more}
        context["question"] = question
        return TemplateResponse(request, f"admin/consent/guardianconsent/{page}.html", context)


def can_enter_guardian_consent(request: HttpRequest) -> bool:
    user = request.user
    allowed = user.has_perm("consent.enter_guardianconsent")
    return bool(user.is_active and user.is_staff and allowed)
