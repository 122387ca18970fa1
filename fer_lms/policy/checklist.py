"""Checklist of a policy for administrators: fields, requirements and which are met."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms.policy.compliance import (
    can_be_signed,
    is_expired,
    list_unmet_requirements,
    permits_inference_now,
)
from fer_lms.policy.forms import DraftForm
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES
from fer_lms.policy.queries import get_active_policy


def build_checklist_context(policy: DeploymentPolicy) -> dict[str, Any]:
    profile = PROFILES.get(policy.jurisdiction)
    unmet = list_unmet_requirements(policy)
    requirements = profile.requirements if profile else ()
    return {
        "policy": policy,
        "profile": profile,
        "checks": [(requirement, requirement not in unmet) for requirement in requirements],
        "can_sign": can_be_signed(policy),
        "is_expired": is_expired(policy),
        "state": format_state(policy),
        "can_infer": permits_inference_now(policy),
        "field_values": [
            (field.verbose_name, _format_value(policy, field.name))
            for field in policy._meta.concrete_fields
            if field.name in DraftForm.base_fields
        ],
    }


def format_state(policy: DeploymentPolicy) -> str:
    if policy.signed_at is None:
        return gettext("draft")
    if policy.ended_at is not None:
        return gettext("ended")
    if is_expired(policy):
        return gettext("expired")
    if policy.valid_from > timezone.now():
        return gettext("signed, not yet active")
    if settings.DEMO and policy.kind != DeploymentPolicy.Kind.DEMO:
        return gettext("signed; the demonstration uses its own policy only")
    return gettext("active") if get_active_policy() == policy else gettext("replaced")


def _format_value(policy: DeploymentPolicy, name: str) -> Any:
    if name == "jurisdiction" and policy.jurisdiction in PROFILES:
        return PROFILES[policy.jurisdiction].name
    get_display = getattr(policy, f"get_{name}_display", None)
    value = get_display() if get_display else getattr(policy, name)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "-" if value in (None, "") else value
