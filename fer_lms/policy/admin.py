from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy

from fer_lms.people.models import User
from fer_lms.people.read_only import OwnFieldsAdmin
from fer_lms.policy.actions import PolicyStateError, end_policy, save_draft, sign_policy
from fer_lms.policy.checklist import build_checklist_context, format_state
from fer_lms.policy.forms import DraftForm, EndForm, SignForm, get_policy_name
from fer_lms.policy.hint_arrival import describe_hint_arrival
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES

FIELDSETS: Any = (
    (
        gettext_lazy("Place, purpose and learners"),
        {
            "fields": (
                "jurisdiction",
                "sector",
                "purpose_kind",
                "purpose",
                "minimum_age",
                "maximum_age",
                "guardian_age",
            )
        },
    ),
    (
        gettext_lazy("Responsibility"),
        {
            "fields": (
                "controller",
                "contact",
                "legal_basis",
                "reference",
                "impact_assessment",
                "written_release",
            )
        },
    ),
    (
        gettext_lazy("Permissions"),
        {
            "fields": (
                "permits_inference",
                "on_device_only",
                "permits_research",
                "class_figures_in_xapi",
                "face_evidence_in_hints",
                "k_anonymous_is_anonymous",
                "small_group",
                "live_seconds",
            )
        },
    ),
    (
        gettext_lazy("Retention in days"),
        {
            "fields": (
                "kept_days",
                "events_kept_days",
                "hints_kept_days",
                "reports_kept_days",
                "consents_kept_days",
                "people_kept_days",
                "audit_kept_days",
            )
        },
    ),
    (gettext_lazy("Validity"), {"fields": ("valid_from", "valid_until")}),
)


@admin.register(DeploymentPolicy)
class DeploymentPolicyAdmin(OwnFieldsAdmin[DeploymentPolicy]):
    """Write, check, sign and end policies; a signed policy is never edited."""

    form = DraftForm
    fieldsets = FIELDSETS
    list_display = ("name", "jurisdiction", "state", "permits_inference", "valid_until")
    change_form_template = "admin/policy/deploymentpolicy/change_form.html"

    @admin.display(description=gettext_lazy("policy"))
    def name(self, policy: DeploymentPolicy) -> str:
        return get_policy_name(policy)

    @admin.display(description=gettext_lazy("state"))
    def state(self, policy: DeploymentPolicy) -> str:
        return format_state(policy)

    def get_urls(self) -> list[URLPattern]:
        sign = self.admin_site.admin_view(self.sign_view)
        end = self.admin_site.admin_view(self.end_view)
        return [
            path("<int:pk>/sign/", sign, name="policy_sign"),
            path("<int:pk>/end/", end, name="policy_end"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.signed_at is None) and can_sign(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_sign(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.signed_at is None and can_sign(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}  # the default one deletes signed policies too

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_draft(policy=obj, actor=cast(User, request.user))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        return redirect("admin:policy_deploymentpolicy_change", obj.pk)

    response_change = response_add

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        policy = self.get_object(request, object_id) if object_id else None
        extra = build_checklist_context(policy) if policy else {"profiles": PROFILES.values()}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | extra)

    def sign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        policy, actor = self._get_permitted(request, pk), cast(User, request.user)
        form = SignForm(request.POST or None, actor=actor)
        if request.method == "POST" and form.is_valid():
            try:
                sign_policy(policy=policy, actor=actor, name=form.cleaned_data["name"])
            except PolicyStateError:
                form.add_error(None, gettext("It cannot be signed: see the unmet requirements."))
            else:
                messages.success(request, gettext("Signed. It is active from its first day on."))
                return redirect("admin:policy_deploymentpolicy_change", pk)
        return self._render(request, "sign", policy, form)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        policy = self._get_permitted(request, pk)
        form = EndForm(request.POST or None, policy=policy)
        if request.method == "POST" and form.is_valid():
            try:
                end_policy(policy=policy, actor=cast(User, request.user))
            except PolicyStateError:
                form.add_error(None, gettext("It is not active."))
            else:
                messages.success(request, gettext("Ended. No camera is used under it any more."))
                return redirect("admin:policy_deploymentpolicy_change", pk)
        return self._render(request, "end", policy, form)

    def _get_permitted(self, request: HttpRequest, pk: int) -> DeploymentPolicy:
        if not can_sign(request):
            raise PermissionDenied
        return get_object_or_404(DeploymentPolicy, pk=pk, kind=DeploymentPolicy.Kind.DEPLOYMENT)

    def _render(
        self, request: HttpRequest, page: str, policy: DeploymentPolicy, form: Any
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | build_checklist_context(policy)
        context |= {"form": form, "opts": self.opts, "name": get_policy_name(policy)}
        context["hint_arrival"] = describe_hint_arrival()
        return TemplateResponse(request, f"admin/policy/deploymentpolicy/{page}.html", context)


def can_sign(request: HttpRequest) -> bool:
    user = request.user
    return bool(user.is_active and user.is_staff and user.has_perm("policy.sign_deploymentpolicy"))
