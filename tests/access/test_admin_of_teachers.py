"""Somebody who administers the installation and teaches sees no row about a single learner.

Every registered model is walked: a new one with a path to a learner has to be hidden, or listed in
`VISIBLE` with a reason.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import site
from django.db.models import ForeignKey, ManyToManyField, Model, OneToOneField
from django.test import Client, RequestFactory
from django.urls import reverse

from fer_lms.audit.models import AuditEvent
from fer_lms.consent.models import Consent, GuardianConsent
from fer_lms.demo.models import DemoSession
from fer_lms.engagement.models import LearnerBaseline, ObservationWindow
from fer_lms.integrations.models import ApiToken, Webhook, WebhookDelivery
from fer_lms.lessons.actions import enrol_person
from fer_lms.lessons.models import (
    Course,
    Enrolment,
    Lesson,
    LessonSession,
    Participant,
    Role,
    Supporter,
)
from fer_lms.lti.models import DeepLinkRequest, LtiUser, RegistrationInvite, WindowPass
from fer_lms.people.models import User
from fer_lms.people.read_only import LearnerDataAdmin, OwnFieldsAdmin
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.models import LessonReport, Release
from fer_lms.rights.models import PurgeRun
from fer_lms.rules.models import (
    Hint,
    InteractionRule,
    LearnerGroup,
    RuleState,
    RuleSwitch,
    RuleVersion,
    SessionRules,
)
from fer_lms.xapi.models import Statement
from tests.factories import grant_all, make_user, make_window

pytestmark = pytest.mark.django_db
NAMED = (User, Participant, LessonSession)
"""A model with a path of foreign keys to one of these is about learners."""
VISIBLE: dict[type[Model], str] = {
    User: "accounts; export and erasure are refused, and filters over other tables",
    Enrolment: "who teaches and learns in a course, which teachers know",
    Supporter: "who was named as a support person; not whether the learner agreed",
    LessonSession: "when a lesson was given",
    DemoSession: "which session is the demonstration's",
    LtiUser: "which platform an account comes from",
    WindowPass: "a sign-in that lasts a minute",
    DeepLinkRequest: "a teacher's own choice of a lesson",
    ApiToken: "a teacher's own access for a program",
    Webhook: "a teacher's own access for a program",
    WebhookDelivery: "when a report became final",
    DeploymentPolicy: "who signed",
    InteractionRule: "written by teachers",
    RuleVersion: "written by teachers",
    RuleSwitch: "set by teachers",
    LearnerGroup: "written by teachers",
    SessionRules: "what teachers wrote and set",
    RegistrationInvite: "which administrator connected a platform",
}
ABOUT_LEARNERS_WITHOUT_KEYS = (AuditEvent, Statement, PurgeRun)
"""Opaque ids, or numbers that change with one learner's rows."""


def list_models() -> Iterator[type[Model]]:
    yield from (model for model in site._registry if model.__module__.startswith("fer_lms."))


def list_hidden() -> list[type[Model]]:
    return [
        model
        for model in list_models()
        if model not in VISIBLE
        and (model in ABOUT_LEARNERS_WITHOUT_KEYS or is_about_learners(model, set()))
    ]


def is_about_learners(model: type[Model], seen: set[type[Model]]) -> bool:
    if model in NAMED:
        return True
    seen.add(model)
    return any(
        is_about_learners(target, seen)
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if isinstance(field, ForeignKey | OneToOneField | ManyToManyField)
        for target in [field.related_model]
        if isinstance(target, type) and target not in seen
    )


def page(model: type[Model], name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{name}", args=arguments)


@pytest.fixture
def staff(client: Client, learner: Participant) -> User:
    """A superuser who is logged in; not yet a teacher."""
    grant_all(learner)
    make_window(learner)
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def teaching_staff(staff: User, learner: Participant) -> User:
    enrol_person(course=learner.session.lesson.course, user=staff, role=Role.TEACHER)
    return staff


def test_walk_finds_the_tables() -> None:
    """The test below is not vacuous."""
    hidden = set(list_hidden())
    expected = {Consent, GuardianConsent, ObservationWindow, LearnerBaseline, Hint, RuleState}
    assert expected <= hidden
    assert {Participant, LessonReport, Release, AuditEvent, Statement} <= hidden
    assert hidden.isdisjoint(VISIBLE)


@pytest.mark.parametrize("model", list_hidden(), ids=lambda model: model.__name__)
def test_table_about_learners_is_hidden_from_teachers(
    client: Client, teaching_staff: User, model: type[Model]
) -> None:
    assert isinstance(site._registry[model], LearnerDataAdmin)
    row = model._default_manager.first()
    pk = row.pk if row else 1  # refused alike, so that nobody can ask whether a row exists
    addresses = [
        page(model, "changelist"),
        page(model, "changelist") + "?q=1&_popup=1",
        page(model, "add"),
        *(page(model, name, pk) for name in ("change", "history", "delete")),
    ]
    assert [client.get(address).status_code for address in addresses] == [403] * len(addresses)
    actions: dict[str, Any] = {"action": "delete_selected", "_selected_action": str(pk)}
    assert client.post(page(model, "changelist"), actions).status_code == 403
    for query in list_searches(model):
        assert client.get(reverse("admin:autocomplete"), query).status_code in (403, 404)


def list_searches(model: type[Model]) -> list[dict[str, str]]:
    """Return the parameters by which a form would search rows of this model."""
    return [
        {
            "app_label": referrer._meta.app_label,
            "model_name": str(referrer._meta.model_name),
            "field_name": field.name,
        }
        for referrer in list_models()
        for field in referrer._meta.fields
        if field.is_relation and field.related_model is model
    ]


def test_index_lists_no_table_about_learners(client: Client, teaching_staff: User) -> None:
    index = client.get(reverse("admin:index")).content.decode()
    listed = {model for model in list_models() if page(model, "changelist") in index}
    assert listed.isdisjoint(list_hidden())
    assert {Course, Enrolment, RuleSwitch} <= listed


def test_administrator_who_does_not_teach_sees_them(client: Client, staff: User) -> None:
    answers = [client.get(page(model, "changelist")).status_code for model in list_hidden()]
    assert set(answers) == {200}


@pytest.mark.parametrize("how", ["left", "joined"])
def test_former_teachers_count(client: Client, staff: User, learner: Participant, how: str) -> None:
    """Who could leave the course, look and come back."""
    if how == "left":
        enrolment = enrol_person(
            course=learner.session.lesson.course, user=staff, role=Role.TEACHER
        )
        enrolment.active = False
        enrolment.save()
    else:
        Participant.objects.create(session=learner.session, user=staff, role=Role.TEACHER)
    assert client.get(page(ObservationWindow, "changelist")).status_code == 403


def test_teachers_neither_export_nor_erase_people(
    client: Client, teaching_staff: User, learner: Participant
) -> None:
    """The export contains windows, and the preview of an erasure counts them."""
    for form in ("json", "page"):
        address = reverse("admin:person-export", args=[learner.user_id, form])
        assert client.get(address).status_code == 403
    assert client.get(reverse("admin:person-erase", args=[learner.user_id])).status_code == 403
    listed = client.get(page(User, "changelist"))
    assert "export" not in listed.content.decode()


def test_teachers_do_not_hand_over_guardians_links(
    client: Client, teaching_staff: User, learner: Participant
) -> None:
    for name in ("hand-over", "paper", "supporters", "renew", "withdraw"):
        address = reverse(f"admin:guardian_{name}", args=["00000000-0000-0000-0000-000000000001"])
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("model", [Course, Lesson], ids=lambda model: model.__name__)
def test_confirmation_of_a_deletion_names_no_tables(
    client: Client, teaching_staff: User, model: type[Model]
) -> None:
    row = model._default_manager.get()
    assert client.get(page(model, "delete", row.pk)).status_code == 403
    data = {"action": "delete_selected", "_selected_action": str(row.pk)}
    answer = client.post(page(model, "changelist"), data, follow=True).content.decode()
    assert "camera numbers" not in answer.lower()


@pytest.mark.parametrize("model", list(list_models()), ids=lambda model: model.__name__)
def test_no_list_is_filtered_by_rows_that_refer_to_it(model: type[Model], staff: User) -> None:
    """Such as the rules that have a hint, or the people with a guardian's consent."""
    admin = site._registry[model]
    request = RequestFactory().get("/")
    request.user = staff
    assert isinstance(admin, OwnFieldsAdmin)
    fields = model._meta.get_fields()
    for name in [field.name for field in fields if field.auto_created and not field.concrete]:
        assert not admin.lookup_allowed(f"{name}__isnull", "0", request)
        assert not admin.lookup_allowed(name, "1", request)


def test_refused_filter_returns_400(client: Client, teaching_staff: User) -> None:
    for model, query in ((User, "guardian_consents"), (InteractionRule, "hints")):
        address = f"{page(model, 'changelist')}?{query}__isnull=0"
        assert client.get(address).status_code == 400
