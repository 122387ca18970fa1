from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from fer_lms.policy.compliance import is_expired, permits_inference_now
from fer_lms.policy.models import DeploymentPolicy

PURGE_INTERVAL = timedelta(hours=1)
MIN_OPEN_TIME = timedelta(hours=12)
"""A session can always be open for this long."""


def get_active_policy() -> DeploymentPolicy | None:
    """Return the newest signed policy that has begun, unless it was ended or has expired.

    A newer policy replaces the earlier ones permanently. Demo mode uses demo policies only, and
    all others never use them.
    """
    return _get_if_active(_list_begun_in_mode().first())


def get_inference_policy() -> DeploymentPolicy | None:
    """Return the active policy if it permits inference."""
    return _get_if_inference_permitted(get_active_policy())


def lock_inference_policy() -> DeploymentPolicy | None:
    """Lock and return the inference policy, so that no policy is signed or ended meanwhile."""
    return _get_if_inference_permitted(
        _get_if_active(_list_begun_in_mode().select_for_update().first())
    )


def is_inference_permitted() -> bool:
    return get_inference_policy() is not None


def get_disclosed_policy() -> DeploymentPolicy:
    """Return the policy whose terms were last disclosed; they apply after its end as well.

    If there was none, the result is an unsaved policy with the strict defaults.
    """
    return _list_begun_in_mode().first() or _list_begun().first() or DeploymentPolicy()


def compute_retention_cutoff(days_field: str, *, now: datetime) -> datetime:
    """Return the time before which data of one class has to be deleted.

    A longer period applies to new data only. Older data has the shortest period of the policies
    since it was stored.
    """
    cutoff = now - timedelta(days=getattr(get_disclosed_policy(), days_field))
    replaced_at = now
    for policy in _list_begun().filter(valid_from__lte=now):
        expired = now - timedelta(days=getattr(policy, days_field))
        cutoff = max(cutoff, min(expired, replaced_at))
        replaced_at = policy.valid_from
    return cutoff


def get_controller_details() -> dict[str, str]:
    """Return purpose, controller and contact as the policy states them."""
    policy = get_disclosed_policy()
    return {name: getattr(policy, name) for name in ("purpose", "controller", "contact")}


def get_retention_days() -> int:
    """Return for how many days a learner's windows are stored."""
    return get_disclosed_policy().kept_days


def get_max_open_time() -> timedelta:
    """Return how long a session can be open: until shortly before its first data is deleted.

    The report of a session is computed from all of its windows, events and hints.
    """
    policy = get_disclosed_policy()
    days = min(policy.kept_days, policy.events_kept_days, policy.hints_kept_days)
    return max(timedelta(days=days) - PURGE_INTERVAL, MIN_OPEN_TIME)


def get_min_group_size(policy: DeploymentPolicy | None = None) -> int:
    """Return how many contributing learners a class metric needs, at least MIN_GROUP_SIZE."""
    return max(settings.MIN_GROUP_SIZE, (policy or get_disclosed_policy()).small_group)


def _list_begun() -> QuerySet[DeploymentPolicy]:
    """Return signed policies that have begun, the newest first."""
    signed = DeploymentPolicy.objects.filter(signed_at__isnull=False)
    begun = signed.filter(valid_from__lte=timezone.now())
    begun = begun.exclude(ended_at__lte=F("valid_from"))  # ended before its start
    return begun.order_by("-valid_from", "-id")


def _list_begun_in_mode() -> QuerySet[DeploymentPolicy]:
    """Return the begun policies of demo mode, or without demo mode all others."""
    demo = DeploymentPolicy.Kind.DEMO
    return _list_begun().filter(kind=demo if settings.DEMO else DeploymentPolicy.Kind.DEPLOYMENT)


def _get_if_active(policy: DeploymentPolicy | None) -> DeploymentPolicy | None:
    is_active = policy is not None and policy.ended_at is None and not is_expired(policy)
    return policy if is_active else None


def _get_if_inference_permitted(policy: DeploymentPolicy | None) -> DeploymentPolicy | None:
    return policy if policy is not None and permits_inference_now(policy) else None
