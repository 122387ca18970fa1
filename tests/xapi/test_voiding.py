"""Withdrawal of a report whose metrics were sent to an LRS."""

import pytest
from django.db.models import F
from pytest_django import Settings

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.reports.actions import freeze_report
from fer_lms.reports.queries import build_report
from fer_lms.rights.actions import erase_person
from fer_lms.xapi.delivery import send_due_statements
from fer_lms.xapi.models import Statement
from tests.factories import make_learner, make_window
from tests.policy.drafts import sign_complete
from tests.xapi.store import Store

pytestmark = pytest.mark.django_db
SENT = "also sent to your institution's learning record store"


@pytest.fixture
def learners_of_sent_report(store: Store, session: LessonSession) -> list[Participant]:
    """A class with a final report, under a policy that permits sending its metrics."""
    sign_complete("eu", class_figures_in_xapi=True, k_anonymous_is_anonymous=True)
    learners = [make_learner(session) for _ in range(8)]
    for learner in learners:
        for number in range(13):
            make_window(learner, number=number)
    end_session(session=session)
    Statement.objects.all().delete()
    assert freeze_report(session=session)
    return learners


def another_policy() -> None:
    """Sign a policy that no longer treats metrics of large groups as anonymous."""
    sign_complete("eu", class_figures_in_xapi=True, k_anonymous_is_anonymous=False)


def verbs(store: Store) -> list[str]:
    return [statement["verb"]["display"]["en"] for statement in store.statements.values()]


def test_report_states_that_metrics_were_sent(
    learners_of_sent_report: list[Participant], session: LessonSession
) -> None:
    assert any(SENT in limit for limit in build_report(session)["limits"])


def test_report_without_sent_metrics_states_nothing(
    xapi_on: Settings, session: LessonSession
) -> None:
    sign_complete("eu", class_figures_in_xapi=False)
    end_session(session=session)
    freeze_report(session=session)
    assert not any(SENT in limit for limit in build_report(session)["limits"])


def test_withdrawn_report_voids_statement(
    learners_of_sent_report: list[Participant], session: LessonSession, store: Store
) -> None:
    send_due_statements()
    [shared] = store.statements
    another_policy()
    erase_person(user=learners_of_sent_report[0].user)
    assert build_report(session)["withheld"] == "withdrawn"
    assert any(SENT in limit for limit in build_report(session)["limits"])
    send_due_statements()
    assert verbs(store) == ["shared", "voided"]
    assert store.voided == {shared}
    assert not Statement.objects.exists()


def test_unsent_statement_is_deleted(
    learners_of_sent_report: list[Participant], store: Store
) -> None:
    another_policy()
    erase_person(user=learners_of_sent_report[0].user)
    send_due_statements()
    assert store.statements == {}


def test_possibly_sent_statement_is_voided(
    learners_of_sent_report: list[Participant], store: Store
) -> None:
    """The LRS did not answer, so it is unknown whether it has the metrics."""
    store.down = True
    send_due_statements()
    another_policy()
    erase_person(user=learners_of_sent_report[0].user)
    store.down = False
    Statement.objects.update(attempts=0, next_attempt_at=F("queued_at"))
    send_due_statements()
    assert verbs(store) == ["shared", "voided"]


def test_kept_report_voids_nothing(
    learners_of_sent_report: list[Participant], store: Store
) -> None:
    send_due_statements()
    erase_person(user=learners_of_sent_report[0].user)
    send_due_statements()
    assert verbs(store) == ["shared"]


def test_statement_is_voided_once(learners_of_sent_report: list[Participant], store: Store) -> None:
    send_due_statements()
    another_policy()
    for learner in learners_of_sent_report[:2]:
        erase_person(user=learner.user)
    send_due_statements()
    assert verbs(store) == ["shared", "voided"]
