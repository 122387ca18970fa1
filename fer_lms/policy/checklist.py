"""What an administrator sees of a policy: what it states, what is demanded, what holds."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms.policy.compliance import (
    can_be_signed,
    is_over,
    list_unmet_requirements,
    permits_inference_now,
)
from fer_lms.policy.forms import DraftForm
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES
from fer_lms.policy.queries import active_policy


def checklist_context(policy: DeploymentPolicy) -> dict[str, Any]:
    profile = PROFILES.get(policy.jurisdiction)
    unmet = list_unmet_requirements(policy)
    demands = profile.demands if profile else ()
    return {
        "policy": policy,
        "profile": profile,
        "checks": [(each, each not in unmet) for each in demands],
        "ready": can_be_signed(policy),
        "over": is_over(policy),
        "format_state": format_state(policy),
        "infers": permits_inference_now(policy),
        "stated": [
            (each.verbose_name, _shown(policy, each.name))
            for each in policy._meta.concrete_fields
            if each.name in DraftForm.base_fields
        ],
    }


def _shown(policy: DeploymentPolicy, name: str) -> Any:
    shown = getattr(policy, f"get_{name}_display", None)
    if name == "jurisdiction" and policy.jurisdiction in PROFILES:
        return PROFILES[policy.jurisdiction].name
    value = shown() if shown else getattr(policy, name)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "-" if value in (None, "") else value


def format_state(policy: DeploymentPolicy) -> str:
    now = timezone.now()
    if policy.signed_at is None:
        return gettext("draft")
    if policy.ended_at is not None:
        return gettext("ended")
    if is_over(policy):
        return gettext("expired")
    if policy.valid_from > now:
        return gettext("signed, not yet in force")
    if settings.DEMO and policy.kind != DeploymentPolicy.Kind.DEMO:
        return gettext("signed; the demonstration heeds its own policy only")
    return gettext("in force") if active_policy() == policy else gettext("replaced")
