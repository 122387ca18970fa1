from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fer_lms.demo.actions import (
    ADMIN_USERNAME,
    MAX_SESSION_AGE,
    ensure_demo_data,
    ensure_open_session,
)
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.reports.actions import freeze_report
from fer_lms.reports.queries import build_report
from fer_lms.rules.models import TeacherNotification
from tests.factories import make_user


def counts() -> tuple[int, ...]:
    models = (User, LessonSession, Participant, ObservationWindow)
    return tuple(model._default_manager.count() for model in models)


def test_setup_is_idempotent(demo: Settings) -> None:
    session = ensure_demo_data()
    before = counts()
    assert ensure_demo_data() == session
    assert counts() == before


def test_one_learner_agreed_that_the_teacher_is_told(demo: Settings) -> None:
    session = ensure_demo_data()
    told = TeacherNotification.objects.get(hint__participant__session=session)
    assert told.seen_at is None
    assert told.hint.step == session.lesson.steps.get(position=3)
    assert told.hint.answers.get().answer == "yes"


def test_simulated_class_has_complete_windows(demo: Settings) -> None:
    session = ensure_demo_data()
    learners = session.participants.filter(role="student")
    assert learners.filter(user__simulated=True, user__demo=True).count() == 8
    assert all(learner.consent.permits_frames for learner in learners)
    windows = ObservationWindow.objects.all()
    assert {window.participant_id for window in windows} == {learner.pk for learner in learners}
    assert all(window.state == "closed" for window in windows)
    assert all(window.has_consistent_counts() for window in windows)
    assert {window.model for window in windows} == {"simulated"}


def test_demo_report_has_finding(demo: Settings) -> None:
    session = ensure_demo_data()
    live = build_report(session)
    assert [row["withheld"] for row in live["timeline"]] == [None] * 5
    end_session(session=session)
    assert freeze_report(session=session)
    report = build_report(session)
    assert (report["withheld"], report["coverage"]) == (None, None)
    assert report["finding"].endswith("Engagement was lowest there too.")
    assert report["finding"].startswith("Step 3")
    assert report["simulated"] is True
    assert report["model"]["name"] == "simulated"
    assert [row["withheld"] for row in report["timeline"]] == [None] * 5
    assert [step["withheld"] for step in report["steps"]] == [None] * 4
    assert "simulated" in report["limits"][0]


def test_demo_report_of_a_long_visit(demo: Settings) -> None:
    """The simulated students left after ten minutes, however late the session ends."""
    session = end_session(session=ensure_demo_data())
    session.ended_at = timezone.now() + timedelta(hours=2)
    session.save()
    assert freeze_report(session=session)
    assert (build_report(session)["withheld"], build_report(session)["coverage"]) == (None, None)


def test_old_session_is_ended(demo: Settings) -> None:
    old = ensure_demo_data()
    LessonSession.objects.update(started_at=timezone.now() - MAX_SESSION_AGE - timedelta(minutes=1))
    fresh = ensure_open_session()
    old.refresh_from_db()
    assert fresh != old
    assert not old.is_open


def test_admin_password_file(demo: Settings) -> None:
    said = StringIO()
    call_command("setup_demo", stdout=said)
    password = (Path(demo.VAR_DIR) / "demo-admin-password").read_text().strip()
    assert password in said.getvalue()
    call_command("setup_demo", stdout=StringIO())
    assert User.objects.get(username=ADMIN_USERNAME).check_password(password)
    assert Client().login(username=ADMIN_USERNAME, password=password)


def test_setup_refuses_real_users(demo: Settings) -> None:
    make_user()
    with pytest.raises(CommandError, match="do not belong to the demonstration"):
        call_command("setup_demo")
    assert not LessonSession.objects.exists()


def test_setup_needs_demo_mode(db: None, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="FER_DEMO"):
        call_command("setup_demo")
