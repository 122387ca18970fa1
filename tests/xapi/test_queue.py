"""The outbox: which statements are queued, and which never are."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fer_lms.lessons.actions import end_session, record_events
from fer_lms.lessons.models import LessonSession, Participant, Step
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_report
from fer_lms.reports.statements import send_class_metrics
from fer_lms.rules.actions import answer_hint, mark_shown, resume_hints
from fer_lms.rules.models import Hint
from fer_lms.xapi.models import Statement
from fer_lms.xapi.statements import compute_pseudonym
from tests.factories import make_learner, make_teacher_of, make_user

FINAL = {
    "withheld": None,
    "level_withheld": None,
    "simulated": False,
    "contributors_at_least": 5,
    "coverage": None,
    "engagement": {"mean": 0.61, "levels": {"high": 1.0}},
    "expressions": {"anger": 1.0},
}


def list_queued() -> list[tuple[str, str]]:
    """Return (verb, object) of every waiting statement."""
    bodies = Statement.objects.order_by("queued_at").values_list("body", flat=True)
    return [(b["verb"]["display"]["en"], b["object"]["id"].split("/xapi/")[1]) for b in bodies]


def open_step(learner: Participant, step: Step, key: str = "") -> None:
    record_events(
        participant=learner,
        events=[{"kind": "step_opened", "step_id": step.pk, "value": "", "key": key}],
    )


def test_disabled_by_default(session: LessonSession) -> None:
    learner = make_learner(session)
    open_step(learner, session.lesson.steps.get(position=1))
    send_class_metrics(session, FINAL)
    assert not Statement.objects.exists()


def test_opened_lesson_and_viewed_steps_are_queued(
    xapi_on: Settings, session: LessonSession
) -> None:
    step = session.lesson.steps.get(position=1)
    open_step(make_learner(session), step)
    assert list_queued() == [
        ("opened", f"lessons/{session.lesson_id}"),
        ("viewed", f"steps/{step.pk}"),
    ]


def test_repeated_event_is_one_statement(xapi_on: Settings, session: LessonSession) -> None:
    learner = make_learner(session)
    for _ in range(2):
        open_step(learner, session.lesson.steps.get(position=1), key="event-1")
    assert len(list_queued()) == 2  # opened, viewed


def test_other_events_are_not_queued(xapi_on: Settings, learner: Participant) -> None:
    Statement.objects.all().delete()
    record_events(
        participant=learner, events=[{"kind": "self_report", "step_id": None, "value": "hard"}]
    )
    assert list_queued() == []


def test_statement_shares_transaction(xapi_on: Settings, session: LessonSession) -> None:
    learner = make_learner(session)
    before = len(list_queued())
    with transaction.atomic():
        open_step(learner, session.lesson.steps.get(position=1))
        transaction.set_rollback(True)
    assert len(list_queued()) == before
    assert not learner.events.exists()


def make_hint(learner: Participant, **fields: Any) -> Hint:
    return Hint.objects.create(
        participant=learner,
        kind=Hint.Kind.HINT,
        title="Draw it",
        body="Draw the fractions.",
        why="Your face looked tense for a while.",
        fired_at=timezone.now(),
        **fields,
    )


def test_requested_hint_is_reported_without_its_reason(
    xapi_on: Settings, learner: Participant
) -> None:
    Statement.objects.all().delete()
    hint = make_hint(learner, occasion="asked-1")
    for _ in range(2):
        mark_shown(hint_ids=[hint.pk])
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="helped")
    assert list_queued() == [("received", f"hints/{hint.pk}"), ("responded", f"hints/{hint.pk}")]
    answered = Statement.objects.latest("queued_at").body
    assert answered["result"] == {"response": "helped"}
    assert "tense" not in json.dumps([s.body for s in Statement.objects.all()])


@pytest.mark.parametrize("occasion", ["w1763812800", "e7", "yes-3"])
def test_hint_of_a_rule_is_not_reported(
    xapi_on: Settings, learner: Participant, occasion: str
) -> None:
    """That it came tells of one student's evidence; so do the answer and the question before."""
    Statement.objects.all().delete()
    hint = make_hint(learner, occasion=occasion)
    mark_shown(hint_ids=[hint.pk])
    for answer in ("helped", "leave_me_alone"):
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer=answer)
    resume_hints(user=learner.user)
    assert list_queued() == []


def test_opened_report_is_queued(xapi_on: Settings, session: LessonSession, client: Client) -> None:
    client.force_login(make_teacher_of(session.lesson))
    assert client.get(f"/sessions/{session.pk}/report/").status_code == 200
    assert list_queued() == [("opened", f"reports/{session.pk}")]


@pytest.mark.parametrize("kind", ["demo", "simulated"])
def test_simulated_and_demo_users_are_not_reported(
    xapi_on: Settings, session: LessonSession, kind: str
) -> None:
    make_learner(session, **{kind: True})
    assert list_queued() == []


def test_statements_contain_no_names(xapi_on: Settings, session: LessonSession) -> None:
    learner = make_learner(session, first_name="Ada", last_name="Byron", email="ada@example.org")
    text = json.dumps([s.body for s in Statement.objects.all()])
    person = learner.user
    for value in (person.username, "Ada", "Byron", "ada@", str(person.public_id)):
        assert value not in text
    assert compute_pseudonym(person.public_id) in text


def test_pseudonym_depends_on_secret(settings: Settings, db: None) -> None:
    person = make_user()
    ours = compute_pseudonym(person.public_id)
    settings.SECRET_KEY = "another"
    assert compute_pseudonym(person.public_id) != ours


@pytest.mark.parametrize(
    ("permitted", "change", "expected"),
    [
        (True, {}, 1),
        (False, {}, 0),
        (True, {"may_be_withdrawn": True}, 0),
        (True, {"withheld": "too_few_learners"}, 0),
        (True, {"simulated": True}, 0),
    ],
)
def test_class_metrics_need_policy_and_large_group(
    xapi_on: Settings,
    session: LessonSession,
    monkeypatch: pytest.MonkeyPatch,
    permitted: bool,
    change: dict[str, object],
    expected: int,
) -> None:
    policy = DeploymentPolicy(
        class_figures_in_xapi=permitted,
        k_anonymous_is_anonymous="may_be_withdrawn" not in change,
    )
    monkeypatch.setattr("fer_lms.reports.statements.get_active_policy", lambda: policy)
    send_class_metrics(session, FINAL | change)
    statements = list(Statement.objects.all())
    assert len(statements) == expected
    for statement in statements:
        extensions = statement.body["result"]["extensions"]
        assert {key.rpartition("/")[2]: value for key, value in extensions.items()} == {
            "contributors_at_least": 5,
            "engagement_mean": 0.61,
        }
        assert statement.user is None
        assert statement.body["actor"]["account"]["name"] == "installation"


def test_final_report_is_queued(
    xapi_on: Settings, session: LessonSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr("fer_lms.reports.actions.send_class_metrics", lambda *a: sent.append(a))
    end_session(session=session)
    freeze_report(session=session)
    freeze_report(session=session)
    assert len(sent) == 1


def test_no_policy_no_class_metrics(xapi_on: Settings, session: LessonSession) -> None:
    send_class_metrics(session, FINAL)
    assert list_queued() == []


def test_erasing_a_person_deletes_statements(xapi_on: Settings, session: LessonSession) -> None:
    make_learner(session).user.delete()
    assert not Statement.objects.exists()


def test_pseudonym_command(
    xapi_on: Settings, learner: Participant, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("xapi", "pseudonym", learner.user.username)
    call_command("xapi", "status")
    printed = capsys.readouterr().out
    assert compute_pseudonym(learner.user.public_id) in printed
    assert "1 statements wait" in printed
