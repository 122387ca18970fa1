from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.verdict import may_infer


def policy_in_force() -> DeploymentPolicy | None:
    """The newest signed policy whose time it is. A demo policy counts only where the
    demonstration was started, and there no other does."""
    return _in_force().first()


def _in_force() -> QuerySet[DeploymentPolicy]:
    now = timezone.now()
    demo = DeploymentPolicy.Kind.DEMO
    signed = DeploymentPolicy.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        valid_from__lte=now,
        signed_at__isnull=False,
        ended_at__isnull=True,
        kind=demo if settings.DEMO else DeploymentPolicy.Kind.DEPLOYMENT,
    )
    return signed.order_by("-valid_from", "-id")


def inference_permitted() -> bool:
    return inference_policy() is not None


def inference_policy() -> DeploymentPolicy | None:
    """The policy in force, where it permits that expressions are read."""
    return _if_it_infers(policy_in_force())


def locked_inference_policy() -> DeploymentPolicy | None:
    """The same, with its row locked: until this transaction ends no policy is signed or ended."""
    return _if_it_infers(_in_force().select_for_update().first())


def _if_it_infers(policy: DeploymentPolicy | None) -> DeploymentPolicy | None:
    return policy if policy is not None and may_infer(policy) else None


def policy_that_promised() -> DeploymentPolicy:
    """The policy in force; without one the last that was signed, whose promises still hold: what
    was kept under it does not outlive it. Where there never was one, the strict defaults."""
    signed = DeploymentPolicy.objects.filter(signed_at__isnull=False)
    return policy_in_force() or signed.order_by("-valid_from", "-id").first() or DeploymentPolicy()


def retention_days() -> int:
    """Days that a learner's windows are kept."""
    return policy_that_promised().kept_days


def smallest_group() -> int:
    """How many contributing learners a class figure needs; never under settings.SMALL_GROUP."""
    return max(settings.SMALL_GROUP, policy_that_promised().small_group)
