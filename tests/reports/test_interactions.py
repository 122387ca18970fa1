"""Report metrics from interaction events, without a camera."""

import uuid
from datetime import timedelta

import pytest

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.attendance import ClassEvent
from fer_lms.reports.interactions import build_step_records
from fer_lms.reports.queries import build_report
from fer_lms.reports.summary import Metrics
from tests.factories import NOON, make_learner

pytestmark = pytest.mark.django_db


def does(learner: Participant, step: int, kind: str, second: int, value: str = "") -> None:
    InteractionEvent.objects.create(
        participant=learner,
        step=learner.session.lesson.steps.all()[step - 1],
        kind=kind,
        value=value,
        occurred_at=NOON + timedelta(seconds=second),
    )


def a_class(session: LessonSession, size: int, said: str = "hard") -> list[Participant]:
    """One minute on the first step and two on the second; one is right at first."""
    learners = [make_learner(session) for _ in range(size)]
    for number, learner in enumerate(learners):
        does(learner, 1, "step_opened", 0)
        does(learner, 2, "step_opened", 60)
        does(learner, 2, "answered", 90, "right" if number == 0 else "wrong")
        does(learner, 2, "answered", 100, "right")
        does(learner, 2, "hint_asked", 110)
        does(learner, 2, "self_report", 120, "easy")
        does(learner, 2, "self_report", 130, said)
    return learners


def final_report(session: LessonSession) -> Metrics:
    session = end_session(session=session)
    session.ended_at = NOON + timedelta(minutes=3)
    session.save()
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    return build_report(session)


def test_a_report_without_a_camera(session: LessonSession) -> None:
    a_class(session, 5)
    report = final_report(session)
    assert report["withheld"] == "few_present"
    assert report["engagement"] is None
    first, second = report["steps"]
    assert (first["seconds"], first["right_at_first"], first["said"]) == (60, None, None)
    assert second["seconds"] == 120
    assert report["finding"].startswith("Step 2, “Part 2”, was hard: ")


def test_unanimous_share_is_capped(session: LessonSession) -> None:
    a_class(session, 5)
    second = final_report(session)["steps"][1]
    assert second["said"] == {"easy": 0.2, "fine": 0.2, "hard": 0.8}
    assert (second["right_at_first"], second["asked_for_hint"]) == (0.2, 0.8)


def test_interactions_of_four_are_suppressed(session: LessonSession) -> None:
    a_class(session, 4)
    report = final_report(session)
    assert {step["seconds"] for step in report["steps"]} == {None}
    assert report["finding"].startswith("Too few students")


def test_each_metric_needs_enough_learners(session: LessonSession) -> None:
    a_class(session, 4)
    for learner in (make_learner(session), make_learner(session)):
        does(learner, 2, "step_opened", 60)
    first, second = final_report(session)["steps"]
    assert first["seconds"] is None
    assert second["seconds"] is not None
    assert (second["said"], second["right_at_first"]) == (None, None)
    assert second["asked_for_hint"] == 0.65


def test_interactions_are_not_released_while_session_runs(session: LessonSession) -> None:
    """Counts that grow during a session would disclose who acted."""
    a_class(session, 6)
    names = ("seconds", "said", "right_at_first", "asked_for_hint", "idle")
    steps = build_report(session)["steps"]
    assert {step[name] for step in steps for name in names} == {None}


def test_inactive_learner_does_not_extend_last_visit(session: LessonSession) -> None:
    a_class(session, 5)
    session = end_session(session=session)
    session.ended_at = NOON + timedelta(hours=3)
    session.save()
    freeze_ended_reports(now=NOON + timedelta(hours=4))
    assert build_report(session)["steps"][1]["seconds"] == 70 + 90


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("", None),
        ("ask", None),
        ("wrong right", None),
        ("wrong ask", False),
        ("wrong ask wrong", False),
        ("wrong ask wrong right", True),
        ("ask right", True),
        ("right ask", None),
        ("wrong ask right ask wrong", True),
    ],
)
def test_success_after_a_hint(events: str, expected: bool | None) -> None:
    learner = uuid.uuid4()
    kinds = {"ask": "hint_asked"}
    made = [
        ClassEvent(learner, kinds.get(word, "answered"), 7, word, None, float(second))
        for second, word in enumerate(events.split())
    ]
    record = build_step_records({learner: {7: 60.0}}, made)[7][learner]
    assert record.right_after_hint is expected


def test_success_after_a_hint_needs_enough_who_asked(session: LessonSession) -> None:
    learners = a_class(session, 8)
    for learner in learners[:5]:
        does(learner, 1, "hint_asked", 10)
        does(learner, 1, "answered", 20, "right")
    for learner in learners[:3]:
        does(learner, 1, "hint_asked", 30)
    InteractionEvent.objects.filter(participant=learners[0], kind="hint_asked").delete()
    first, second = final_report(session)["steps"]
    assert first["right_after_hint"] is None, "four asked"
    assert second["right_after_hint"] is None, "all were right before"


def test_share_right_after_a_hint_is_clamped(session: LessonSession) -> None:
    for learner in a_class(session, 6):
        does(learner, 1, "hint_asked", 10)
        does(learner, 1, "answered", 20, "right")
    assert final_report(session)["steps"][0]["right_after_hint"] == 0.8
