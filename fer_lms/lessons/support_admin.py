"""Admin of the assignment of support persons."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from fer_lms.lessons.models import Supporter
from fer_lms.lessons.support_actions import (
    SupporterError,
    assign_supporter,
    end_support,
    validate_supporter,
)
from fer_lms.people.models import User
from fer_lms.people.read_only import OwnFieldsAdmin

DESCRIPTION = gettext_lazy(
    "A support person sees nothing until the learner agrees. The learner sees the name and decides "
    "for each lesson; the supporter does not learn of a refusal. You cannot name yourself or a "
    "teacher of the course. Every change is recorded in the audit log."
)


class SupporterForm(forms.ModelForm[Supporter]):
    actor: User

    class Meta:
        model = Supporter
        fields = ("course", "supporter", "learner", "until")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"course", "supporter", "learner"} <= cleaned.keys():
            try:
                validate_supporter(**cleaned, actor=self.actor)
            except SupporterError as error:
                raise ValidationError(str(error)) from error
        return cleaned


@admin.register(Supporter)
class SupporterAdmin(OwnFieldsAdmin[Supporter]):
    """Rows are added and ended, never edited or deleted: they document who had access."""

    form = SupporterForm
    list_display = ("course", "supporter", "learner", "since", "until", "ended_at")
    list_filter = ("ended_at", "until")
    list_select_related = ("course", "supporter", "learner")
    raw_id_fields = ("supporter", "learner")
    readonly_fields = ("since", "ended_at", "named_by")
    actions = ("end_now",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("lessons.change_supporter"))

    def get_fieldsets(self, request: HttpRequest, obj: Supporter | None = None) -> Any:
        readonly = () if obj is None else self.readonly_fields
        fields = ("course", "supporter", "learner", "until", *readonly)
        return [(None, {"fields": fields, "description": DESCRIPTION})]

    def get_form(
        self,
        request: HttpRequest,
        obj: Supporter | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type("SupporterFormOfActor", (form,), {"actor": request.user})

    def save_model(self, request: HttpRequest, obj: Supporter, form: Any, change: bool) -> None:
        link = assign_supporter(**form.cleaned_data, actor=cast(User, request.user))
        obj.pk, obj._state.adding = link.pk, False

    @admin.action(description=gettext_lazy("End now: removes all access"), permissions=["end"])
    def end_now(self, request: HttpRequest, links: QuerySet[Supporter]) -> None:
        for link in links:
            end_support(link=link, actor=cast(User, request.user))
        messages.success(request, gettext("Ended."))
