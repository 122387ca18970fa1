"""Hint statistics in the final report."""

from datetime import timedelta
from typing import Any

import pytest

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.reports.actions import freeze_ended_reports, withdraw_release
from fer_lms.reports.queries import build_report
from fer_lms.rules.models import Hint, HintAnswer, InteractionRule
from tests.factories import NOON, make_learner

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule() -> InteractionRule:
    return InteractionRule.objects.get(template="stuck")


@pytest.fixture
def learners(session: LessonSession) -> list[Participant]:
    """Eight learners who opened both steps."""
    steps = list(session.lesson.steps.all())
    learners = [make_learner(session) for _ in range(8)]
    InteractionEvent.objects.bulk_create(
        InteractionEvent(
            participant=learner,
            kind="step_opened",
            step=step,
            occurred_at=NOON + timedelta(minutes=at),
        )
        for learner in learners
        for at, step in enumerate(steps)
    )
    return learners


def hinted(
    learner: Participant, rule: InteractionRule | None, *parts: str, answer: str = "", **more: Any
) -> Hint:
    hint = Hint.objects.create(
        participant=learner,
        rule=rule,
        occasion=str(learner.hints.count()),
        step=learner.session.lesson.steps.last(),
        kind="hint",
        title="",
        body="",
        state="shown",
        parts=dict.fromkeys(parts, 0.3),
        fired_at=NOON + timedelta(minutes=2),
        **more,
    )
    if answer:
        HintAnswer.objects.create(hint=hint, answer=answer)
    return hint


def final_help(session: LessonSession) -> Any:
    session = end_session(session=session)
    session.ended_at = NOON + timedelta(minutes=5)
    session.save()
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    return build_report(session)["help"]


def test_hint_statistics(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    for number, learner in enumerate(learners[:6]):
        hinted(learner, rule, "wrong", "brow", answer="helped" if number < 4 else "not_hard")
    [row] = final_help(session)["rules"]
    assert (row["title"], row["asked"], row["learners"], row["steps"]) == (
        rule.title,
        False,
        0.75,
        [2],
    )
    assert [(reason["part"], reason["share"]) for reason in row["why"]] == [
        ("face", 0.8),
        ("wrong", 0.8),
    ]
    assert row["why"][1]["words"] == "answers that were not right yet"
    assert row["answers"] == {"helped": 0.65, "not_now": 0.2, "fine": 0.35, "alone": 0.2}


def test_hint_statistics_are_not_released_while_session_runs(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    for learner in learners:
        hinted(learner, rule, "wrong")
    assert build_report(session)["help"] is None


def test_rule_with_few_receivers_is_not_listed(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    """Ten hints of one learner are not a group."""
    for learner in learners[:4]:
        hinted(learner, rule, "wrong")
    for _ in range(6):
        hinted(learners[0], None)
    assert final_help(session)["rules"] == []


def test_reason_of_few_is_suppressed(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    for learner in learners:
        hinted(learner, rule, "wrong")
    hinted(learners[0], rule, "idle")
    [row] = final_help(session)["rules"]
    assert [reason["part"] for reason in row["why"]] == ["wrong"]
    assert row["answers"] is None


def test_camera_withdrawal_withdraws_statistics(
    session: LessonSession, learners: list[Participant], rule: InteractionRule
) -> None:
    for learner in learners:
        hinted(learner, rule, "wrong", "brow", consent_epoch=1)
    assert final_help(session) is not None
    withdraw_release(participant=learners[0], camera_only=True)
    assert build_report(session)["help"] is None
