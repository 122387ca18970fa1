"""Administration of platforms: register, check, and switch on or off."""

import json
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from fer_lms.lti.launch.views import get_own_origin
from fer_lms.lti.models import (
    DeepLinkRequest,
    Deployment,
    KeySet,
    LaunchState,
    LtiContext,
    LtiResourceLink,
    LtiUser,
    Platform,
    RegistrationInvite,
    ToolKey,
    WindowPass,
)
from fer_lms.lti.registration.dynamic import create_invite
from fer_lms.lti.registration.forms import PlatformForm
from fer_lms.lti.registration.platforms import (
    InvalidPlatformError,
    add_deployment,
    add_page_origin,
    add_platform,
    is_page_origin_missing,
    set_deployment_active,
    set_platform_active,
)
from fer_lms.lti.registration.tool_configuration import ToolUrls, build_canvas_configuration
from fer_lms.people.models import User
from fer_lms.people.read_only import BoundedInline, OwnFieldsAdmin, ReadOnlyAdmin


class DeploymentInline(
    BoundedInline[Deployment, Platform], admin.TabularInline[Deployment, Platform]
):
    model = Deployment
    extra = 0
    readonly_fields = ("deployment_id", "created_at")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Platform)
class PlatformAdmin(OwnFieldsAdmin[Platform]):
    """The identity of a registration is read-only: another key set would be another platform."""

    list_display = ("name", "issuer", "client_id", "active", "local", "created_at")
    readonly_fields = (
        "issuer",
        "client_id",
        "auth_login_url",
        "auth_token_url",
        "key_set_url",
        "local",
        "active",
        "created_at",
    )
    inlines = [DeploymentInline]
    change_list_template = "admin/lti/platform/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # platforms are added on the set-up page

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Switch changed deployments with the action that ends sessions and is audited."""
        formset.save(commit=False)
        actor = cast(User, request.user)
        for deployment, _ in formset.changed_objects:
            set_deployment_active(deployment=deployment, active=deployment.active, actor=actor)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.setup_view)
        return [path("setup/", view, name="lti_platform_setup"), *super().get_urls()]

    def setup_view(self, request: HttpRequest) -> HttpResponse:
        """Show and process the page on which platforms are connected."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        forms: dict[str, Any] = {"platform_form": PlatformForm(), "invite": ""}
        if request.method == "POST":
            try:
                success_message = self._process_action(request, forms)
            except InvalidPlatformError as error:
                messages.error(request, str(error))
                success_message = ""
            if success_message:
                messages.success(request, success_message)
                return HttpResponseRedirect(reverse("admin:lti_platform_setup"))
        context = self.admin_site.each_context(request) | _build_setup_context(request) | forms
        context |= {"opts": self.opts, "title": gettext("Connect a learning platform")}
        return TemplateResponse(request, "admin/lti/platform/setup.html", context)

    def _process_action(self, request: HttpRequest, forms: dict[str, Any]) -> str:
        """Perform the posted action.

        Returns:
            A success message; empty if the page itself shows the result.
        """
        actor = cast(User, request.user)
        action = request.POST.get("action")
        page_address = request.POST.get("page_address", "")
        if action == "invite":
            local = request.POST.get("local") == "on"
            secret = create_invite(actor=actor, local=local, page_address=page_address)
            forms["invite"] = f"{_get_tool_urls(request).register}?invite={secret}"
            return ""
        if action == "add":
            return self._add_platform(request, actor, forms)
        platform = get_object_or_404(Platform, pk=request.POST.get("platform", "0"))
        if action == "deployment":
            deployment_id = request.POST.get("deployment_id", "")
            add_deployment(platform=platform, deployment_id=deployment_id, actor=actor)
            return gettext("The deployment was added.")
        if action == "origin":
            add_page_origin(platform=platform, address=page_address, actor=actor)
            return gettext("Pages of that address may show ours now.")
        if action in ("on", "off"):
            set_platform_active(platform=platform, active=action == "on", actor=actor)
        if action == "on" and is_page_origin_missing(platform):
            messages.warning(
                request,
                gettext(
                    "Your Canvas pages have an address that is not known here: they will show an "
                    "empty frame until you add it below."
                ),
            )
        return gettext("Done.")

    def _add_platform(self, request: HttpRequest, actor: User, forms: dict[str, Any]) -> str:
        form = forms["platform_form"] = PlatformForm(request.POST)
        if not form.is_valid():
            return ""
        deployment_id = form.cleaned_data["deployment_id"]
        try:
            add_platform(
                config=form.build_config(),
                active=True,
                actor=actor,
                deployment_ids=[deployment_id] if deployment_id else [],
            )
        except InvalidPlatformError as error:
            form.add_error(None, str(error))
            return ""
        return gettext("Added and switched on.")


def _get_tool_urls(request: HttpRequest) -> ToolUrls:
    return ToolUrls(settings.PUBLIC_URL or get_own_origin(request))


def _build_setup_context(request: HttpRequest) -> dict[str, Any]:
    urls = _get_tool_urls(request)
    platforms = Platform.objects.prefetch_related("deployments").order_by("active", "name", "pk")
    return {
        "urls": urls,
        "canvas_json": json.dumps(build_canvas_configuration(urls), indent=2),
        "platforms": platforms,
        "without_page_origin": {item.pk for item in platforms if is_page_origin_missing(item)},
    }


# Read-only lists of what launches and rosters store, without secrets and people.
for model, list_display, exclude in (
    (Deployment, ("platform", "deployment_id", "active", "created_at"), ()),
    (ToolKey, ("kid", "state", "created_at", "retired_at"), ("private_pem",)),
    (KeySet, ("platform", "fetched_at", "failure"), ()),
    (
        LtiContext,
        ("course", "deployment", "roster_synced_at", "roster_due_at", "roster_error"),
        (),
    ),
    (LtiResourceLink, ("context", "lesson", "created_at"), ()),
    (LtiUser, ("pk", "platform", "test_user", "created_at", "launched_at"), ("user",)),
    (LaunchState, ("created_at", "platform", "consumed_at"), ()),
    (WindowPass, ("created_at", "used_at"), ("user",)),
    (DeepLinkRequest, ("created_at", "course", "answered_at"), ("user", "data")),
    (RegistrationInvite, ("created_at", "expires_at", "used_at", "platform"), ("digest",)),
):
    admin.site.register(model, ReadOnlyAdmin, list_display=list_display, exclude=exclude)
