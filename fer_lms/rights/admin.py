"""Data rights in the admin: export, and erasure with a preview of what is deleted."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from fer_lms.audit.actions import record_event
from fer_lms.people.admin import PersonAdmin
from fer_lms.people.admin_site import describe_counts
from fer_lms.people.models import User
from fer_lms.people.read_only import LearnerDataAdmin, ReadOnlyAdmin, has_taught
from fer_lms.rights.actions import erase_person
from fer_lms.rights.models import PlatformToken, PurgeRun
from fer_lms.rights.retention import is_purge_overdue
from fer_lms.rights.views import build_export_response


class ErasureForm(forms.Form):
    """A confirmation by typing the person's user name."""

    username = forms.CharField(label=gettext_lazy("To confirm, type the user name"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if name != self.person.username:
            raise forms.ValidationError(gettext("That is not the user name. Nobody was erased."))
        return name


admin.site.unregister(User)


@admin.register(User)
class PersonWithRightsAdmin(PersonAdmin):
    """People with export and erasure instead of Django's deletion.

    Django's deletion has no receipt and leaves class reports as they were. Both are refused to
    those who teach: an export contains what the camera read, and a preview of an erasure counts it.
    """

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        rights = () if has_taught(request) else ("rights",)
        return (*PersonAdmin.list_display, *rights)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        custom_urls = [
            path("<int:pk>/export.<str:form>", view(self.export), name="person-export"),
            path("<int:pk>/erase/", view(self.erase), name="person-erase"),
        ]
        return [*custom_urls, *super().get_urls()]

    @admin.display(description=gettext_lazy("rights"))
    def rights(self, person: User) -> str:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a> · <a href="{}">{}</a>',
            reverse("admin:person-export", args=[person.pk, "json"]),
            gettext("export as JSON"),
            reverse("admin:person-export", args=[person.pk, "page"]),
            gettext("export as a page"),
            reverse("admin:person-erase", args=[person.pk]),
            gettext("erase …"),
        )

    def export(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        person = self._get_person(request, pk)
        record_event(
            actor=self._get_actor(request),
            action="person.exported",
            subject=person,
            details={"form": "json" if form == "json" else "page"},
        )
        return build_export_response(person, form)

    def erase(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = self._get_person(request, pk)
        form = ErasureForm(request.POST or None, person=person)
        if request.method == "POST" and form.is_valid():
            result = erase_person(user=person, actor=self._get_actor(request))
            text = gettext("Erased. Receipt: %(receipt)s") % {"receipt": result.receipt}
            messages.success(request, text)
            return redirect("admin:people_user_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Erase a person"),
            "person": person,
            "form": form,
            "counts": describe_counts(erase_person(user=person, dry_run=True).counts.items()),
        }
        return TemplateResponse(request, "rights/admin_erase.html", context)

    def _get_person(self, request: HttpRequest, pk: int) -> User:
        if not request.user.has_perm("people.delete_user") or has_taught(request):
            raise PermissionDenied
        return get_object_or_404(User, pk=pk)

    def _get_actor(self, request: HttpRequest) -> User | None:
        return request.user if isinstance(request.user, User) else None


@admin.register(PurgeRun)
class PurgeRunAdmin(LearnerDataAdmin[PurgeRun]):
    list_display = ("finished_at", "deleted")

    @admin.display(description=gettext_lazy("deleted rows"))
    def deleted(self, run: PurgeRun) -> int:
        return sum(run.counts.values())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if is_purge_overdue():
            messages.error(
                request,
                gettext("No purge completed for a day: check beat and the aggregation worker."),
            )
        return super().changelist_view(request, extra_context)


@admin.register(PlatformToken)
class PlatformTokenAdmin(ReadOnlyAdmin[PlatformToken]):
    list_display = ("id", "platform", "made_at", "used_at", "revoked_at")
    exclude = ("digest",)
