from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from fer_lms.policy.compliance import is_over, permits_inference_now
from fer_lms.policy.models import DeploymentPolicy


def active_policy() -> DeploymentPolicy | None:
    """The newest signed policy that has begun, unless it was ended or its time is over: the ones
    before it gave way when it began and never come back. A demo policy counts only where the
    demonstration was started, and there no other does."""
    return _if_it_lasts(_begun_here().first())


def _begun() -> QuerySet[DeploymentPolicy]:
    """Signed, and their first day has come, the newest first. What was ended before its first day
    never began."""
    never_began = Q(ended_at__isnull=False) & Q(ended_at__lte=F("valid_from"))
    signed = DeploymentPolicy.objects.filter(signed_at__isnull=False)
    begun = signed.filter(valid_from__lte=timezone.now()).exclude(never_began)
    return begun.order_by("-valid_from", "-id")


def _begun_here() -> QuerySet[DeploymentPolicy]:
    demo = DeploymentPolicy.Kind.DEMO
    return _begun().filter(kind=demo if settings.DEMO else DeploymentPolicy.Kind.DEPLOYMENT)


def _if_it_lasts(policy: DeploymentPolicy | None) -> DeploymentPolicy | None:
    lasts = policy is not None and policy.ended_at is None and not is_over(policy)
    return policy if lasts else None


def is_inference_permitted() -> bool:
    return inference_policy() is not None


def inference_policy() -> DeploymentPolicy | None:
    """The policy in force, where it permits that expressions are read."""
    return _if_it_infers(active_policy())


def lock_inference_policy() -> DeploymentPolicy | None:
    """The same, with its row locked: until this transaction ends no policy is signed or ended."""
    return _if_it_infers(_if_it_lasts(_begun_here().select_for_update().first()))


def _if_it_infers(policy: DeploymentPolicy | None) -> DeploymentPolicy | None:
    return policy if policy is not None and permits_inference_now(policy) else None


def disclosed_policy() -> DeploymentPolicy:
    """The policy in force; without one the last that was, whose promises still hold: what was kept
    under it does not outlive it. Where there never was one, the strict defaults."""
    return _begun_here().first() or _begun().first() or DeploymentPolicy()


def compute_retention_cutoff(days_field: str, *, now: datetime) -> datetime:
    """What is older than this was promised to be gone. A policy that keeps for longer is none for
    what was there before it: that goes after the shortest time of any policy since."""
    promised = disclosed_policy()
    compute_retention_cutoff = now - timedelta(days=getattr(promised, days_field))
    followed_at = now
    for policy in _begun().filter(valid_from__lte=now):
        gone = now - timedelta(days=getattr(policy, days_field))
        compute_retention_cutoff = max(compute_retention_cutoff, min(gone, followed_at))
        followed_at = policy.valid_from
    return compute_retention_cutoff


def get_controller_details() -> dict[str, str]:
    """What it is for, who is responsible and whom to ask, as the policy states it."""
    policy = disclosed_policy()
    return {each: getattr(policy, each) for each in ("purpose", "controller", "contact")}


def get_retention_days() -> int:
    """Days that a learner's windows are kept."""
    return disclosed_policy().kept_days


def get_min_group_size(policy: DeploymentPolicy | None = None) -> int:
    """How many contributing learners a class figure needs; never under settings.SMALL_GROUP."""
    return max(settings.SMALL_GROUP, (policy or disclosed_policy()).small_group)
