from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from fer_lms.audit.models import AuditEvent
from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.models import Consent
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session, record_events
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_report
from fer_lms.reports.models import LessonReport
from fer_lms.reports.queries import build_report
from fer_lms.rights.actions import erase_for_consent, erase_person, erase_withdrawn_readings
from tests.factories import grant_all, make_learner, make_teacher, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner_with_windows(learner: Participant) -> Participant:
    """A learner with two windows and an event."""
    grant_all(learner)
    make_window(learner, number=0)
    make_window(learner, number=1)
    record_events(participant=learner, events=[{"kind": "idle", "step_id": None, "value": ""}])
    return learner


def test_withdrawal_is_erased(learner_with_windows: Participant) -> None:
    classmate = make_learner(learner_with_windows.session)
    kept = make_window(classmate)
    withdraw_consent(participant=learner_with_windows)
    assert erase_withdrawn_readings() == 1
    assert ObservationWindow.objects.get() == kept
    consent = Consent.objects.get(participant=learner_with_windows)
    assert consent.erase_through_epoch is None
    assert consent.erased_at is not None
    assert len(consent.receipt) >= 16
    assert str(learner_with_windows.pk) not in consent.receipt


def test_withdrawal_withdraws_the_report(session: LessonSession, policy: DeploymentPolicy) -> None:
    """Reports are withdrawn where groups do not count as anonymous, not for a teacher."""
    policy.k_anonymous_is_anonymous = False
    policy.save()
    teacher = make_teacher(session)
    learners = [make_learner(session) for _ in range(8)]
    for learner in learners:
        grant_all(learner)
        for number in range(13):
            make_window(learner, number=number)
    freeze_report(session=end_session(session=session))
    erase_person(user=teacher.user)
    assert build_report(session)["withheld"] is None
    withdraw_consent(participant=learners[0])
    erase_withdrawn_readings()
    assert build_report(session)["withheld"] == "withdrawn"
    assert AuditEvent.objects.filter(action="report.withdrawn").count() == 1


def test_repeated_erasure_changes_nothing(learner_with_windows: Participant) -> None:
    withdraw_consent(participant=learner_with_windows)
    erase_withdrawn_readings()
    consent = Consent.objects.get(participant=learner_with_windows)
    assert erase_withdrawn_readings() == 0
    assert erase_for_consent(consent_id=consent.pk) is False
    assert Consent.objects.get(participant=learner_with_windows).receipt == consent.receipt


def test_new_consent_before_erasure_keeps_nothing_old(learner_with_windows: Participant) -> None:
    withdraw_consent(participant=learner_with_windows)
    grant_all(learner_with_windows)
    fresh = make_window(learner_with_windows, number=9, consent_epoch=3)
    erase_withdrawn_readings()
    assert ObservationWindow.objects.get() == fresh
    assert Consent.objects.get(participant=learner_with_windows).permits_frames


def test_nothing_is_erased_without_withdrawal(learner_with_windows: Participant) -> None:
    assert erase_withdrawn_readings() == 0
    assert ObservationWindow.objects.count() == 2


def test_released_report_stays(learner_with_windows: Participant) -> None:
    freeze_report(session=end_session(session=learner_with_windows.session))
    withdraw_consent(participant=learner_with_windows)
    erase_withdrawn_readings()
    assert LessonReport.objects.filter(session=learner_with_windows.session).exists()


def test_person_is_erased_completely(learner_with_windows: Participant, client: Client) -> None:
    classmate = make_learner(learner_with_windows.session)
    make_window(classmate)
    client.force_login(learner_with_windows.user)
    counts = erase_person(user=learner_with_windows.user).counts
    assert counts["engagement.ObservationWindow"] == 2
    assert counts["sessions.Session"] == 1
    assert User.objects.get() == classmate.user
    assert ObservationWindow.objects.get().participant == classmate
    assert not Consent.objects.exists()
    assert not InteractionEvent.objects.exists()
    assert client.get("/api/v1/lessons/").status_code == 403


def test_dry_run_counts_and_deletes_nothing(learner_with_windows: Participant) -> None:
    output = StringIO()
    call_command("erase_person", learner_with_windows.user.username, "--dry-run", stdout=output)
    assert "2 engagement.ObservationWindow would be deleted" in output.getvalue()
    assert ObservationWindow.objects.filter(participant=learner_with_windows).count() == 2
    call_command("erase_person", str(learner_with_windows.user.public_id), stdout=output)
    assert not User.objects.exists()


@pytest.mark.parametrize("command", ["erase_person", "export_person"])
def test_unknown_person_is_reported(command: str) -> None:
    with pytest.raises(CommandError, match="No person has this user name"):
        call_command(command, "nobody")
