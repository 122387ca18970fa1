"""Events at which rules are evaluated between windows: interactions, answers, baseline resets."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fer_lms.engagement.actions import delete_baselines
from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.models import BaselineReset, ObservationWindow
from fer_lms.lessons.models import InteractionEvent
from fer_lms.rules.engine.evaluation import (
    AnswerEvent,
    Firing,
    apply_action,
    apply_answer,
    apply_baseline_reset,
)
from fer_lms.rules.engine.state import EffectiveSettings, EvaluationState
from fer_lms.rules.models import EvaluatedEvent, HintAnswer

EventRow = InteractionEvent | HintAnswer | BaselineReset


@dataclass(slots=True)
class RuleEvent:
    """A stored row, with the times at which it occurred and was evaluated."""

    row: EventRow
    participant_id: uuid.UUID
    occurred_at: datetime
    evaluated_at: datetime
    """Later than `occurred_at` where the row arrived late."""

    @property
    def sort_key(self) -> tuple[datetime, str, int]:
        return self.occurred_at, type(self.row).__name__, self.row.pk


def build_event(row: EventRow, evaluated_at: datetime | None = None) -> RuleEvent:
    """Return the event of a row; `evaluated_at` is the time of occurrence by default."""
    match row:
        case InteractionEvent():
            participant_id, occurred_at = row.participant_id, row.occurred_at
        case HintAnswer():
            participant_id, occurred_at = row.hint.participant_id, row.answered_at
        case BaselineReset():
            participant_id, occurred_at = row.participant_id, row.asked_at
    return RuleEvent(row, participant_id, occurred_at, evaluated_at or occurred_at)


def apply_event(
    state: EvaluationState, settings: EffectiveSettings, event: RuleEvent
) -> list[Firing]:
    """Apply an event to the state of its learner, and evaluate the rules."""
    at = event.evaluated_at.timestamp()
    match event.row:
        case InteractionEvent() as interaction:
            action = LearnerAction(
                at=interaction.occurred_at.timestamp(),
                kind=interaction.kind,
                step=interaction.step_id,
                value=interaction.value,
                seconds=interaction.seconds,
            )
            return apply_action(state, settings, action, at, f"e{interaction.pk}")
        case HintAnswer() as answer:
            version = answer.hint.version
            evidence = version.evidence if version else ""
            apply_answer(state, AnswerEvent(at, answer.answer, answer.hint.kind, evidence))
        case BaselineReset():
            apply_baseline_reset(state, at)
    return []


def mark_events_evaluated(events: Sequence[RuleEvent]) -> None:
    """Store when each event was evaluated, for idempotence and for replays."""
    interactions: list[EvaluatedEvent] = []
    answers: list[HintAnswer] = []
    resets: list[BaselineReset] = []
    for event in events:
        match event.row:
            case InteractionEvent() as row:
                interactions.append(EvaluatedEvent(event=row, evaluated_at=event.evaluated_at))
            case HintAnswer() as answer:
                answer.evaluated_at = event.evaluated_at
                answers.append(answer)
            case BaselineReset() as reset:
                reset.evaluated_at = event.evaluated_at
                resets.append(reset)
    EvaluatedEvent.objects.bulk_create(interactions)
    HintAnswer.objects.bulk_update(answers, ["evaluated_at"])
    BaselineReset.objects.bulk_update(resets, ["evaluated_at"])
    # A baseline that was completed while the learner requested a reset is deleted too.
    for reset in resets:
        delete_baselines(participant_id=reset.participant_id, made_before=reset.asked_at)


def mark_windows_evaluated(windows: Sequence[ObservationWindow]) -> None:
    """Store when each window was evaluated, and whether its face was used.

    One query per distinct pair of both, since most windows of a batch have the same."""
    ids: dict[tuple[datetime | None, bool], list[int]] = {}
    for window in windows:
        ids.setdefault((window.evaluated_at, window.face_counted), []).append(window.pk)
    for (evaluated_at, face_counted), pks in ids.items():
        ObservationWindow.objects.filter(pk__in=pks).update(
            evaluated_at=evaluated_at, face_counted=face_counted
        )
