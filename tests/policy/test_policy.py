from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.policy.context import banner_text
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import (
    inference_permitted,
    policy_in_force,
    retention_days,
    smallest_group,
)

pytestmark = pytest.mark.django_db


def test_without_a_policy_nothing_is_inferred() -> None:
    assert policy_in_force() is None
    assert not inference_permitted()
    assert "off" in banner_text()
    assert (retention_days(), smallest_group()) == (30, 5)


def test_the_demonstrations_policy(policy: DeploymentPolicy) -> None:
    assert policy_in_force() == policy == ensure_demo_policy()
    assert inference_permitted()
    assert "Demonstration" in banner_text()
    assert DeploymentPolicy.objects.count() == 1


def test_it_holds_in_the_demonstration_only(policy: DeploymentPolicy, settings: Settings) -> None:
    settings.DEMO = False
    assert policy_in_force() is None
    assert retention_days() == 7, "what was promised then still holds"


def test_a_policy_has_its_time(policy: DeploymentPolicy) -> None:
    now = timezone.now()
    policy.valid_from, policy.valid_until = now - timedelta(days=2), now - timedelta(days=1)
    policy.save()
    assert not inference_permitted()
    policy.valid_from, policy.valid_until = now + timedelta(days=1), None
    policy.save()
    assert not inference_permitted()


def test_the_newest_policy_decides(policy: DeploymentPolicy) -> None:
    strict = DeploymentPolicy.objects.create(
        kind="demo", kept_days=1, small_group=12, signed_at=timezone.now()
    )
    assert policy_in_force() == strict
    assert not inference_permitted()
    assert (retention_days(), smallest_group()) == (1, 12)


def test_groups_under_five_cannot_be_written(policy: DeploymentPolicy) -> None:
    policy.small_group = 4
    with pytest.raises(IntegrityError), transaction.atomic():
        policy.save()
