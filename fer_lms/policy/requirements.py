"""Requirements that a jurisdiction can have, each a check of the policy's own fields.

profiles.py lists the requirements of each jurisdiction with their sources.
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
"""Fields with the number of days that each class of data is stored."""
CAMERA_RETENTION_FIELDS = ("kept_days", "hints_kept_days")
EDUCATION_OR_WORK = (DeploymentPolicy.Sector.EDUCATION, DeploymentPolicy.Sector.WORKPLACE)
MEDICAL_OR_SAFETY = (DeploymentPolicy.PurposeKind.MEDICAL, DeploymentPolicy.PurposeKind.SAFETY)


@dataclass(frozen=True, slots=True)
class Requirement:
    key: str
    text: Text
    source: str
    is_met: Check


def has_fields(*names: str) -> Check:
    """Return a check that each of these fields is filled in."""
    return lambda policy: all(str(getattr(policy, name) or "").strip() for name in names)


def has_guardian_age(age: int) -> Check:
    """Return a check that learners under this age need a guardian or cannot take part."""
    return lambda policy: policy.guardian_age >= age or policy.minimum_age >= age


def has_medical_or_safety_purpose(policy: DeploymentPolicy) -> bool:
    """Return whether sector and purpose fit: education and work permit medical or safety only."""
    if policy.sector not in EDUCATION_OR_WORK:
        return policy.sector in DeploymentPolicy.Sector.values
    return policy.purpose_kind in MEDICAL_OR_SAFETY


def is_on_device_only(policy: DeploymentPolicy) -> bool:
    return policy.on_device_only


def has_no_disclosure(policy: DeploymentPolicy) -> bool:
    return not policy.class_figures_in_xapi


def has_retention_schedule(policy: DeploymentPolicy) -> bool:
    return all(getattr(policy, name) > 0 for name in RETENTION_FIELDS)


def has_camera_retention(max_days: int) -> Check:
    """Return a check that camera readings are stored for this many days at most."""
    return lambda policy: all(getattr(policy, name) <= max_days for name in CAMERA_RETENTION_FIELDS)


def has_end(max_days: int) -> Check:
    """Return a check that the policy is valid for this many days at most."""
    return lambda policy: (
        policy.valid_until is not None
        and policy.valid_until - policy.valid_from <= timedelta(days=max_days)
    )
