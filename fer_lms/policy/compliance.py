"""Whether a policy permits that expressions are read, and if not, why not. No database."""

from django.utils import timezone

from fer_lms.policy.integrity import is_intact
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES
from fer_lms.policy.requirements import Demand


def list_unmet_requirements(policy: DeploymentPolicy) -> list[Demand]:
    """What the policy's place demands and the policy does not hold; none for a demonstration."""
    if policy.kind == DeploymentPolicy.Kind.DEMO:
        return []
    profile = PROFILES.get(policy.jurisdiction)
    return [each for each in profile.demands if not each.holds(policy)] if profile else []


def can_be_signed(policy: DeploymentPolicy) -> bool:
    """A known place, time left, and for expressions everything that the place demands."""
    if policy.jurisdiction not in PROFILES or is_over(policy):
        return False
    return not (policy.permits_inference and list_unmet_requirements(policy))


def is_over(policy: DeploymentPolicy) -> bool:
    return policy.valid_until is not None and policy.valid_until <= timezone.now()


def permits_inference_now(policy: DeploymentPolicy) -> bool:
    """Looked at anew at every question: a demand that is no longer held ends the permission."""
    if not policy.permits_inference or policy.signed_at is None:
        return False
    if policy.kind == DeploymentPolicy.Kind.DEMO:
        return policy.minimum_age >= 18
    return (
        policy.jurisdiction in PROFILES
        and is_intact(policy)
        and not list_unmet_requirements(policy)
    )
