"""Simulated learners do what they do: through the actions that serve a real learner's requests.

Only the time is made up. Each action says "now"; here it was some minutes ago, and is written so.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from fer_lms.demo.simulated_actions import SimulatedAction, choose_hint_answer, simulate_actions
from fer_lms.demo.simulation import SimulatedLearner
from fer_lms.lessons.actions import EventFields, answer_question, record_events
from fer_lms.lessons.models import InteractionEvent, Participant, Question, Step
from fer_lms.rules.actions import answer_hint, request_hint
from fer_lms.rules.live_evaluation import evaluate_due
from fer_lms.rules.models import Hint, HintAnswer

Kind = InteractionEvent.Kind
PLAIN: Final = {
    "open": Kind.STEP_OPENED,
    "say": Kind.SELF_REPORT,
    "ask": Kind.HINT_ASKED,
    "idle": Kind.IDLE,
    "back": Kind.RETURNED,
}
IDLE_SECONDS: Final = 30
READ_FOR: Final = timedelta(seconds=14)
"""From a hint to what is said to it."""


def run_simulated_actions(
    places: Sequence[tuple[Participant, SimulatedLearner]], began_at: datetime
) -> None:
    """Everything they did since, and the hints that came of it. Their windows are closed."""
    if not places:
        return
    lesson = places[0][0].session.lesson
    steps = list(lesson.steps.select_related("question").prefetch_related("hints"))
    for participant, player in places:
        for number, doing in enumerate(simulate_actions(player)):
            if doing.step < len(steps):  # a teacher may have taken some away
                _do(participant, steps[doing.step], doing, f"played-{number}", began_at)
    evaluate_due(until=timezone.now())
    _see_hints(places)


def _do(
    participant: Participant, step: Step, doing: SimulatedAction, key: str, began_at: datetime
) -> None:
    at = began_at + timedelta(seconds=doing.second)
    if doing.kind == "answer":
        _answer(participant, step, doing, key)
    else:
        idle = IDLE_SECONDS if doing.kind == "idle" else None
        event: EventFields = {
            "kind": PLAIN[doing.kind],
            "step_id": step.pk,
            "value": doing.value,
            "seconds": idle,
            "key": key,
        }
        record_events(participant=participant, events=[event])
    if doing.kind == "ask":
        hint = request_hint(participant=participant, step=step)
        Hint.objects.filter(pk=hint.pk).update(fired_at=at, shown_at=at)
    participant.events.filter(key=key).update(occurred_at=at)


def _answer(participant: Participant, step: Step, doing: SimulatedAction, key: str) -> None:
    question: Question | None = getattr(step, "question", None)
    if question is None:
        return
    answer = _right(question) if doing.value == "right" else _wrong(question)
    answer_question(
        participant=participant, question=question, answer=answer, seconds=None, key=key
    )


def _right(question: Question) -> str:
    if question.kind == Question.Kind.CHOICE:
        return str(next(at for at, each in enumerate(question.choices) if each["right"]))
    return question.accepted[0] if question.accepted else str(question.number)


def _wrong(question: Question) -> str:
    if question.kind == Question.Kind.CHOICE:
        wrong = [at for at, each in enumerate(question.choices) if not each["right"]]
        return str(wrong[0] if wrong else 0)
    return str((question.number or 0) + 1 + question.tolerance)


def _see_hints(places: Sequence[tuple[Participant, SimulatedLearner]]) -> None:
    """The rules hold back what would come minutes late. These learners' pages are made up as well:
    each hint was on them when it came, and most of them said something to it."""
    for participant, player in places:
        late = participant.hints.filter(withheld_because="too_late")
        late.update(state=Hint.State.SHOWN, withheld_because="", shown_at=F("fired_at"))
        said = choose_hint_answer(player)
        for hint in participant.hints.filter(rule__isnull=False):
            if said in hint.allowed_answers:
                answer = answer_hint(participant_id=participant.pk, hint_id=hint.pk, answer=said)
                at = min(timezone.now(), hint.fired_at + READ_FOR)
                HintAnswer.objects.filter(pk=answer.pk).update(answered_at=at)
