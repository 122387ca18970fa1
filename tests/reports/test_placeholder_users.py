"""Placeholder users, and teachers in the role of a student, are counted nowhere.

They see their own data.
"""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from fer_lms.lessons.actions import enrol_person
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Role
from fer_lms.reports.models import ReleasedCohort
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import Hint, InteractionRule, RuleState
from fer_lms.rules.trials.preview import preview_recorded
from fer_lms.xapi.models import Statement
from tests.factories import NOON, make_learner
from tests.reports.conftest import MakeClass, add_windows, freeze, release_at

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["placeholder", "teacher"])
def placeholder(session: LessonSession, request: pytest.FixtureRequest) -> Participant:
    """A placeholder user, or a teacher who switched roles, with every kind of activity."""
    placeholder = make_learner(session, is_placeholder=request.param == "placeholder")
    if request.param == "teacher":
        for role in (Role.TEACHER, Role.STUDENT):
            enrol_person(course=session.lesson.course, user=placeholder.user, role=role)
    add_windows(placeholder, range(72), engagement=0.0, label="anger")
    does_everything(placeholder)
    return placeholder


def does_everything(learner: Participant) -> None:
    step = learner.session.lesson.steps.all()[0]
    for second, kind, value in ((0, "step_opened", ""), (9, "answered", "right"), (20, "idle", "")):
        InteractionEvent.objects.create(
            participant=learner,
            step=step,
            kind=kind,
            value=value,
            occurred_at=NOON + timedelta(seconds=second),
        )
    Hint.objects.create(
        participant=learner,
        rule=InteractionRule.objects.first(),
        step=step,
        kind="hint",
        state="shown",
        parts={"wrong": 0.5},
        fired_at=NOON,
    )


def test_placeholder_user_does_not_complete_group(
    session: LessonSession, make_class: MakeClass, placeholder: Participant
) -> None:
    for learner in make_class(7):
        does_everything(learner)
    assert release_at(11) == 0
    report = freeze(session)
    assert not ReleasedCohort.objects.exists()
    assert report["withheld"] == "few_present"
    assert report["engagement"] is None


def test_placeholder_user_changes_no_metric(
    session: LessonSession, make_class: MakeClass, placeholder: Participant
) -> None:
    for learner in make_class(8):
        does_everything(learner)
    report = freeze(session)
    assert report["contributors_at_least"] == 5
    assert report["engagement"]["mean"] == 0.7
    assert report["expressions"]["anger"] == 0
    assert report["steps"][0]["right_at_first"] == 0.8
    assert [row["learners"] for row in report["help"]["rules"]] == [0.8]


def test_placeholder_user_reads_own_windows(client: Client, placeholder: Participant) -> None:
    client.force_login(placeholder.user)
    answer = client.get(f"/api/v1/sessions/{placeholder.session_id}/my-report").json()
    assert len(answer["windows"]) == 72


def test_placeholder_user_is_not_in_rule_trial(
    session: LessonSession, make_class: MakeClass, placeholder: Participant
) -> None:
    for learner in [placeholder, *make_class(4)]:
        RuleState.objects.create(participant=learner, body={}, cursor_at=NOON, active_until=NOON)
    assert preview_recorded(session, RuleSpec()).withheld == "too_few_learners"


def test_placeholder_user_is_not_sent_to_record_store(
    settings: Settings, session: LessonSession
) -> None:
    settings.DEMO = False
    settings.PUBLIC_URL, settings.XAPI_URL = "https://fer.example.org", "https://lrs.example.org"
    make_learner(session, is_placeholder=True)
    assert not Statement.objects.exists()
    make_learner(session)
    assert Statement.objects.exists()
