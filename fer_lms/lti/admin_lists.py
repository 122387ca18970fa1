"""Read-only lists of what launches and rosters store, without secrets and contents."""

from django.contrib import admin

from fer_lms.lti.models import (
    DeepLinkRequest,
    Deployment,
    KeySet,
    LaunchState,
    LtiContext,
    LtiResourceLink,
    LtiUser,
    RegistrationInvite,
    ToolKey,
    WindowPass,
)
from fer_lms.people.read_only import ReadOnlyAdmin


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin[Deployment]):
    list_display = ("platform", "deployment_id", "active", "created_at")


@admin.register(ToolKey)
class ToolKeyAdmin(ReadOnlyAdmin[ToolKey]):
    list_display = ("kid", "state", "created_at", "retired_at")
    exclude = ("private_pem",)


@admin.register(KeySet)
class KeySetAdmin(ReadOnlyAdmin[KeySet]):
    list_display = ("platform", "fetched_at", "failure")


@admin.register(LtiContext)
class LtiContextAdmin(ReadOnlyAdmin[LtiContext]):
    list_display = ("course", "deployment", "roster_synced_at", "roster_due_at", "roster_error")
    list_filter = ("roster_error",)


@admin.register(LtiResourceLink)
class LtiResourceLinkAdmin(ReadOnlyAdmin[LtiResourceLink]):
    list_display = ("context", "lesson", "created_at")


@admin.register(LtiUser)
class LtiUserAdmin(ReadOnlyAdmin[LtiUser]):
    """Names are on the user's own page."""

    list_display = ("pk", "platform", "test_user", "created_at", "launched_at")
    exclude = ("user",)


@admin.register(LaunchState)
class LaunchStateAdmin(ReadOnlyAdmin[LaunchState]):
    list_display = ("created_at", "platform", "consumed_at")


@admin.register(WindowPass)
class WindowPassAdmin(ReadOnlyAdmin[WindowPass]):
    list_display = ("created_at", "used_at")
    exclude = ("user",)


@admin.register(DeepLinkRequest)
class DeepLinkRequestAdmin(ReadOnlyAdmin[DeepLinkRequest]):
    list_display = ("created_at", "course", "answered_at")
    exclude = ("user", "data")


@admin.register(RegistrationInvite)
class RegistrationInviteAdmin(ReadOnlyAdmin[RegistrationInvite]):
    list_display = ("created_at", "expires_at", "used_at", "platform")
    exclude = ("digest",)
