"""Checks of a policy against its jurisdiction's requirements, without database queries."""

from django.utils import timezone

from fer_lms.policy.integrity import is_intact
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES
from fer_lms.policy.requirements import Requirement


def list_unmet_requirements(policy: DeploymentPolicy) -> list[Requirement]:
    """Return the jurisdiction's requirements that the policy does not meet; none for a demo."""
    profile = PROFILES.get(policy.jurisdiction)
    if profile is None or policy.kind == DeploymentPolicy.Kind.DEMO:
        return []
    return [item for item in profile.requirements if not item.is_met(policy)]


def can_be_signed(policy: DeploymentPolicy) -> bool:
    """Return whether jurisdiction, end and, for inference, every requirement are satisfied."""
    if policy.jurisdiction not in PROFILES or is_expired(policy):
        return False
    return not (policy.permits_inference and list_unmet_requirements(policy))


def is_expired(policy: DeploymentPolicy) -> bool:
    return policy.valid_until is not None and policy.valid_until <= timezone.now()


def permits_inference_now(policy: DeploymentPolicy) -> bool:
    """Return whether inference is permitted and every requirement is still met."""
    if not policy.permits_inference or policy.signed_at is None:
        return False
    if policy.kind == DeploymentPolicy.Kind.DEMO:
        return policy.minimum_age >= 18
    is_known = policy.jurisdiction in PROFILES
    return is_known and is_intact(policy) and not list_unmet_requirements(policy)
