"""Profiles of jurisdictions are complete, and every requirement can fail."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fer_lms.policy.compliance import list_unmet_requirements
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES, Profile
from fer_lms.policy.requirements import RETENTION_FIELDS, Requirement
from tests.policy.drafts import complete_draft

BREAKS: dict[str, dict[str, Any]] = {
    "responsible": {"contact": " "},
    "purpose": {"purpose": ""},
    "legal_basis": {"legal_basis": ""},
    "schedule": {"audit_kept_days": 0},
    "end": {"valid_until": None},
    "medical_or_safety": {"purpose_kind": "learning"},
    "reference": {"reference": ""},
    "assessment": {"impact_assessment": ""},
    "release": {"written_release": ""},
    "guardian": {"guardian_age": 12},
    "days": {"kept_days": 91},
    "destroyed": {"kept_days": 1096},
    "no_disclosure": {"class_figures_in_xapi": True},
    "on_device": {"on_device_only": False},
}
REQUIREMENTS = [
    (profile, requirement) for profile in PROFILES.values() for requirement in profile.requirements
]


@pytest.mark.parametrize("key", PROFILES)
def test_complete_policy_meets_requirements(key: str) -> None:
    assert list_unmet_requirements(complete_draft(key)) == []


@pytest.mark.parametrize(("profile", "requirement"), REQUIREMENTS, ids=lambda item: item.key)
def test_every_requirement_can_fail(profile: Profile, requirement: Requirement) -> None:
    draft = complete_draft(profile.key, **BREAKS[requirement.key])
    assert requirement in list_unmet_requirements(draft)
    assert requirement.source
    assert str(requirement.text)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda item: item.key)
def test_profiles_have_date_and_manual_checks(profile: Profile) -> None:
    assert profile.as_of.year >= 2026
    assert profile.manual_checks
    keys = [requirement.key for requirement in profile.requirements]
    assert len(keys) == len(set(keys))


def test_no_guardian_needed_without_young_learners() -> None:
    draft = complete_draft("eu", minimum_age=16, guardian_age=0)
    assert list_unmet_requirements(draft) == []


def test_validity_is_limited_to_400_days() -> None:
    draft = complete_draft("us")
    draft.valid_until = draft.valid_from + timedelta(days=401)
    assert [requirement.key for requirement in list_unmet_requirements(draft)] == ["end"]


def test_every_class_of_data_has_retention() -> None:
    columns = {item.name for item in DeploymentPolicy._meta.concrete_fields}
    assert {name for name in columns if name.endswith("kept_days")} == set(RETENTION_FIELDS)


def test_privacy_page_is_public(client: Client, db: None) -> None:
    assert client.get("/privacy/").status_code == 200


@pytest.mark.parametrize("fields", [{"jurisdiction": "atlantis"}, {"kind": "demo"}], ids=str)
def test_unknown_jurisdictions_and_demonstrations_have_no_requirements(
    fields: dict[str, str],
) -> None:
    """Neither can be signed as a school's policy: fer_lms.policy.compliance.can_be_signed."""
    draft = complete_draft("eu", purpose="")
    assert list_unmet_requirements(draft) != []
    for name, value in fields.items():
        setattr(draft, name, value)
    assert list_unmet_requirements(draft) == []
