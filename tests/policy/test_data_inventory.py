"""The data inventory lists every stored field, and what is generated from it is up to date."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from fer_lms.policy.data_inventory import (
    Inventory,
    StoredModel,
    find_issues,
    load_inventory,
    render_documents,
)
from fer_lms.policy.models import DeploymentPolicy

INVENTORY = load_inventory()
MAX_PAGE_LINES = 250


def test_every_field_has_an_entry_and_every_entry_a_field() -> None:
    assert find_issues(INVENTORY) == []


def with_fields(fields: list[str]) -> Inventory:
    """Return the inventory with other fields for demo.DemoSession."""
    models = [
        replace(model, data=[replace(model.data[0], fields=fields)])
        if model.name == "demo.DemoSession"
        else model
        for model in INVENTORY.models
    ]
    return replace(INVENTORY, models=models)


@pytest.mark.parametrize(
    ("fields", "issue"),
    [
        ([], "session: no entry"),
        (["session", "colour"], "colour: no such field"),
        (["session", "session"], "session: listed more than once"),
    ],
)
def test_differences_are_found(fields: list[str], issue: str) -> None:
    assert find_issues(with_fields(fields)) == [f"demo.DemoSession.{issue}"]


def test_models_without_an_entry_are_found() -> None:
    models = [model for model in INVENTORY.models if model.name != "demo.DemoSession"]
    unknown = replace(models[0], name="people.Ghost")
    issues = find_issues(replace(INVENTORY, models=[*models, unknown]))
    assert issues == ["demo.DemoSession: the model has no entry", "people.Ghost: no such model"]


@pytest.mark.parametrize("model", INVENTORY.models, ids=lambda model: model.name)
def test_every_model_has_purpose_basis_retention_and_audience(model: StoredModel) -> None:
    assert model.purpose
    assert model.audience
    assert set(model.audience) <= INVENTORY.audience.keys()
    assert model.legal_basis in INVENTORY.legal_basis
    assert model.retention in INVENTORY.retention
    assert all(bool(data.label) == bool(model.title) for data in model.data)


def test_models_that_refer_to_people_are_on_the_privacy_page() -> None:
    titled = {model.name for model in INVENTORY.models if model.title}
    referring = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("fer_lms.")
        for field in model._meta.concrete_fields
        if field.related_model and field.related_model._meta.label in titled
    }
    assert referring <= titled


def test_generated_files_are_up_to_date() -> None:
    call_command("data_inventory", check=True)


def test_outdated_files_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(INVENTORY, introduction="## Another summary")
    monkeypatch.setattr(
        "fer_lms.policy.management.commands.data_inventory.load_inventory", lambda: changed
    )
    with pytest.raises(CommandError, match="data_inventory"):
        call_command("data_inventory", check=True)


def test_no_page_is_too_long() -> None:
    pages = {
        path: text for path, text in render_documents(INVENTORY).items() if path.suffix == ".md"
    }
    assert {path.name for path, text in pages.items() if text.count("\n") > MAX_PAGE_LINES} == set()


def test_texts_can_be_translated() -> None:
    """A double quote would end the template tag."""
    for model in INVENTORY.models:
        texts = [model.title, model.purpose, *(data.text for data in model.data)]
        assert not any('"' in text or "%" in text for text in texts), model.name


def test_the_page_states_retention_and_group_size(client: Client, policy: DeploymentPolicy) -> None:
    DeploymentPolicy.objects.update(hints_kept_days=21)
    page = client.get("/privacy/").content.decode()
    assert "7 days, or until you withdraw consent to the camera" in page
    assert "21 days." in page
    assert "fewer than 5 students" in page
    assert "no learning record store is set up here" in page


def test_retention_follows_the_kind_of_data() -> None:
    retention = {model.name: INVENTORY.retention[model.retention] for model in INVENTORY.models}
    for name in ("Hint", "HintAnswer", "TeacherNotification", "SettingsSnapshot"):
        assert retention[f"rules.{name}"] == "{{ hints_kept_days }}."
    assert retention["rules.RuleState"].startswith("{{ kept_days }}")
