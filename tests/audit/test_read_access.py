"""Read access to people's rows, in the admin or by a teacher, is in the audit log."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.audit.models import AuditEvent
from fer_lms.audit.read_access import has_personal_data
from fer_lms.consent.models import Consent, GuardianConsent
from fer_lms.lessons.models import Lesson, Participant
from fer_lms.people.models import User
from fer_lms.reports.models import Release
from fer_lms.rules.models import Hint, LearnerGroup, TeacherNotification
from tests.factories import NOON, grant_all, make_teacher_of, make_user, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def list_accesses() -> list[tuple[str, str, object]]:
    rows = AuditEvent.objects.filter(action__in=("admin.viewed", "word.viewed")).order_by("number")
    return [(item.action, item.subject, item.details.get("model")) for item in rows]


@pytest.mark.parametrize(
    ("model", "held"),
    [
        *(
            (item, True)
            for item in (User, Consent, GuardianConsent, TeacherNotification, LearnerGroup)
        ),
        *((item, False) for item in (Lesson, Release)),
    ],
)
def test_models_with_personal_data_are_detected(model: type, held: bool) -> None:
    assert has_personal_data(model) is held


def test_admin_pages_are_recorded(
    client: Client, administrator: User, learner: Participant
) -> None:
    grant_all(learner)
    window = make_window(learner)
    person = str(learner.user.public_id)
    pages = {
        f"engagement/observationwindow/{window.pk}/change/": (
            "engagement.observationwindow",
            person,
        ),
        f"people/user/{learner.user.pk}/change/": ("people.user", person),
        f"people/user/{learner.user.pk}/erase/": ("people.user", person),
        f"consent/consent/{Consent.objects.get().pk}/change/": ("consent.consent", person),
        "engagement/observationwindow/": (
            "engagement.observationwindow",
            "engagement.observationwindow",
        ),
    }
    for page, (model, subject) in pages.items():
        assert client.get(f"/admin/{page}").status_code == 200
        assert list_accesses()[-1] == ("admin.viewed", subject, model)
    assert AuditEvent.objects.order_by("-number")[0].actor == administrator.public_id


def test_pages_without_people_are_not_recorded(
    client: Client, administrator: User, learner: Participant
) -> None:
    for page in ("", "lessons/lesson/", "people/", "engagement/observationwindow/add/"):
        client.get(f"/admin/{page}")
    client.force_login(learner.user)
    client.get(f"/admin/people/user/{learner.user.pk}/change/")
    assert list_accesses() == []


def test_same_access_is_recorded_once_an_hour(
    client: Client, administrator: User, learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"/admin/people/user/{learner.user.pk}/change/"
    client.get(page)
    client.get(page)
    assert len(list_accesses()) == 1
    later = timezone.now() + timedelta(minutes=61)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    client.force_login(administrator)
    client.get(page)
    assert len(list_accesses()) == 2


def test_page_is_not_shown_without_a_record(
    administrator: User, learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise OSError

    monkeypatch.setattr("fer_lms.audit.read_access.record_event", fail)
    client = Client(raise_request_exception=False)
    client.force_login(administrator)
    assert client.get(f"/admin/people/user/{learner.user.pk}/change/").status_code == 500


def test_teacher_reading_a_name_is_recorded(client: Client, learner: Participant) -> None:
    hint_fields = {"occasion": "1", "kind": "tell_teacher", "title": "Tell?", "fired_at": NOON}
    TeacherNotification.objects.create(hint=Hint.objects.create(participant=learner, **hint_fields))
    teacher = make_teacher_of(learner.session.lesson)
    client.force_login(teacher)
    for _ in range(2):
        assert (
            client.get(f"/api/v1/sessions/{learner.session_id}/teacher-notifications").status_code
            == 200
        )
    assert list_accesses() == [("word.viewed", str(learner.user.public_id), None)]
