"""Answers to hints, hint requests and snoozes override the rules."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.utils import timezone

from fer_lms.lessons.actions import join_session, start_session
from fer_lms.lessons.models import LearnerProfile, Participant, Role, StepHint
from fer_lms.rules.actions import (
    TooManyHintRequests,
    answer_hint,
    mark_notification_seen,
    mark_shown,
    request_hint,
    resume_hints,
)
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import (
    Hint,
    HintAnswer,
    InteractionRule,
    RuleState,
    TeacherNotification,
)
from fer_lms.rules.queries import find_snoozed_users, list_hints_to_show
from fer_lms.rules.trials.replay import replay_session
from tests.rules.recorded_input import add_event, at_second, evaluate_until, list_hints


def add_hint(learner: Participant, **fields: Any) -> Hint:
    defaults = {"occasion": "x", "kind": "hint", "fired_at": at_second(0)}
    return Hint.objects.create(participant=learner, **(defaults | fields))


def add_answer(learner: Participant, second: float, answer: str) -> None:
    hint = Hint.objects.filter(participant=learner).latest("fired_at")
    HintAnswer.objects.create(hint=hint, answer=answer, answered_at=at_second(second))


@pytest.mark.parametrize(
    ("answer", "shift"),
    [("helped", -0.05), ("not_now", 0.05), ("not_hard", 0.1), ("leave_me_alone", None)],
)
def test_answers_shift_thresholds(learner: Participant, answer: str, shift: float | None) -> None:
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(20)
    add_answer(learner, 25, answer)
    evaluate_until(60, since=30)
    body = RuleState.objects.get().body
    assert body["threshold_shifts"] == ({} if shift is None else {"said_hard": shift})
    add_event(learner, 700, "self_report", value="hard")
    evaluate_until(720, since=690)
    assert len(list_hints(learner)) == (1 if answer == "leave_me_alone" else 2)


def test_snooze_lasts_until_hints_are_resumed(learner: Participant) -> None:
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(20)
    add_answer(learner, 25, "leave_me_alone")
    add_answer(learner, 400, "hints_again")
    add_event(learner, 410, "self_report", value="hard")
    evaluate_until(450, since=30)
    assert len(list_hints(learner)) == 2


def test_snooze_and_resume_apply_to_every_session(learner: Participant) -> None:
    """Snoozed in one session, resumed in another."""
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(20)
    add_answer(learner, 25, "leave_me_alone")
    evaluate_until(60, since=30)
    session = start_session(lesson=learner.session.lesson)
    other = join_session(session=session, user=learner.user, role=Role.STUDENT)
    hint = add_hint(other, fired_at=at_second(90))
    HintAnswer.objects.create(hint=hint, answer="hints_again", answered_at=at_second(100))
    add_event(learner, 700, "self_report", value="hard")
    evaluate_until(720, since=690)
    assert len(list_hints(learner)) == 2
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_hints_are_resumed_without_an_open_hint(learner: Participant) -> None:
    hint = add_hint(learner, state="shown")
    resume_hints(user=learner.user)
    assert not hint.answers.exists()
    answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="leave_me_alone")
    assert find_snoozed_users({learner.user_id}, now=timezone.now())
    resume_hints(user=learner.user)
    assert not find_snoozed_users({learner.user_id}, now=timezone.now())


def test_snooze_withholds_due_hints_in_any_session(learner: Participant) -> None:
    rule = InteractionRule.objects.earliest("pk")
    due, shown = (
        add_hint(learner, rule=rule, occasion=state, state=state) for state in ("due", "shown")
    )
    answer_hint(participant_id=learner.pk, hint_id=shown.pk, answer="leave_me_alone")
    due.refresh_from_db()
    assert (due.state, due.withheld_because) == ("withheld", "muted")


def test_snooze_ends_at_local_midnight(learner: Participant) -> None:
    hint = add_hint(learner)
    HintAnswer.objects.create(hint=hint, answer="leave_me_alone", answered_at=at_second(1))
    with timezone.override("Australia/Sydney"):  # eleven hours before UTC: it is 23:00
        assert find_snoozed_users({learner.user_id}, now=at_second(50 * 60))
        assert not find_snoozed_users({learner.user_id}, now=at_second(70 * 60))
    assert find_snoozed_users({learner.user_id}, now=at_second(70 * 60))


def test_unknown_time_zone_is_refused() -> None:
    command = [sys.executable, "-c", "import fer_lms.settings"]
    wrong = os.environ | {"FER_TIME_ZONE": "Mars/Olympus"}
    tried = subprocess.run(command, env=wrong, capture_output=True, text=True, check=False)
    assert "FER_TIME_ZONE: unknown time zone 'Mars/Olympus'" in tried.stderr


def test_confirmed_difficulty_offers_next_level_once(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    StepHint.objects.create(step=step, level=1, text="Level 1")
    question = add_hint(learner, kind="question", step=step, state="shown", fired_at=timezone.now())
    for answer in ("no", "yes", "no", "yes"):
        answer_hint(participant_id=learner.pk, hint_id=question.pk, answer=answer)
    [helps] = list_hints_to_show([learner.pk], now=timezone.now())
    assert (helps.body, helps.why) == ("Level 1", "You said that it is hard right now.")
    mark_shown(hint_ids=[helps.pk])
    assert request_hint(participant=learner, step=step).body == "Level 1"


def test_at_most_four_hints_in_a_lesson(learner: Participant) -> None:
    for second in range(10, 3000, 400):
        add_event(learner, second, "self_report", value="fine")
        add_event(learner, second + 1, "self_report", value="hard")
        evaluate_due(until=at_second(second + 2))
    assert len(list_hints(learner)) == 4


def test_hint_for_deleted_step_has_fallback_text(
    learner: Participant,
) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    add_event(learner, 1, "step_opened", step=step)
    evaluate_until(10)
    add_event(learner, 12, "self_report", value="hard", step=step)
    step.delete()
    evaluate_due(until=at_second(13))
    [hint] = list_hints(learner)
    assert hint.step is None
    assert hint.body


def test_hint_levels_are_offered_in_order(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for level in (1, 2):
        StepHint.objects.create(
            step=step, level=level, text=f"Level {level}", simple_text=f"Easy {level}"
        )
    LearnerProfile.objects.create(user=learner.user, reading_level="easy")
    add_event(learner, 1, "step_opened")
    add_event(learner, 12, "self_report", value="hard")
    evaluate_until(20)
    Hint.objects.update(state=Hint.State.SHOWN)  # it was withheld as too late
    requested = [request_hint(participant=learner, step=step) for _ in range(2)]
    assert [hint.body for hint in (*list_hints(learner)[:1], *requested)] == [
        "Easy 1",
        "Easy 2",
        "Easy 2",
    ]


def test_hint_requests_are_limited(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for _ in range(12):
        request_hint(participant=learner, step=step)
    with pytest.raises(TooManyHintRequests):
        request_hint(participant=learner, step=step)


def test_only_yes_notifies_the_teacher(learner: Participant) -> None:
    for number, answer in enumerate(("no", "yes")):
        hint = add_hint(learner, occasion=f"x{number}", kind="tell_teacher")
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer=answer)
    assert TeacherNotification.objects.get().hint.occasion == "x1"


def test_no_cancels_unread_notification(learner: Participant) -> None:
    for number, read in enumerate((False, True)):
        hint = add_hint(learner, occasion=f"x{number}", kind="tell_teacher")
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="yes")
        if read:
            mark_notification_seen(notification=TeacherNotification.objects.get(hint=hint))
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="no")
    assert TeacherNotification.objects.get().hint.occasion == "x1"


def test_withheld_hint_does_not_use_a_level(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for level in (1, 2):
        StepHint.objects.create(step=step, level=level, text=f"Level {level}")
    add_hint(learner, step=step, level=1, state="withheld")
    assert request_hint(participant=learner, step=step).level == 1
