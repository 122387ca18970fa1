"""Performs the actions of simulated learners by the functions that serve real requests.

These store the current time, which is then replaced by the simulated time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from fer_lms.demo.simulated_actions import (
    HARD_STEP,
    SimulatedAction,
    choose_hint_answer,
    simulate_actions,
)
from fer_lms.demo.simulation import SimulatedLearner
from fer_lms.lessons.actions import EventFields, answer_question, record_events
from fer_lms.lessons.models import InteractionEvent, Participant, Question, Step
from fer_lms.lessons.queries import get_profile
from fer_lms.rules.actions import answer_hint, request_hint
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import Hint, HintAnswer, TeacherNotification
from fer_lms.rules.offers import build_offer

EVENT_KINDS: Final = {
    "open": InteractionEvent.Kind.STEP_OPENED,
    "self_report": InteractionEvent.Kind.SELF_REPORT,
    "ask_hint": InteractionEvent.Kind.HINT_ASKED,
    "idle": InteractionEvent.Kind.IDLE,
    "return": InteractionEvent.Kind.RETURNED,
}
IDLE_SECONDS: Final = 30
TELLING_LEARNER: Final = 6
TELLING_SECOND: Final = 460
HINT_ANSWER_DELAY: Final = timedelta(seconds=14)

SimulatedClass = Sequence[tuple[Participant, SimulatedLearner]]


def run_simulated_actions(learners: SimulatedClass, started_at: datetime) -> None:
    """Perform all actions since `started_at` and evaluate the rules; windows must be closed."""
    if not learners:
        return
    lesson = learners[0][0].session.lesson
    steps = list(lesson.steps.select_related("question").prefetch_related("hints"))
    for participant, learner in learners:
        for number, action in enumerate(simulate_actions(learner)):
            if action.step < len(steps):  # a teacher may have deleted steps
                key = f"simulated-{number}"
                perform_action(participant, steps[action.step], action, key, started_at)
    evaluate_due(until=timezone.now())
    _answer_hints(learners)
    if len(steps) > HARD_STEP:
        _tell_teacher(learners, steps[HARD_STEP], started_at)


def _tell_teacher(learners: SimulatedClass, step: Step, started_at: datetime) -> None:
    """Let one learner agree that the teacher is told that the hard step is hard."""
    time = started_at + timedelta(seconds=TELLING_SECOND)
    for participant, learner in learners:
        if learner.number != TELLING_LEARNER:
            continue
        profile = get_profile(participant.user)
        offer = build_offer("tell_teacher", text="", step=step, shown=(), profile=profile)
        hint = Hint.objects.create(
            participant=participant,
            step=step,
            occasion="simulated",
            state=Hint.State.SHOWN,
            fired_at=time,
            shown_at=time,
            **offer.to_fields(),
        )
        yes = HintAnswer.Answer.YES
        answer = answer_hint(participant_id=participant.pk, hint_id=hint.pk, answer=yes)
        HintAnswer.objects.filter(pk=answer.pk).update(answered_at=time)
        TeacherNotification.objects.filter(hint=hint).update(said_at=time)


def perform_action(
    participant: Participant, step: Step, action: SimulatedAction, key: str, started_at: datetime
) -> None:
    """Store an action by the function that serves a student's request, at its simulated time."""
    time = started_at + timedelta(seconds=action.second)
    if action.kind == "answer":
        _answer_question(participant, step, action, key)
    else:
        event: EventFields = {
            "kind": EVENT_KINDS[action.kind],
            "step_id": step.pk,
            "value": action.value,
            "seconds": IDLE_SECONDS if action.kind == "idle" else None,
            "key": key,
        }
        record_events(participant=participant, events=[event])
    if action.kind == "ask_hint":
        hint = request_hint(participant=participant, step=step)
        Hint.objects.filter(pk=hint.pk).update(fired_at=time, shown_at=time)
    participant.events.filter(key=key).update(occurred_at=time)


def _answer_question(
    participant: Participant, step: Step, action: SimulatedAction, key: str
) -> None:
    question: Question | None = getattr(step, "question", None)
    if question is None:
        return
    answer = _build_answer(question, is_right=action.value == "right")
    answer_question(
        participant=participant, question=question, answer=answer, seconds=None, key=key
    )


def _build_answer(question: Question, *, is_right: bool) -> str:
    if question.kind == Question.Kind.CHOICE:
        matching = (i for i, choice in enumerate(question.choices) if choice["right"] == is_right)
        return str(next(matching, 0))
    if is_right:
        return question.accepted[0] if question.accepted else str(question.number)
    return str((question.number or 0) + 1 + question.tolerance)


def _answer_hints(learners: SimulatedClass) -> None:
    """Mark hints as shown and answered.

    The rules withhold late hints, but for simulated learners the delay is simulated as well.
    """
    for participant, learner in learners:
        late = participant.hints.filter(withheld_because="too_late")
        late.update(state=Hint.State.SHOWN, withheld_because="", shown_at=F("fired_at"))
        value = choose_hint_answer(learner)
        for hint in participant.hints.filter(rule__isnull=False):
            if value in hint.allowed_answers:
                answer = answer_hint(participant_id=participant.pk, hint_id=hint.pk, answer=value)
                answered_at = min(timezone.now(), hint.fired_at + HINT_ANSWER_DELAY)
                HintAnswer.objects.filter(pk=answer.pk).update(answered_at=answered_at)
