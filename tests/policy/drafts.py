"""Complete policies for each jurisdiction, as an administrator would write them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fer_lms.people.models import User
from fer_lms.policy.actions import save_draft, sign_policy
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import make_user


def make_administrator() -> User:
    return make_user(is_staff=True, is_superuser=True)


def complete_draft(jurisdiction: str, **fields: Any) -> DeploymentPolicy:
    """Return an unstored draft that meets every requirement of every jurisdiction."""
    now = timezone.now()
    stated: dict[str, Any] = {
        "jurisdiction": jurisdiction,
        "sector": "education",
        "purpose_kind": "safety",
        "purpose": "Fatigue at dangerous machines",
        "minimum_age": 14,
        "guardian_age": 18,
        "controller": "School of Mines",
        "contact": "privacy@school.example",
        "legal_basis": "explicit consent",
        "reference": "2026/17",
        "impact_assessment": "DPIA 4",
        "written_release": "Form B",
        "permits_inference": True,
        "on_device_only": True,
        "valid_from": now,
        "valid_until": now + timedelta(days=300),
    }
    return DeploymentPolicy(**(stated | fields))


def sign_complete(jurisdiction: str = "eu", **fields: Any) -> DeploymentPolicy:
    administrator = make_administrator()
    draft = save_draft(policy=complete_draft(jurisdiction, **fields), actor=administrator)
    return sign_policy(policy=draft, actor=administrator, name="A. Head")
