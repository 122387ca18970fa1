"""Platforms for administrators: what to paste where, and what is switched on."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from fer_lms.lti import admin_lists  # noqa: F401 - registers its lists
from fer_lms.lti.models import Deployment, Platform
from fer_lms.lti.registration.forms import DeploymentForm, PlatformForm
from fer_lms.lti.registration.platforms import (
    NotAPlatform,
    add_deployment,
    add_page_origin,
    add_platform,
    lacks_page_origin,
    switch_deployment,
    switch_platform,
)
from fer_lms.lti.registration.registrations import make_invite
from fer_lms.lti.registration.setup_page import own_addresses, setup_context
from fer_lms.people.models import User


class DeploymentInline(admin.TabularInline[Deployment, Platform]):
    model = Deployment
    extra = 0
    readonly_fields = ("deployment_id", "created_at")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Platform)
class PlatformAdmin(admin.ModelAdmin[Platform]):
    """What a registration consists of is not edited: a changed key address would be another
    platform. Frames and audience may be; everything else is on the set-up page."""

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

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """A deployment is switched, not merely stored: sessions end, and the log knows of it."""
        formset.save(commit=False)
        for deployment, _ in formset.changed_objects:
            switch_deployment(
                deployment=deployment, active=deployment.active, actor=cast(User, request.user)
            )

    change_list_template = "admin/lti/platform/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the set-up page does it

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.setup_view)
        return [path("setup/", view, name="lti_platform_setup"), *super().get_urls()]

    def setup_view(self, request: HttpRequest) -> HttpResponse:
        """Everything about connecting an LMS, on one page."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        forms: dict[str, Any] = {"platform_form": PlatformForm(), "invite": ""}
        if request.method == "POST":
            done = self._carry_out(request, forms)
            if done:
                messages.success(request, done)
                return HttpResponseRedirect(reverse("admin:lti_platform_setup"))
        context = self.admin_site.each_context(request) | setup_context(request) | forms
        context |= {"opts": self.opts, "title": gettext("Connect a learning platform")}
        return TemplateResponse(request, "admin/lti/platform/setup.html", context)

    def _carry_out(self, request: HttpRequest, forms: dict[str, Any]) -> str:
        """What was done, in words; nothing where the page has something to show instead."""
        actor = cast(User, request.user)
        wish = request.POST.get("wish")
        if wish == "invite":
            return self._invite(request, actor, forms)
        if wish == "add":
            return self._add(request, actor, forms)
        platform = get_object_or_404(Platform, pk=request.POST.get("platform", "0"))
        if wish == "deployment":
            return self._deploy(request, actor, platform)
        if wish == "origin":
            return self._add_origin(request, actor, platform)
        if wish in ("on", "off"):
            switch_platform(platform=platform, active=wish == "on", actor=actor)
        if wish == "on" and lacks_page_origin(platform):
            messages.warning(
                request,
                gettext(
                    "Your Canvas pages have an address that is not known here: they will show an "
                    "empty frame until you add it below."
                ),
            )
        return gettext("Done.")

    def _invite(self, request: HttpRequest, actor: User, forms: dict[str, Any]) -> str:
        try:
            secret = make_invite(
                actor=actor,
                local=request.POST.get("local") == "on",
                page_address=request.POST.get("page_address", ""),
            )
        except NotAPlatform as error:
            messages.error(request, str(error))
            return ""
        forms["invite"] = f"{own_addresses(request).register}?invite={secret}"
        return ""

    def _add_origin(self, request: HttpRequest, actor: User, platform: Platform) -> str:
        try:
            address = request.POST.get("page_address", "")
            add_page_origin(platform=platform, address=address, actor=actor)
        except NotAPlatform as error:
            messages.error(request, str(error))
            return ""
        return gettext("Pages of that address may show ours now.")

    def _add(self, request: HttpRequest, actor: User, forms: dict[str, Any]) -> str:
        form = forms["platform_form"] = PlatformForm(request.POST)
        if not form.is_valid():
            return ""
        deployments = [form.cleaned_data["deployment_id"]]
        try:
            add_platform(
                facts=form.facts(),
                active=True,
                actor=actor,
                deployment_ids=list(filter(None, deployments)),
            )
        except NotAPlatform as error:
            form.add_error(None, str(error))
            return ""
        return gettext("Added and switched on.")

    def _deploy(self, request: HttpRequest, actor: User, platform: Platform) -> str:
        form = DeploymentForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("That is no deployment id."))
            return ""
        add_deployment(
            platform=platform, deployment_id=form.cleaned_data["deployment_id"], actor=actor
        )
        return gettext("The deployment is known now.")
