"""Every model has an admin list; rows that only the application writes are read-only."""

import re

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fer_lms.audit.models import ChainCheck
from fer_lms.consent.models import Consent, ConsentText
from fer_lms.demo.models import DemoSession
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session, record_events
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Step
from fer_lms.people.model_names import GROUPS, MODEL_NAMES
from fer_lms.people.models import RequestKey, User
from fer_lms.people.read_only import MAX_NEW_ROWS, ReadOnlyAdmin
from fer_lms.reports.actions import freeze_report
from fer_lms.reports.models import CohortKey, CohortMember, LessonReport, ReleasedCohort
from fer_lms.rules.models import InteractionRule
from tests.factories import grant_all, make_lesson, make_user, make_window

UNLISTED = {
    Step,  # on its lesson's page
    RequestKey,  # what people pressed in the last day
    *(CohortKey, CohortMember, ReleasedCohort),  # a list would count a group's members
}
OURS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("fer_lms.") and model not in UNLISTED
]
WRITTEN_BY_ITSELF = [
    ChainCheck,
    Consent,
    ConsentText,
    DemoSession,
    InteractionEvent,
    LessonReport,
    LessonSession,
    ObservationWindow,
    Participant,
]
NAME = "Unmistakable"


@pytest.fixture
def administrator(client: Client, learner: Participant) -> Client:
    """A logged-in administrator, with one row of every model."""
    learner.user.username = learner.user.first_name = NAME
    learner.user.save()
    grant_all(learner)
    make_window(learner)
    record_events(participant=learner, events=[{"kind": "idle", "step_id": None, "value": ""}])
    freeze_report(session=end_session(session=learner.session))
    DemoSession.objects.create(session=learner.session)
    ChainCheck.objects.create(number=1)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def page(model: type[Model], name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{name}", args=arguments)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_has_a_list(administrator: Client, model: type[Model]) -> None:
    assert site.is_registered(model)
    assert administrator.get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", WRITTEN_BY_ITSELF, ids=lambda model: model.__name__)
def test_read_only_models_cannot_be_changed(administrator: Client, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None
    assert administrator.get(page(model, "add")).status_code == 403
    assert administrator.get(page(model, "change", row.pk)).status_code == 200
    assert administrator.post(page(model, "change", row.pk), {}).status_code == 403
    assert administrator.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", WRITTEN_BY_ITSELF, ids=lambda model: model.__name__)
def test_names_are_not_shown_with_readings(administrator: Client, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None
    assert NAME not in administrator.get(page(model, "change", row.pk)).content.decode()
    assert NAME not in administrator.get(page(model, "changelist")).content.decode()


def test_admin_cannot_delete_person_with_windows(
    administrator: Client, learner: Participant
) -> None:
    """`erase_person` deletes people and counts the rows."""
    administrator.post(page(User, "delete", learner.user_id), {"post": "yes"})
    assert User.objects.filter(pk=learner.user_id).exists()


WITH_INLINES = [(model, inline) for model in OURS for inline in site._registry[model].inlines]


@pytest.mark.parametrize(("model", "inline"), WITH_INLINES, ids=lambda item: item.__name__)
def test_forms_render_only_the_rows_that_may_be_stored(
    administrator: Client, model: type[Model], inline: type[InlineModelAdmin[Model, Model]]
) -> None:
    """A form may state any number of rows, and each takes 6 ms and more."""
    request = administrator.get(page(model, "changelist")).wsgi_request
    for row in (None, model._default_manager.first()):
        [made] = [
            item
            for item in site._registry[model].get_inline_instances(request, row)
            if isinstance(item, inline)
        ]
        formset = made.get_formset(request, row)
        prefix = formset.get_default_prefix()
        for total in ("1999", "9" * 400):
            data = {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": "0"}
            forms = formset(data, instance=row or model()).forms
            stored = inline.model._default_manager.count() if row else 0
            assert len(forms) <= stored + MAX_NEW_ROWS


def test_admin_site_title(client: Client, admin_client: Client) -> None:
    for page in (client.get("/admin/login/"), admin_client.get("/admin/")):
        assert "fer-lms administration" in page.content.decode()
        assert "Django" not in page.content.decode()


@pytest.mark.parametrize("model", site._registry, ids=lambda model: model._meta.label_lower)
def test_every_registered_model_has_a_group_and_names(model: type[Model]) -> None:
    name = MODEL_NAMES[model._meta.label_lower]
    assert name.group in GROUPS
    assert (model._meta.verbose_name, model._meta.verbose_name_plural) == name[1:]
    assert str(name.plural) != f"{name.singular}s" or not str(name.singular).endswith("s")


def test_lists_are_grouped_by_task(admin_client: Client, settings: Settings) -> None:
    settings.DEMO = False
    page = admin_client.get("/admin/").content.decode()
    titles = re.findall(r'class="section">([^<]+)<', page)
    assert titles == [str(title) for title in GROUPS.values()]
    assert "demonstration" not in page
    settings.DEMO = True
    assert "Sessions of the demonstration" in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    "label",
    [label for label, name in MODEL_NAMES.items() if name.group == "internals"],
)
def test_internal_tables_are_read_only(label: str) -> None:
    model = apps.get_model(label)
    if model in site._registry:
        assert isinstance(site._registry[model], ReadOnlyAdmin)


@pytest.mark.parametrize("model", [CohortKey, CohortMember, ReleasedCohort])
def test_nobody_can_count_the_members_of_a_group(model: type[Model]) -> None:
    assert model not in site._registry


def test_a_filter_names_the_empty_value(admin_client: Client) -> None:
    """A link without a name cannot be announced."""
    lesson = make_lesson()
    for template in ("", "stuck"):
        InteractionRule.objects.create(course=lesson.course, title="A rule", template=template)
    page = admin_client.get("/admin/rules/interactionrule/").content.decode()
    assert re.search(r'<a href="\?template=[^"]*">\s*-\s*</a>', page)
