"""What a place can demand of a policy, each demand a check of the policy's own fields.

A check looks and answers; nobody ticks it. profiles.py says which place demands what, and why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise

from fer_lms.policy.models import DeploymentPolicy

Check = Callable[[DeploymentPolicy], bool]
Text = str | Promise

RETENTION_FIELDS = (
    "kept_days",
    "events_kept_days",
    "hints_kept_days",
    "reports_kept_days",
    "consents_kept_days",
    "people_kept_days",
    "audit_kept_days",
)
"""The columns that say for how many days each class of data is kept."""
FROM_CAMERA = ("kept_days", "hints_kept_days")
TEACHING = (DeploymentPolicy.Sector.EDUCATION, DeploymentPolicy.Sector.WORKPLACE)
MEDICAL_OR_SAFETY = (DeploymentPolicy.PurposeKind.MEDICAL, DeploymentPolicy.PurposeKind.SAFETY)


@dataclass(frozen=True, slots=True)
class Demand:
    key: str
    says: Text
    source: str
    holds: Check


def filled(*names: str) -> Check:
    """Each of these fields has something in it."""
    return lambda policy: all(str(getattr(policy, name) or "").strip() for name in names)


def guardian_under(age: int) -> Check:
    """Who is younger than this needs a guardian's yes, or nobody so young takes part."""
    return lambda policy: policy.guardian_age >= age or policy.minimum_age >= age


def medical_or_safety(policy: DeploymentPolicy) -> bool:
    """In education and at work for a medical or safety reason only; elsewhere for any."""
    if policy.sector not in TEACHING:
        return policy.sector in DeploymentPolicy.Sector.values
    return policy.purpose_kind in MEDICAL_OR_SAFETY


def on_device_only(policy: DeploymentPolicy) -> bool:
    return policy.on_device_only


def no_figures_to_others(policy: DeploymentPolicy) -> bool:
    return not policy.class_figures_in_xapi


def schedule_stated(policy: DeploymentPolicy) -> bool:
    """Every class of data has its days; the public page states them (tests/policy)."""
    return all(getattr(policy, name) > 0 for name in RETENTION_FIELDS)


def camera_figures_at_most(days: int) -> Check:
    return lambda policy: all(getattr(policy, name) <= days for name in FROM_CAMERA)


def ends_within(days: int) -> Check:
    """It has an end, so that somebody has to think again."""
    return lambda policy: (
        policy.valid_until is not None
        and policy.valid_until - policy.valid_from <= timedelta(days=days)
    )
