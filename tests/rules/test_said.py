"""What learners say to hints, ask for, and want no more of: their word wins."""

import os
import subprocess
import sys

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
from tests.rules.scenes import after, did, hints, let_pass


def say(learner: Participant, second: float, answer: str) -> None:
    hint = Hint.objects.filter(participant=learner).latest("fired_at")
    HintAnswer.objects.create(hint=hint, answer=answer, answered_at=after(second))


@pytest.mark.parametrize(
    ("answer", "shift"),
    [("helped", -0.05), ("not_now", 0.05), ("not_hard", 0.1), ("leave_me_alone", None)],
)
def test_answers_move_thresholds(learner: Participant, answer: str, shift: float | None) -> None:
    did(learner, 1, "step_opened")
    did(learner, 12, "self_report", value="hard")
    let_pass(20)
    say(learner, 25, answer)
    let_pass(60, since=30)
    body = RuleState.objects.get().body
    assert body["shifts"] == ({} if shift is None else {"said_hard": shift})
    did(learner, 700, "self_report", value="hard")
    let_pass(720, since=690)
    assert len(hints(learner)) == (1 if answer == "leave_me_alone" else 2)


def test_left_alone_until_the_learner_wants_hints_again(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    did(learner, 12, "self_report", value="hard")
    let_pass(20)
    say(learner, 25, "leave_me_alone")
    say(learner, 400, "hints_again")
    did(learner, 410, "self_report", value="hard")
    let_pass(450, since=30)
    assert len(hints(learner)) == 2


def test_left_alone_is_left_alone_in_every_sitting_and_so_is_its_end(learner: Participant) -> None:
    """Said in one sitting, taken back in another: the first one hears of it too."""
    did(learner, 1, "step_opened")
    did(learner, 12, "self_report", value="hard")
    let_pass(20)
    say(learner, 25, "leave_me_alone")
    let_pass(60, since=30)
    session = start_session(lesson=learner.session.lesson)
    other = join_session(session=session, user=learner.user, role=Role.STUDENT)
    hint = Hint.objects.create(
        participant=other, occasion="x", kind="hint", title="", body="", fired_at=after(90)
    )
    HintAnswer.objects.create(hint=hint, answer="hints_again", answered_at=after(100))
    did(learner, 700, "self_report", value="hard")
    let_pass(720, since=690)
    assert len(hints(learner)) == 2
    [replayed] = replay_session(learner.session)
    assert replayed.is_same


def test_hints_may_come_again_without_a_hint_at_hand(learner: Participant) -> None:
    hint = Hint.objects.create(
        participant=learner,
        occasion="x",
        kind="hint",
        title="",
        body="",
        state="shown",
        fired_at=after(0),
    )
    resume_hints(user=learner.user)
    assert not hint.answers.exists()
    answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="leave_me_alone")
    assert find_snoozed_users({learner.user_id}, now=timezone.now())
    resume_hints(user=learner.user)
    assert not find_snoozed_users({learner.user_id}, now=timezone.now())


def test_leaving_alone_holds_back_what_is_due_in_any_sitting(learner: Participant) -> None:
    rule = InteractionRule.objects.earliest("pk")
    due, shown = (
        Hint.objects.create(
            participant=learner,
            rule=rule,
            occasion=state,
            kind="hint",
            title="",
            body="",
            state=state,
            fired_at=after(0),
        )
        for state in ("due", "shown")
    )
    answer_hint(participant_id=learner.pk, hint_id=shown.pk, answer="leave_me_alone")
    due.refresh_from_db()
    assert (due.state, due.withheld_because) == ("withheld", "muted")


def test_today_ends_at_the_schools_midnight(learner: Participant) -> None:
    hint = Hint.objects.create(
        participant=learner, occasion="x", kind="hint", title="", body="", fired_at=after(0)
    )
    HintAnswer.objects.create(hint=hint, answer="leave_me_alone", answered_at=after(1))
    with timezone.override("Australia/Sydney"):  # eleven hours before UTC: it is 23:00
        assert find_snoozed_users({learner.user_id}, now=after(50 * 60))
        assert not find_snoozed_users({learner.user_id}, now=after(70 * 60))
    assert find_snoozed_users({learner.user_id}, now=after(70 * 60))


def test_a_time_zone_that_does_not_exist_is_refused_in_words() -> None:
    command = [sys.executable, "-c", "import fer_lms.settings"]
    wrong = os.environ | {"FER_TIME_ZONE": "Mars/Olympus"}
    tried = subprocess.run(command, env=wrong, capture_output=True, text=True, check=False)
    assert "FER_TIME_ZONE: there is no 'Mars/Olympus'" in tried.stderr


def test_yes_it_is_hard_brings_the_next_rung_at_once_and_once(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    StepHint.objects.create(step=step, level=1, text="Rung 1")
    question = Hint.objects.create(
        participant=learner,
        occasion="x",
        kind="question",
        step=step,
        title="",
        body="",
        state="shown",
        fired_at=timezone.now(),
    )
    for answer in ("no", "yes", "no", "yes"):
        answer_hint(participant_id=learner.pk, hint_id=question.pk, answer=answer)
    [helps] = list_hints_to_show([learner.pk], now=timezone.now())
    assert (helps.body, helps.why) == ("Rung 1", "You said that it is hard right now.")
    mark_shown(hint_ids=[helps.pk])
    assert request_hint(participant=learner, step=step).body == "Rung 1"


def test_no_more_than_four_hints_in_a_lesson(learner: Participant) -> None:
    for second in range(10, 3000, 400):
        did(learner, second, "self_report", value="fine")
        did(learner, second + 1, "self_report", value="hard")
        evaluate_due(until=after(second + 2))
    assert len(hints(learner)) == 4


def test_a_hint_for_a_step_that_was_deleted_says_something_all_the_same(
    learner: Participant,
) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    did(learner, 1, "step_opened", step=step)
    let_pass(10)
    did(learner, 12, "self_report", value="hard", step=step)
    step.delete()
    evaluate_due(until=after(13))
    [hint] = hints(learner)
    assert hint.step is None
    assert hint.body


def test_ladders_are_climbed_rung_by_rung(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for level in (1, 2):
        StepHint.objects.create(
            step=step, level=level, text=f"Rung {level}", simple_text=f"Easy {level}"
        )
    LearnerProfile.objects.create(user=learner.user, reading_level="easy")
    did(learner, 1, "step_opened")
    did(learner, 12, "self_report", value="hard")
    let_pass(20)
    Hint.objects.update(state=Hint.State.SHOWN)  # long ago by now, so it was withheld
    asked = [request_hint(participant=learner, step=step) for _ in range(2)]
    assert [hint.body for hint in (*hints(learner)[:1], *asked)] == ["Easy 1", "Easy 2", "Easy 2"]


def test_nobody_asks_forever(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for _ in range(12):
        request_hint(participant=learner, step=step)
    with pytest.raises(TooManyHintRequests):
        request_hint(participant=learner, step=step)


def test_a_yes_tells_the_teacher_and_a_no_does_not(learner: Participant) -> None:
    for number, answer in enumerate(("no", "yes")):
        hint = Hint.objects.create(
            participant=learner,
            occasion=f"x{number}",
            kind="tell_teacher",
            title="",
            body="",
            fired_at=after(number),
        )
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer=answer)
    assert TeacherNotification.objects.get().hint.occasion == "x1"


def test_a_no_takes_an_unread_word_back(learner: Participant) -> None:
    for number, read in enumerate((False, True)):
        hint = Hint.objects.create(
            participant=learner,
            occasion=f"x{number}",
            kind="tell_teacher",
            title="",
            body="",
            fired_at=after(number),
        )
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="yes")
        if read:
            mark_notification_seen(notification=TeacherNotification.objects.get(hint=hint))
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="no")
    assert TeacherNotification.objects.get().hint.occasion == "x1"


def test_a_hint_that_was_withheld_uses_up_no_rung(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for level in (1, 2):
        StepHint.objects.create(step=step, level=level, text=f"Rung {level}")
    Hint.objects.create(
        participant=learner,
        occasion="x",
        kind="hint",
        step=step,
        level=1,
        title="",
        body="",
        state="withheld",
        fired_at=after(0),
    )
    assert request_hint(participant=learner, step=step).level == 1
