"""Tokens and webhooks in the administration: who has which, and their end."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from fer_lms.integrations.models import ApiToken, Webhook, WebhookDelivery
from fer_lms.integrations.tokens import revoke_token
from fer_lms.integrations.webhooks import remove_webhook
from fer_lms.lessons.access import list_taught_courses
from fer_lms.people.models import User
from fer_lms.people.read_only import ReadOnlyAdmin


class AccessAdmin(ReadOnlyAdmin[Any]):
    """Rows are made on the page of those who teach; administrators end them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and list_taught_courses(user=request.user).exists()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the page: a token may do what its maker may, in a course they teach."""
        return redirect("api-access")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(ApiToken)
class ApiTokenAdmin(AccessAdmin):
    list_display = ("name", "maker", "course", "scopes", "made_at", "used_at", "expires_at")
    list_select_related = ("maker", "course")
    exclude = ("digest",)

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke_token(token=obj, actor=_get_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(token=token, actor=_get_actor(request))


@admin.register(Webhook)
class WebhookAdmin(AccessAdmin):
    list_display = ("url", "maker", "course", "made_at", "stopped")
    list_select_related = ("maker", "course")

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        remove_webhook(webhook=obj, actor=_get_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            remove_webhook(webhook=webhook, actor=_get_actor(request))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin[WebhookDelivery]):
    list_display = ("queued_at", "webhook", "attempts", "outcome", "delivered_at")
    list_filter = (("next_attempt_at", admin.EmptyFieldListFilter),)


def _get_actor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
