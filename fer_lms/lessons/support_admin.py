"""Where an administrator says who supports whom. It shows the supporter nothing yet."""

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
    end_support,
    name_supporter,
    validate_supporter,
)
from fer_lms.people.models import User

WHAT_IT_DOES = gettext_lazy(
    "This shows nothing by itself. The learner reads the supporter's name and decides, lesson by "
    "lesson; the supporter is never told of a no. Nobody names themselves, and nobody who teaches "
    "the course can be named. It stands in the audit log."
)


class SupporterForm(forms.ModelForm[Supporter]):
    actor: User

    class Meta:
        model = Supporter
        fields = ("course", "supporter", "learner", "until")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"course", "supporter", "learner"} <= found.keys():
            try:
                validate_supporter(**found, actor=self.actor)
            except SupporterError as error:
                raise ValidationError(str(error)) from error
        return found


@admin.register(Supporter)
class SupporterAdmin(admin.ModelAdmin[Supporter]):
    """Rows are added and ended, never edited or deleted: they say who might have seen what."""

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
        told = () if obj is None else self.readonly_fields
        fields = ("course", "supporter", "learner", "until", *told)
        return [(None, {"fields": fields, "description": WHAT_IT_DOES})]

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
        link = name_supporter(**form.cleaned_data, actor=cast(User, request.user))
        obj.pk, obj._state.adding = link.pk, False

    @admin.action(
        description=gettext_lazy("End now: they see nothing any more"), permissions=["end"]
    )
    def end_now(self, request: HttpRequest, links: QuerySet[Supporter]) -> None:
        for link in links:
            end_support(link=link, actor=cast(User, request.user))
        messages.success(request, gettext("Ended."))
