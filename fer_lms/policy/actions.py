from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.people.models import User
from fer_lms.policy.compliance import can_be_signed
from fer_lms.policy.integrity import compute_seal
from fer_lms.policy.models import DeploymentPolicy


class PolicyStateError(Exception):
    """The policy's state does not permit the action: unmet requirements, signed or ended."""


def ensure_demo_policy() -> DeploymentPolicy:
    """Find or create the policy of the demonstration: adults, this machine, short retention."""
    policy, _ = DeploymentPolicy.objects.get_or_create(
        kind=DeploymentPolicy.Kind.DEMO,
        defaults={
            "purpose": "Demonstration to adults on one machine",
            "signed_at": timezone.now(),
            "permits_research": True,
            "k_anonymous_is_anonymous": True,
            "legal_basis": "consent of the adult who tries it",
            "signed_by": "the person who started the demonstration",
            "permits_inference": True,
            "minimum_age": 18,
            "kept_days": 7,
            "hints_kept_days": 7,
        },
    )
    return policy


@transaction.atomic
def save_draft(*, policy: DeploymentPolicy, actor: User) -> DeploymentPolicy:
    """Store a draft. A signed policy is never edited: a change is a new policy."""
    _require_administrator(actor)
    if policy.pk is not None:
        _lock_draft(policy)
    policy.kind = DeploymentPolicy.Kind.DEPLOYMENT
    policy.signed_at, policy.signer, policy.signed_by, policy.seal = None, None, "", ""
    policy.save()
    record_event(actor=actor, action="policy.drafted", subject=policy)
    return policy


@transaction.atomic
def sign_policy(*, policy: DeploymentPolicy, actor: User, name: str) -> DeploymentPolicy:
    """Sign a draft; it replaces the earlier policy from `valid_from` on.

    Raises:
        PolicyStateError: It is signed already, or a requirement of the jurisdiction is not met.
    """
    _require_administrator(actor)
    _lock_policies()
    policy = _lock_draft(policy)
    if not can_be_signed(policy):
        raise PolicyStateError
    policy.signer, policy.signed_by, policy.signed_at = actor, name, timezone.now()
    policy.valid_from = max(policy.valid_from, policy.signed_at)
    policy.seal = compute_seal(policy)
    policy.save()
    record_event(
        actor=actor, action="policy.signed", subject=policy, details=_build_details(policy)
    )
    return policy


@transaction.atomic
def end_policy(*, policy: DeploymentPolicy, actor: User) -> None:
    """End a policy now: nothing is written under it after this commit, and cameras stop."""
    _require_administrator(actor)
    _lock_policies()
    policy.refresh_from_db()
    if policy.signed_at is None or policy.ended_at is not None:
        raise PolicyStateError
    policy.ended_at = timezone.now()
    policy.save(update_fields=["ended_at"])
    record_event(actor=actor, action="policy.ended", subject=policy)


def _require_administrator(actor: User) -> None:
    if not (actor.is_active and actor.is_staff and actor.has_perm("policy.sign_deploymentpolicy")):
        raise PermissionDenied


def _lock_policies() -> None:
    """Wait for transactions that write windows; they lock the policy (lock_inference_policy)."""
    list(DeploymentPolicy.objects.select_for_update().order_by("pk").values_list("pk"))


def _lock_draft(policy: DeploymentPolicy) -> DeploymentPolicy:
    stored = DeploymentPolicy.objects.select_for_update().get(pk=policy.pk)
    if stored.signed_at is not None:
        raise PolicyStateError
    return stored


def _build_details(policy: DeploymentPolicy) -> dict[str, Any]:
    names = (
        *("jurisdiction", "sector", "purpose_kind"),
        *("permits_inference", "on_device_only", "face_evidence_in_hints"),
    )
    return {name: getattr(policy, name) for name in names} | {"seal": policy.seal}
