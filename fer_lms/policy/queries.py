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
