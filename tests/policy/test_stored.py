"""The privacy page speaks of every column that is stored of a person, and of no other."""

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Field
from django.test import Client

from fer_lms.policy.stored import StoredGroup, stored_groups

GROUPS = stored_groups(kept_days=7, hints_kept_days=21)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.model)
def test_every_column_is_spoken_of(group: StoredGroup) -> None:
    columns = [field.name for field in _columns(group.model)]
    spoken_of = [column for line in group.fields for column in line.columns]
    assert sorted(spoken_of) == sorted(columns)


def test_every_table_that_names_a_person_is_spoken_of() -> None:
    spoken_of = {group.model for group in GROUPS}
    naming = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("fer_lms.")
        for field in model._meta.concrete_fields
        if field.related_model and field.related_model._meta.label in spoken_of
    }
    assert naming <= spoken_of


def test_the_page_says_how_long_the_policy_keeps(client: Client, policy: object) -> None:
    page = client.get("/privacy/").content.decode()
    assert "7 days, or until you take it back" in page
    assert "fewer than 5 learners" in page


def test_each_kind_has_its_own_days() -> None:
    until = {group.model: group.until for group in GROUPS}
    of_hints = ("rules.Hint", "rules.HintAnswer", "rules.TeacherWord", "rules.SettingsSeen")
    assert {until[model] for model in of_hints} == {"21 days."}
    assert until["rules.RuleState"] == "7 days."


def _columns(model: str) -> list[Field[Any, Any]]:
    fields = apps.get_model(model)._meta.concrete_fields
    return [field for field in fields if not field.primary_key or field.name == "user_id"]
