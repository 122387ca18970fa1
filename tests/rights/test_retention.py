"""The purge, its retention periods and its alarms."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client import generate_latest

from fer_lms.audit.actions import record_event
from fer_lms.audit.models import AuditEvent, ChainCheck
from fer_lms.audit.queries import verify_chain
from fer_lms.audit.triggers import drop_triggers
from fer_lms.consent.guardian_actions import answer_by_link
from fer_lms.consent.guardians import LINK_LIFETIME
from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, Participant
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.models import LessonReport
from fer_lms.rights.models import PurgeRun
from fer_lms.rights.retention import (
    DATA_CLASSES,
    get_last_purge_at,
    is_purge_overdue,
    list_retention_periods,
    purge_expired,
)
from fer_lms.rights.tasks import verify_audit_log
from fer_lms.rules.models import Hint, SessionRules
from tests.factories import NOON, grant_all, make_learner, make_session, make_user, make_window
from tests.policy.drafts import sign_complete

pytestmark = pytest.mark.django_db
DAYS = {
    "kept_days": 7,
    "events_kept_days": 14,
    "hints_kept_days": 21,
    "reports_kept_days": 100,
    "consents_kept_days": 200,
    "people_kept_days": 400,
    "audit_kept_days": 1000,
}


@pytest.fixture
def learner_with_data(learner: Participant, policy: DeploymentPolicy) -> Participant:
    """A learner of a session that ended at noon, with data of every class."""
    for name, days in DAYS.items():
        setattr(policy, name, days)
    policy.save()
    grant_all(learner)
    Consent.objects.update(granted_at=NOON)
    make_window(learner)
    InteractionEvent.objects.create(participant=learner, kind="idle", occurred_at=NOON)
    session = end_session(session=learner.session)
    session.ended_at = NOON
    session.save()
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    User.objects.update(date_joined=NOON)
    Participant.objects.update(joined_at=NOON)
    return learner


def list_left_after(days: int) -> set[str]:
    purge_expired(now=NOON + timedelta(days=days, minutes=1))
    tables: dict[str, Any] = {
        "windows": ObservationWindow,
        "events": InteractionEvent,
        "reports": LessonReport,
        "consents": Consent,
        "people": User,
    }
    return {name for name, model in tables.items() if model.objects.exists()}


def test_each_class_has_its_own_retention(learner_with_data: Participant) -> None:
    assert list_left_after(6) == {"windows", "events", "reports", "consents", "people"}
    assert list_left_after(7) == {"events", "reports", "consents", "people"}
    assert list_left_after(14) == {"reports", "consents", "people"}
    assert list_left_after(100) == {"consents", "people"}
    assert list_left_after(200) == {"people"}
    assert list_left_after(399) == {"people"}
    assert list_left_after(400) == set()
    assert AuditEvent.objects.filter(action="person.erased").exists()


def test_dry_run_counts_and_deletes_nothing(learner_with_data: Participant) -> None:
    later = NOON + timedelta(days=150)
    found = purge_expired(now=later, dry_run=True)
    assert (found["windows"], found["events"], found["reports"], found["consents"]) == (1, 1, 1, 0)
    assert ObservationWindow.objects.exists()
    assert not PurgeRun.objects.exists()
    assert purge_expired(now=later)["windows"] == 1


def test_hint_reasons_are_cleared_with_windows(learner_with_data: Participant) -> None:
    hint_fields = {"kind": "hint", "title": "A nudge", "state": "shown", "fired_at": NOON}
    face = {"why": "Your brow looked tense.", "parts": {"brow": 0.4}, "consent_epoch": 1}
    face |= {"sources": {"interaction": False, "face": True}}
    Hint.objects.create(participant=learner_with_data, occasion="1", **hint_fields, **face)
    answers = {"why": "Two answers.", "sources": {"interaction": True}}
    Hint.objects.create(participant=learner_with_data, occasion="2", **hint_fields, **answers)
    purge_expired(now=NOON + timedelta(days=7, minutes=1))
    found = Hint.objects.order_by("occasion").values_list("why", "parts", "sources")
    assert list(found) == [("", {}, {}), ("Two answers.", {}, {"interaction": True})]
    assert purge_expired(now=NOON + timedelta(days=7, minutes=2))["windows"] == 0
    purge_expired(now=NOON + timedelta(days=21, minutes=1))
    assert not Hint.objects.exists()


def test_frozen_rules_are_stored_as_long_as_hints(learner_with_data: Participant) -> None:
    SessionRules.objects.create(session=learner_with_data.session, versions=[])
    open_session = make_session(lesson=learner_with_data.session.lesson)
    SessionRules.objects.create(session=open_session, versions=[])
    purge_expired(now=NOON + timedelta(days=20, minutes=1))
    assert SessionRules.objects.count() == 2
    purge_expired(now=NOON + timedelta(days=21, minutes=1))
    assert SessionRules.objects.get().session == open_session


def test_inactive_guardian_answers_are_purged(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    policy.minimum_age, policy.guardian_age = 18, 19
    policy.consents_kept_days = 200
    policy.save()
    grant_all(learner)
    answer_by_link(
        guardian_consent=GuardianConsent.objects.get(), given=["capture"], signed_name="B. Parent"
    )
    grant_all(make_learner(learner.session))
    later = timezone.now() + LINK_LIFETIME + timedelta(days=200, minutes=1)
    window = make_window(learner)
    ObservationWindow.objects.update(start_at=later)

    def list_left() -> set[str]:
        purge_expired(now=later)
        return set(GuardianConsent.objects.values_list("state", flat=True))

    assert list_left() == {"given"}, "unanswered requests are purged"
    ConsentText.objects.create(version="2027-1", locale="en", form="easy", body={"points": []})
    assert list_left() == {"given"}, "its window is still stored"
    window.delete()
    assert list_left() == set()


def test_repeated_purge_deletes_nothing_more(learner_with_data: Participant) -> None:
    later = NOON + timedelta(days=150)
    purge_expired(now=later)
    assert not any(purge_expired(now=later).values())


@pytest.mark.parametrize(("then", "now", "left"), [(7, 30, False), (30, 7, False), (30, 30, True)])
def test_longer_retention_excludes_existing_data(
    learner: Participant, then: int, now: int, left: bool
) -> None:
    signed = timezone.now()
    for days, since in ((then, 60), (now, 10)):
        policy = sign_complete("uk", kept_days=days)
        begun = signed - timedelta(days=since)
        DeploymentPolicy.objects.filter(pk=policy.pk).update(valid_from=begun)
    for number, age in enumerate((20, 5)):
        window = make_window(learner, number=number)
        window.start_at = signed - timedelta(days=age)
        window.save()
    purge_expired()
    assert ObservationWindow.objects.count() == 1 + left


def test_returning_people_are_not_purged(learner_with_data: Participant) -> None:
    learner_with_data.user.last_login = NOON + timedelta(days=100)
    learner_with_data.user.save()
    assert "people" in list_left_after(450)
    assert "people" not in list_left_after(500)


def test_staff_are_not_purged(learner_with_data: Participant) -> None:
    make_user(is_staff=True, date_joined=NOON)
    list_left_after(5000)
    assert User.objects.get().is_staff


def test_expired_logins_are_purged(learner_with_data: Participant) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOON)
    assert purge_expired(now=NOON + timedelta(minutes=1))["logins"] == 1


def test_truncated_audit_log_is_still_verified(
    learner_with_data: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [record_event(actor=None, action="test.done", subject="test").number for _ in range(3)]
    newer = timezone.now() + timedelta(days=1000, seconds=1)
    assert purge_expired(now=newer)["audit"] >= 3
    assert not AuditEvent.objects.filter(number__in=old).exists()
    assert AuditEvent.objects.order_by("number")[0].action != "test.done"
    record_event(actor=None, action="test.after", subject="test")
    assert verify_chain().is_intact
    purge_expired(now=newer + timedelta(days=1000))
    assert verify_chain().is_intact


def test_purge_by_command(learner_with_data: Participant) -> None:
    found = StringIO()
    PurgeRun.objects.all().delete()
    ObservationWindow.objects.update(start_at=NOON - timedelta(days=5000))
    call_command("purge_expired", "--dry-run", stdout=found)
    assert ObservationWindow.objects.exists()
    call_command("purge_expired", stdout=found)
    assert "1 windows would be deleted" in found.getvalue()
    assert "1 windows deleted" in found.getvalue()
    assert not ObservationWindow.objects.exists()


@pytest.mark.parametrize(("hours", "overdue"), [(1, False), (25, False), (27, True)])
def test_overdue_purge_is_reported(
    learner_with_data: Participant, hours: int, overdue: bool
) -> None:
    purge_expired(now=NOON)
    assert get_last_purge_at() == NOON
    assert is_purge_overdue(NOON + timedelta(hours=hours)) is overdue


def test_missing_purge_is_reported(learner_with_data: Participant) -> None:
    assert is_purge_overdue(NOON + timedelta(days=2))
    User.objects.all().delete()
    assert not is_purge_overdue(NOON + timedelta(days=2)), "nobody's data, nothing to delete"


def metric(name: str) -> float:
    lines = generate_latest().decode().splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith(f"{name} ")]
    return float(value)


def test_purge_alarm_is_a_metric(learner_with_data: Participant) -> None:
    User.objects.update(date_joined=timezone.now() - timedelta(days=9))
    assert metric("fer_purge_overdue") == 1
    now = timezone.now()
    PurgeRun.objects.create(finished_at=now)
    assert metric("fer_purge_overdue") == 0
    assert metric("fer_purge_last_success_timestamp_seconds") == pytest.approx(now.timestamp())


def test_retention_page_is_public(client: Client, policy: DeploymentPolicy) -> None:
    for days, data_class in enumerate(DATA_CLASSES, start=91):
        setattr(policy, data_class.days_field, days)
    policy.save()
    PurgeRun.objects.create(finished_at=datetime(2026, 11, 22, tzinfo=NOON.tzinfo))
    page = client.get("/retention/").content.decode()
    assert len(list_retention_periods()) == len(DATA_CLASSES)
    for days in range(91, 91 + len(DATA_CLASSES)):
        assert f"{days} days" in page
    assert "Nov. 22, 2026" in page


def test_overdue_purge_is_a_readiness_warning(
    learner_with_data: Participant, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An overdue purge does not take lessons out of service."""
    monkeypatch.setattr("fer_lms.health.list_missing_components", list)
    User.objects.update(date_joined=timezone.now() - timedelta(days=9))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["warnings"]) == (200, ["purge"])
    PurgeRun.objects.create()
    assert client.get("/readyz").json()["warnings"] == []


def test_audit_alarm_is_a_metric_and_ends_with_a_success(learner_with_data: Participant) -> None:
    record_event(actor=None, action="test.done", subject="test")
    now = timezone.now()
    assert metric("fer_audit_verification_overdue") == 0
    ChainCheck.objects.create(pk=1, verified_at=now - timedelta(hours=51), number=1)
    assert metric("fer_audit_verification_overdue") == 1
    verify_audit_log()
    assert metric("fer_audit_verification_overdue") == 0
    assert metric("fer_audit_last_verified_timestamp_seconds") >= now.timestamp()


def test_broken_chain_is_not_stored_as_verified(learner_with_data: Participant) -> None:
    record_event(actor=None, action="test.done", subject="test")
    drop_triggers(connection)
    verify_audit_log()
    assert not ChainCheck.objects.exists()


def test_chain_is_verified_once_a_day(learner_with_data: Participant) -> None:
    record_event(actor=None, action="test.done", subject="test")
    verify_audit_log()
    [first] = ChainCheck.objects.all()
    verify_audit_log()
    assert ChainCheck.objects.get() == first
    assert ChainCheck.objects.get().verified_at == first.verified_at
    ChainCheck.objects.update(verified_at=timezone.now() - timedelta(hours=25))
    verify_audit_log()
    assert ChainCheck.objects.get().verified_at >= first.verified_at
