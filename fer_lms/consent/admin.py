from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fer_lms.consent.forms import PaperConsentForm, SupportersConsentForm
from fer_lms.consent.guardian_actions import (
    GuardianConsentStateError,
    enter_paper_consent,
    enter_supporters_consent,
    renew_link,
    withdraw_by_guardian,
)
from fer_lms.consent.guardians import can_answer, create_link_token
from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.people.models import User
from fer_lms.people.read_only import LearnerDataAdmin, ReadOnlyAdmin, has_taught
from fer_lms.translations.languages import is_reviewed


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin[ConsentText]):
    """Texts are added by migrations; a version is never edited."""

    list_display = ("version", "locale", "form", "review")
    readonly_fields = ("review",)
    list_filter = ("version", "locale", "form")

    @admin.display(description=_("Translation"))
    def review(self, text: ConsentText) -> str:
        """Return whether a native speaker has reviewed the language's consent texts."""
        if is_reviewed(text.locale, "consent_texts"):
            return gettext("reviewed")
        return gettext("not reviewed by a native speaker")


@admin.register(Consent)
class ConsentAdmin(LearnerDataAdmin[Consent]):
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
class GuardianConsentAdmin(LearnerDataAdmin[GuardianConsent]):
    """Staff hand over links and enter signed forms here; teachers have no access."""

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
        custom_urls = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"guardian_{name}")
            for name, view in views.items()
        ]
        return [*custom_urls, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        extra = (extra_context or {}) | {
            "guardian_consent": self.get_object(request, object_id) if object_id else None,
            "can_enter": can_enter_guardian_consent(request),
        }
        return super().changeform_view(request, object_id, form_url, extra)

    def hand_over_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show the link in a letter, to print or to copy."""
        guardian_consent = self._get_permitted(request, pk)
        token = create_link_token(guardian_consent, "answer")
        link = request.build_absolute_uri(reverse("guardian", args=[token]))
        is_valid = can_answer(guardian_consent)
        return self._render(request, "hand_over", guardian_consent, link=link, is_valid=is_valid)

    def paper_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._process_form(request, pk, "paper", enter_paper_consent, PaperConsentForm)

    def supporters_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._process_form(
            request, pk, "supporters", enter_supporters_consent, SupportersConsentForm
        )

    def renew_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._process_form(request, pk, "renew", renew_link)

    def withdraw_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self._process_form(request, pk, "withdraw", withdraw_by_guardian)

    def _process_form(
        self,
        request: HttpRequest,
        pk: Any,
        page: str,
        action: Callable[..., object],
        form_class: Callable[..., forms.Form] | None = None,
    ) -> HttpResponse:
        """Show a form and call the action with its fields."""
        guardian_consent = self._get_permitted(request, pk)
        data = request.POST if request.method == "POST" else None
        form = (
            form_class(data, guardian_consent=guardian_consent) if form_class else forms.Form(data)
        )
        if form.is_valid():
            actor = cast(User, request.user)
            try:
                action(guardian_consent=guardian_consent, actor=actor, **form.cleaned_data)
            except GuardianConsentStateError:
                form.add_error(None, gettext("It was answered before, or the text has changed."))
            else:
                messages.success(request, gettext("Saved."))
                return redirect("admin:consent_guardianconsent_change", pk)
        return self._render(request, page, guardian_consent, form=form)

    def _get_permitted(self, request: HttpRequest, pk: Any) -> GuardianConsent:
        if not can_enter_guardian_consent(request):
            raise PermissionDenied
        return get_object_or_404(GuardianConsent.objects.select_related("person"), pk=pk)

    def _render(
        self, request: HttpRequest, page: str, guardian_consent: GuardianConsent, **extra: Any
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, **extra}
        context["guardian_consent"] = guardian_consent
        return TemplateResponse(request, f"admin/consent/guardianconsent/{page}.html", context)


def can_enter_guardian_consent(request: HttpRequest) -> bool:
    user = request.user
    allowed = user.has_perm("consent.enter_guardianconsent") and not has_taught(request)
    return bool(user.is_active and user.is_staff and allowed)
