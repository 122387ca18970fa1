"""The rules at work: once a moment, in order, whatever comes twice, late or at the same time."""

import os
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import pytest
from django.utils import timezone

from fer_lms.consent.actions import withdraw_consent
from fer_lms.engagement.actions import ask_for_new_baseline
from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.engagement.weights import DEFAULT
from fer_lms.lessons.actions import join_session, start_session
from fer_lms.lessons.models import LearnerProfile, Participant, Role, StepHint
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_for_consent
from fer_lms.rules import live
from fer_lms.rules.actions import (
    AskedTooOften,
    add_version,
    answer_hint,
    give_asked_hint,
    let_hints_come_again,
    make_rule,
    mark_shown,
    mark_word_seen,
    set_switch,
)
from fer_lms.rules.evaluation import advance
from fer_lms.rules.learner import LearnerSettings, LearnerState
from fer_lms.rules.live import evaluate_due
from fer_lms.rules.models import (
    Hint,
    HintAnswer,
    InteractionRule,
    RuleState,
    SettingsSeen,
    TeacherWord,
)
from fer_lms.rules.queries import hints_to_show, left_alone_today
from fer_lms.rules.rehearsal import rehearse
from fer_lms.rules.replay import replay_session
from fer_lms.rules.spec import RuleSpec
from tests.factories import NOON, grant_all, make_learner, make_teacher_of
from tests.rules.scenes import TENSE, after, consent_of, did, hints, let_pass, seen

SOON = RuleSpec(held_windows=1)


def stuck(learner: Participant, *, windows: int = 24) -> None:
    """Calm for a minute, then two wrong answers and a tense face."""
    did(learner, 1, "step_opened")
    for number in range(windows):
        seen(learner, number, TENSE if number >= 6 else {"brow_lowering": 0.1})
    did(learner, 70, "answered", value="wrong", attempts=1, seconds=69)
    did(learner, 90, "answered", value="wrong", attempts=2, seconds=89)


@pytest.fixture
def seen_learner(policy: DeploymentPolicy, learner: Participant) -> Participant:
    grant_all(learner)
    return learner


def test_a_learner_who_is_stuck_is_offered_one_hint(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    [hint] = hints(seen_learner)
    assert 120 <= (hint.fired_at - after(0)).total_seconds() <= 150
    assert "2 answers that were not right yet" in hint.why
    assert "your brow looked tense" in hint.why
    assert "50 s" in hint.why
    assert hint.consent_epoch == consent_of(seen_learner).epoch


def test_replay_speaks_where_live_spoke(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    [replayed] = replay_session(seen_learner.session)
    assert len(replayed.firings) == 1
    assert replayed.same


def test_without_camera_hints_come_from_what_is_done(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    for second in (70, 90):
        did(learner, second, "answered", value="wrong")
    let_pass(240)
    [hint] = hints(learner)
    assert hint.consent_epoch is None


def test_looking_again_changes_nothing(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    state = RuleState.objects.get().body
    evaluate_due(until=after(240))
    evaluate_due(until=after(100))
    assert RuleState.objects.get().body == state
    assert Hint.objects.count() == 1


def test_a_withdrawal_ends_the_face(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    withdraw_consent(participant=seen_learner)
    erase_for_consent(consent_id=consent_of(seen_learner).pk)
    [hint] = hints(seen_learner)
    assert (hint.why, hint.parts, hint.consent_epoch) == ("", {}, None)
    assert RuleState.objects.get().body["baseline"] is None


def test_a_second_consent_begins_a_new_baseline(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    let_pass(70)
    assert LearnerBaseline.objects.get().consent_epoch == 1
    grant_all(seen_learner)
    for number in range(8, 12):
        seen(seen_learner, number, consent_epoch=2)
    let_pass(150, since=80)
    first, second = LearnerBaseline.objects.all()
    assert (first.consent_epoch, second.consent_epoch) == (1, 2)
    assert first.retired_at is not None
    assert second.retired_at is None


def test_a_window_of_an_old_consent_is_no_evidence(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    grant_all(seen_learner)  # before the rules have looked
    let_pass(70)
    assert not LearnerBaseline.objects.exists()
    assert set(ObservationWindow.objects.values_list("face_counted", flat=True)) == {False}


def test_without_a_policy_no_face_is_evidence(seen_learner: Participant) -> None:
    stuck(seen_learner)
    DeploymentPolicy.objects.all().delete()
    let_pass(240)
    [hint] = hints(seen_learner)
    assert set(hint.parts) == {"wrong"}


def test_where_expressions_do_not_fit_help_comes_all_the_same(seen_learner: Participant) -> None:
    LearnerProfile.objects.create(user=seen_learner.user, expressions_do_not_fit=True)
    stuck(seen_learner)
    let_pass(240)
    [hint] = hints(seen_learner)
    assert set(hint.parts) == {"wrong"}
    assert not LearnerBaseline.objects.exists()


def test_a_reset_begins_a_new_baseline(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    let_pass(60)
    BaselineReset.objects.create(participant=seen_learner, asked_at=after(61))
    let_pass(90, since=65)
    assert not LearnerBaseline.objects.exists()
    assert RuleState.objects.get().body["baseline"] is None
    [replayed] = replay_session(seen_learner.session)
    assert replayed.same


def test_asking_forgets_at_once(seen_learner: Participant) -> None:
    stuck(seen_learner, windows=5)
    let_pass(60)
    assert LearnerBaseline.objects.exists()
    ask_for_new_baseline(participant=seen_learner)
    assert not LearnerBaseline.objects.exists()


def test_nothing_seen_before_a_reset_makes_the_next_baseline(seen_learner: Participant) -> None:
    """The window that is open at that moment, and one that is not closed yet, are of before."""
    for number in range(8):
        seen(seen_learner, number)
    BaselineReset.objects.create(participant=seen_learner, asked_at=after(34))
    let_pass(100)
    assert LearnerBaseline.objects.get().from_at == after(40)


def test_windows_out_of_order_and_twice_make_no_second_hint(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    ObservationWindow.objects.filter(start_at=after(100)).update(
        evaluated_at=None, face_counted=False
    )
    let_pass(300, since=241)
    late = ObservationWindow.objects.get(start_at=after(100))
    assert late.evaluated_at is not None
    assert not late.face_counted
    assert len(hints(seen_learner)) == 1


def test_what_fails_for_one_learner_costs_the_others_nothing(
    learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [make_learner(learner.session) for _ in range(2)]
    for each in (learner, *others):
        did(each, 1, "step_opened")
        did(each, 12, "self_report", value="hard")

    def fails_for_one(state: LearnerState, held: LearnerSettings, *args: Any) -> Any:
        if held.learner == learner.user_id:
            raise ZeroDivisionError
        return advance(state, held, *args)

    monkeypatch.setattr(live, "advance", fails_for_one)
    monkeypatch.setattr(live, "LEARNERS_AT_ONCE", 1)
    let_pass(30)
    assert [len(hints(each)) for each in (learner, *others)] == [0, 1, 1]
    assert not learner.rule_settings.exists()
    monkeypatch.undo()
    let_pass(60, since=40)
    assert len(hints(learner)) == 1


def test_settings_are_kept_whole(learner: Participant) -> None:
    """So that a default that changes with a release does not change what was."""
    did(learner, 1, "step_opened")
    let_pass(20)
    assert SettingsSeen.objects.get().body["weights"] == asdict(DEFAULT)


def test_an_event_that_comes_late_is_taken_in_once(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    let_pass(120)
    event = did(learner, 70, "answered", value="wrong")  # kept back by the network for a minute
    let_pass(200, since=121)
    let_pass(200, since=150)
    assert event.evaluation.evaluated_at > after(110)
    [replayed] = replay_session(learner.session)
    assert replayed.same


def test_a_clock_that_jumps_back_makes_no_second_hint(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    for second in (70, 90):
        did(learner, second, "answered", value="wrong")
    let_pass(240)
    let_pass(200, since=100)
    assert len(hints(learner)) == 1


def test_who_says_that_it_is_hard_is_helped_at_once(learner: Participant) -> None:
    did(learner, 1, "step_opened")
    let_pass(10)
    did(learner, 12, "self_report", value="hard")
    evaluate_due(until=after(13))
    [hint] = hints(learner)
    assert hint.occasion.startswith("e")
    assert hint.why == "You said that it is hard."


def test_a_rule_that_is_edited_while_it_fires_gives_one_hint(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    rule = make_rule(lesson=learner.session.lesson, title="Soon", spec=SOON, user=teacher)
    did(learner, 1, "step_opened")
    for second in (70, 90):
        did(learner, second, "answered", value="wrong")
    let_pass(110)
    first = rule.versions.get()
    add_version(rule=rule, spec=replace(SOON, threshold=0.55), user=teacher)
    let_pass(240, since=120)
    [hint] = hints(learner)
    assert (hint.rule, hint.version) == (rule, first)
    [replayed] = replay_session(learner.session)
    assert replayed.same


def test_an_edited_rule_begins_to_look_anew(learner: Participant) -> None:
    """What it had gathered was of other evidence; that it has spoken is remembered."""
    teacher = make_teacher_of(learner.session.lesson)
    long = RuleSpec(threshold=0.2, release=0.05, held_windows=30, quiet_start_seconds=0)
    rule = make_rule(lesson=learner.session.lesson, title="Long", spec=long, user=teacher)
    did(learner, 1, "step_opened")
    for second in (20, 40, 200):
        did(learner, second, "answered", value="wrong")
    let_pass(250)
    assert RuleState.objects.get().body["runs"][str(rule.pk)][1] > 5
    Hint.objects.all().delete()
    other = replace(long, evidence="confusion", held_windows=5)
    add_version(rule=rule, spec=other, user=teacher)
    did(learner, 252, "hint_asked")
    let_pass(280, since=255)
    _flags, held, *_rest = RuleState.objects.get().body["runs"][str(rule.pk)]
    assert held <= 3
    assert not Hint.objects.filter(rule=rule).exists()
    [replayed] = replay_session(learner.session)
    assert not any(firing.rule == rule.pk for firing in replayed.firings)


def test_switched_off_is_off_at_once(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    did(learner, 1, "step_opened")
    set_switch(off=True, user=teacher, lesson=learner.session.lesson)
    did(learner, 12, "self_report", value="hard")
    let_pass(60)
    assert hints(learner) == []
    set_switch(off=False, user=teacher, lesson=learner.session.lesson)
    did(learner, 70, "self_report", value="hard")
    let_pass(90, since=70)
    assert len(hints(learner)) == 1
    [replayed] = replay_session(learner.session)
    assert replayed.same


def test_a_due_hint_is_withheld_when_it_is_switched_off(learner: Participant) -> None:
    teacher = make_teacher_of(learner.session.lesson)
    hint = Hint.objects.create(
        participant=learner, occasion="x", kind="hint", title="", body="", fired_at=after(0)
    )
    set_switch(off=True, user=teacher, learner=learner.user)
    hint.refresh_from_db()
    assert (hint.state, hint.withheld_because) == ("withheld", "switched_off")


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
    assert replayed.same


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
    let_hints_come_again(user=learner.user)
    assert not hint.answers.exists()
    answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="leave_me_alone")
    assert left_alone_today({learner.user_id}, now=timezone.now())
    let_hints_come_again(user=learner.user)
    assert not left_alone_today({learner.user_id}, now=timezone.now())


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
        assert left_alone_today({learner.user_id}, now=after(50 * 60))
        assert not left_alone_today({learner.user_id}, now=after(70 * 60))
    assert left_alone_today({learner.user_id}, now=after(70 * 60))


def test_a_time_zone_that_does_not_exist_is_refused_in_words() -> None:
    command = [sys.executable, "-c", "import fer_lms.settings"]
    wrong = os.environ | {"FER_TIME_ZONE": "Mars/Olympus"}
    tried = subprocess.run(command, env=wrong, capture_output=True, text=True, check=False)
    assert "FER_TIME_ZONE: there is no 'Mars/Olympus'" in tried.stderr


def test_yes_it_is_hard_brings_the_next_rung_at_once_and_once(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    StepHint.objects.create(step=step, rung=1, text="Rung 1")
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
    [helps] = hints_to_show([learner.pk], now=timezone.now())
    assert (helps.body, helps.why) == ("Rung 1", "You said that it is hard right now.")
    mark_shown(hint_ids=[helps.pk])
    assert give_asked_hint(participant=learner, step=step).body == "Rung 1"


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
    for rung in (1, 2):
        StepHint.objects.create(
            step=step, rung=rung, text=f"Rung {rung}", simple_text=f"Easy {rung}"
        )
    LearnerProfile.objects.create(user=learner.user, reading_level="easy")
    did(learner, 1, "step_opened")
    did(learner, 12, "self_report", value="hard")
    let_pass(20)
    Hint.objects.update(state=Hint.State.SHOWN)  # long ago by now, so it was withheld
    asked = [give_asked_hint(participant=learner, step=step) for _ in range(2)]
    assert [hint.body for hint in (*hints(learner)[:1], *asked)] == ["Easy 1", "Easy 2", "Easy 2"]


def test_nobody_asks_forever(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for _ in range(12):
        give_asked_hint(participant=learner, step=step)
    with pytest.raises(AskedTooOften):
        give_asked_hint(participant=learner, step=step)


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
    assert TeacherWord.objects.get().hint.occasion == "x1"


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
            mark_word_seen(word=TeacherWord.objects.get(hint=hint))
        answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer="no")
    assert TeacherWord.objects.get().hint.occasion == "x1"


def test_a_hint_that_was_withheld_uses_up_no_rung(learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    for rung in (1, 2):
        StepHint.objects.create(step=step, rung=rung, text=f"Rung {rung}")
    Hint.objects.create(
        participant=learner,
        occasion="x",
        kind="hint",
        step=step,
        rung=1,
        title="",
        body="",
        state="withheld",
        fired_at=after(0),
    )
    assert give_asked_hint(participant=learner, step=step).rung == 1


def test_a_withdrawal_erases_a_state_that_it_cannot_read(seen_learner: Participant) -> None:
    stuck(seen_learner)
    let_pass(240)
    state = RuleState.objects.get()
    state.body["format"] = 0
    state.save()
    withdraw_consent(participant=seen_learner)
    erase_for_consent(consent_id=consent_of(seen_learner).pk)
    assert RuleState.objects.get().body == {}
    did(seen_learner, 245, "answered", value="wrong")
    let_pass(260, since=250)
    assert RuleState.objects.get().body["hints_given"] == 1


def test_a_made_up_class_replays_as_it_was_live(policy: DeploymentPolicy) -> None:
    made = rehearse(participants=6, windows=72, began=NOON)
    for number, windows in enumerate(made):
        ObservationWindow.objects.bulk_create(windows)
        evaluate_due(until=after(10 * number + 16 + number % 3))
    session = Participant.objects.earliest("joined_at").session
    replayed = replay_session(session)
    assert sum(len(each.firings) for each in replayed) == Hint.objects.count() >= 3
    assert all(each.same for each in replayed)
