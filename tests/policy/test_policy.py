from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.forms import modelform_factory
from django.utils import timezone
from pytest_django import Settings

from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.policy.compliance import permits_inference_now
from fer_lms.policy.context_processors import get_banner_text
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import (
    get_active_policy,
    get_min_group_size,
    get_retention_days,
    is_inference_permitted,
)

pytestmark = pytest.mark.django_db


def test_no_inference_without_policy() -> None:
    assert get_active_policy() is None
    assert not is_inference_permitted()
    assert "off" in get_banner_text()
    assert (get_retention_days(), get_min_group_size()) == (30, 5)


def test_demo_policy(policy: DeploymentPolicy) -> None:
    assert get_active_policy() == policy == ensure_demo_policy()
    assert is_inference_permitted()
    assert "Demonstration" in get_banner_text()
    assert DeploymentPolicy.objects.count() == 1


def test_demo_policy_is_inactive_outside_demo(policy: DeploymentPolicy, settings: Settings) -> None:
    settings.DEMO = False
    assert get_active_policy() is None
    assert get_retention_days() == 7, "the disclosed terms still apply"


def test_policy_is_active_within_validity(policy: DeploymentPolicy) -> None:
    now = timezone.now()
    policy.valid_from, policy.valid_until = now - timedelta(days=2), now - timedelta(days=1)
    policy.save()
    assert not is_inference_permitted()
    policy.valid_from, policy.valid_until = now + timedelta(days=1), None
    policy.save()
    assert not is_inference_permitted()


@pytest.mark.parametrize(
    ("fields", "is_permitted"),
    [
        ({}, True),
        ({"signed_at": None}, False),
        ({"minimum_age": 17}, False),
        ({"permits_inference": False}, False),
    ],
    ids=str,
)
def test_demo_policy_permits_inference_of_adults_once_signed(
    policy: DeploymentPolicy, fields: dict[str, object], is_permitted: bool
) -> None:
    for name, value in fields.items():
        setattr(policy, name, value)
    assert permits_inference_now(policy) == is_permitted


def test_newest_policy_is_active(policy: DeploymentPolicy) -> None:
    strict = DeploymentPolicy.objects.create(
        kind="demo", kept_days=1, small_group=12, signed_at=timezone.now()
    )
    assert get_active_policy() == strict
    assert not is_inference_permitted()
    assert (get_retention_days(), get_min_group_size()) == (1, 12)


def test_form_states_why_a_small_group_is_rejected(policy: DeploymentPolicy) -> None:
    form = modelform_factory(DeploymentPolicy, fields=["small_group"])({"small_group": 4})
    assert str(form.errors["small_group"][0]).startswith("Enter at least 5. In smaller groups")
    assert modelform_factory(DeploymentPolicy, fields=["small_group"])(
        {"small_group": 5}
    ).is_valid()


def test_small_group_below_five_is_rejected(policy: DeploymentPolicy) -> None:
    policy.small_group = 4
    with pytest.raises(IntegrityError), transaction.atomic():
        policy.save()
