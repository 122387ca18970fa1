from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from fer_lms.policy.models import DeploymentPolicy


def policy_in_force() -> DeploymentPolicy | None:
    """The newest valid policy. A demo policy counts only where the demonstration was started."""
    now = timezone.now()
    valid = DeploymentPolicy.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now), valid_from__lte=now
    )
    if not settings.DEMO:
        valid = valid.exclude(kind=DeploymentPolicy.Kind.DEMO)
    return valid.order_by("-valid_from", "-id").first()


def inference_permitted() -> bool:
    policy = policy_in_force()
    return policy is not None and policy.permits_inference


def retention_days() -> int:
    """Days that a learner's windows are kept. Without a policy in force the last one's promise
    still holds: what was kept under it does not outlive it."""
    policy = policy_in_force() or DeploymentPolicy.objects.order_by("-valid_from", "-id").first()
    return (policy or DeploymentPolicy()).kept_days


def smallest_group() -> int:
    """How many contributing learners a class figure needs; never under settings.SMALL_GROUP."""
    policy = policy_in_force()
    return max(settings.SMALL_GROUP, policy.small_group if policy else 0)
