"""Signing a policy, and what it then permits: only administrators can."""

import json
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from pytest_django import Settings

from fer_lms.audit.models import AuditEvent
from fer_lms.policy.actions import PolicyStateError, end_policy, save_draft, sign_policy
from fer_lms.policy.checklist import build_checklist_context
from fer_lms.policy.integrity import EXCLUDED_FIELDS, SALT
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES
from fer_lms.policy.queries import (
    get_active_policy,
    get_retention_days,
    is_inference_permitted,
    lock_inference_policy,
)
from tests.factories import make_user
from tests.policy.drafts import complete_draft, make_administrator, sign_complete

pytestmark = pytest.mark.django_db


def test_signed_policy_is_active_and_audited() -> None:
    policy = sign_complete()
    assert get_active_policy() == policy
    assert is_inference_permitted()
    assert (policy.signed_by, policy.signer is not None) == ("A. Head", True)
    assert [event.action for event in AuditEvent.objects.order_by("number")] == [
        "policy.drafted",
        "policy.signed",
    ]


def test_draft_permits_nothing() -> None:
    save_draft(policy=complete_draft("uk"), actor=make_administrator())
    assert get_active_policy() is None


@pytest.mark.parametrize(
    "fields",
    [{}, {"is_staff": True}, {"is_staff": True, "is_superuser": True, "is_active": False}],
    ids=["nobody", "staff", "inactive"],
)
def test_signing_requires_permission(fields: dict[str, bool]) -> None:
    draft = save_draft(policy=complete_draft("uk"), actor=make_administrator())
    with pytest.raises(PermissionDenied):
        sign_policy(policy=draft, actor=make_user(**fields), name="Me")
    assert not is_inference_permitted()


@pytest.mark.parametrize(
    "fields",
    [{"purpose_kind": "learning"}, {"reference": ""}, {"jurisdiction": "atlantis"}],
    ids=lambda fields: next(iter(fields)),
)
def test_unmet_requirements_prevent_signing(fields: dict[str, str]) -> None:
    administrator = make_administrator()
    draft = save_draft(
        policy=complete_draft(**({"jurisdiction": "eu"} | fields)), actor=administrator
    )
    with pytest.raises(PolicyStateError):
        sign_policy(policy=draft, actor=administrator, name="Me")


def test_policy_without_inference_needs_jurisdiction_only() -> None:
    policy = sign_complete("eu", permits_inference=False, purpose_kind="learning", reference="")
    assert get_active_policy() == policy
    assert not is_inference_permitted()


def test_database_rejects_eu_inference_in_education() -> None:
    policy = sign_complete()
    for fields in ({"purpose_kind": "learning"}, {"reference": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeploymentPolicy.objects.filter(pk=policy.pk).update(**fields)
    unsigned = complete_draft("eu", purpose_kind="learning", signed_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        unsigned.save()


@pytest.mark.parametrize(
    "fields",
    [{"minimum_age": 6}, {"on_device_only": False}, {"kept_days": 60}, {"purpose_kind": "medical"}],
    ids=lambda fields: next(iter(fields)),
)
def test_changed_row_permits_nothing(fields: dict[str, object]) -> None:
    policy = sign_complete()
    DeploymentPolicy.objects.filter(pk=policy.pk).update(**fields)
    assert not is_inference_permitted()


def test_unsealed_row_permits_nothing() -> None:
    complete_draft("uk", signed_at=timezone.now(), signed_by="A. Head").save()
    assert get_active_policy() is not None
    assert not is_inference_permitted()


def test_requirement_that_a_release_adds_permits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_complete("uk")
    assert is_inference_permitted()
    added = replace(PROFILES["uk"].requirements[0], is_met=lambda policy: False)
    monkeypatch.setitem(PROFILES, "uk", replace(PROFILES["uk"], requirements=(added,)))
    assert not is_inference_permitted()


def test_unknown_jurisdiction_permits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_complete("uk")
    monkeypatch.delitem(PROFILES, "uk")
    assert not is_inference_permitted()


def test_policy_permits_nothing_outside_validity() -> None:
    policy = sign_complete()
    now = timezone.now()
    policy.valid_from, policy.valid_until = now - timedelta(days=2), now - timedelta(days=1)
    policy.save()
    assert get_active_policy() is None


def test_ended_policy_permits_nothing() -> None:
    policy = sign_complete()
    end_policy(policy=policy, actor=make_administrator())
    assert not is_inference_permitted()
    with pytest.raises(PolicyStateError):
        end_policy(policy=policy, actor=make_administrator())
    assert AuditEvent.objects.filter(action="policy.ended").count() == 1


@pytest.mark.parametrize("how", ["ended", "expired"])
def test_replaced_policy_stays_replaced(how: str) -> None:
    sign_complete("uk", on_device_only=False)
    newer = sign_complete("uk", permits_inference=False)
    if how == "ended":
        end_policy(policy=newer, actor=make_administrator())
    else:
        now = timezone.now()
        over = {"valid_from": now - timedelta(seconds=1), "valid_until": now}
        DeploymentPolicy.objects.filter(pk=newer.pk).update(**over)
        DeploymentPolicy.objects.exclude(pk=newer.pk).update(valid_from=now - timedelta(days=1))
    assert get_active_policy() is None
    assert not is_inference_permitted()
    assert lock_inference_policy() is None


def test_future_policy_replaces_nothing_yet() -> None:
    old = sign_complete("uk", kept_days=7)
    start = timezone.now() + timedelta(days=30)
    coming = sign_complete(
        "uk", kept_days=90, valid_from=start, valid_until=start + timedelta(days=1)
    )
    assert get_active_policy() == old
    end_policy(policy=coming, actor=make_administrator())
    assert get_active_policy() == old
    DeploymentPolicy.objects.filter(pk=coming.pk).update(
        valid_from=timezone.now(), ended_at=timezone.now() - timedelta(days=1)
    )
    assert get_active_policy() == old, "ended before its first day, it never began"
    end_policy(policy=old, actor=make_administrator())
    assert (get_active_policy(), get_retention_days()) == (None, 7)


def test_expired_draft_is_not_signed() -> None:
    administrator = make_administrator()
    now = timezone.now()
    over = complete_draft(
        "uk", valid_from=now - timedelta(days=3), valid_until=now - timedelta(days=1)
    )
    draft = save_draft(policy=over, actor=administrator)
    assert not build_checklist_context(draft)["can_sign"]
    with pytest.raises(PolicyStateError):
        sign_policy(policy=draft, actor=administrator, name="A. Head")


def test_signed_policy_is_never_edited() -> None:
    policy = sign_complete()
    policy.kept_days = 1
    with pytest.raises(PolicyStateError):
        save_draft(policy=policy, actor=make_administrator())
    with pytest.raises(PolicyStateError):
        sign_policy(policy=policy, actor=make_administrator(), name="Again")
    assert DeploymentPolicy.objects.get().kept_days == 30


def test_seal_is_valid_after_key_rotation(settings: Settings) -> None:
    sign_complete()
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [old]
    assert is_inference_permitted()
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_inference_permitted()


def test_seal_of_a_policy_without_later_fields_is_valid() -> None:
    """Release 0.1.0 sealed the columns of that time."""
    policy = sign_complete()
    later = {"face_evidence_in_hints"}
    names = [f.name for f in policy._meta.concrete_fields if f.name not in EXCLUDED_FIELDS]
    values = {name: getattr(policy, name) for name in names if name not in later}
    sealed = {
        n: v.astimezone(UTC).isoformat() if hasattr(v, "hour") else v for n, v in values.items()
    }
    policy.seal = salted_hmac(SALT, json.dumps(sealed), algorithm="sha256").hexdigest()
    policy.save(update_fields=["seal"])
    assert is_inference_permitted()


def test_switching_on_face_evidence_breaks_the_seal() -> None:
    policy = sign_complete()
    DeploymentPolicy.objects.filter(pk=policy.pk).update(face_evidence_in_hints=True)
    assert not is_inference_permitted()
    assert sign_complete(face_evidence_in_hints=True).face_evidence_in_hints
    assert is_inference_permitted()


def test_demo_policy_requires_adults(policy: DeploymentPolicy) -> None:
    policy.minimum_age = 17
    with pytest.raises(IntegrityError), transaction.atomic():
        policy.save()


@pytest.mark.usefixtures("policy")
def test_demo_uses_its_own_policy_only() -> None:
    sign_complete("uk", minimum_age=6)
    found = get_active_policy()
    assert found is not None
    assert found.kind == DeploymentPolicy.Kind.DEMO
