"""Where an administrator says who supports whom. It shows the supporter nothing yet."""

import uuid
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from fer_lms.lessons.models import Supporter
from fer_lms.lessons.support_actions import (
    CannotSupport,
    end_support,
    name_supporter,
    refuse_unfit,
)
from fer_lms.people.models import User


class SupporterForm(forms.ModelForm[Supporter]):
    actor: User

    class Meta:
        model = Supporter
        fields = ("course", "supporter", "learner", "until")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"course", "supporter", "learner"} <= found.keys():
            try:
                refuse_unfit(**found, actor=self.actor)
            except CannotSupport as error:
                raise ValidationError(str(error)) from error
        return found


@admin.register(Supporter)
class SupporterAdmin(admin.ModelAdmin[Supporter]):
    """Rows are added and ended, never edited or deleted: they say who might have seen what."""

    form = SupporterForm
    list_display = ("id", "course", "supporting", "supported", "since", "until", "ended_at")
    list_filter = ("ended_at", "until")
    list_select_related = ("course", "supporter", "learner")
    raw_id_fields = ("supporter", "learner")
    actions = ("end_now",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("lessons.change_supporter"))

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

    @admin.display(description=gettext_lazy("supporter (public id)"))
    def supporting(self, link: Supporter) -> uuid.UUID:
        return link.supporter.public_id

    @admin.display(description=gettext_lazy("learner (public id)"))
    def supported(self, link: Supporter) -> uuid.UUID:
        return link.learner.public_id
