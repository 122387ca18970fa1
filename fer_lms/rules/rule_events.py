"""Rows that rules take in beside windows: what the learner did, answered, or asked to reset."""

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
from fer_lms.rules.engine.learner import EffectiveSettings, EvaluationState
from fer_lms.rules.models import EvaluatedEvent, HintAnswer


@dataclass(slots=True)
class RuleEvent:
    """One such row, and when it counts."""

    row: InteractionEvent | HintAnswer | BaselineReset
    participant_id: uuid.UUID
    natural_at: datetime
    at: datetime
    """When the rules took it in: at the natural time, or later where it came late."""

    @property
    def order(self) -> tuple[datetime, str, int]:
        return self.natural_at, type(self.row).__name__, self.row.pk


def of_event(event: InteractionEvent) -> RuleEvent:
    at = event.occurred_at
    return RuleEvent(event, event.participant_id, at, at)


def of_answer(answer: HintAnswer) -> RuleEvent:
    at = answer.answered_at
    return RuleEvent(answer, answer.hint.participant_id, at, at)


def of_reset(reset: BaselineReset) -> RuleEvent:
    return RuleEvent(reset, reset.participant_id, reset.asked_at, reset.asked_at)


def take(state: EvaluationState, settings: EffectiveSettings, event: RuleEvent) -> list[Firing]:
    """Let the rules take one row in."""
    row, at = event.row, event.at.timestamp()
    if isinstance(row, InteractionEvent):
        return apply_action(state, settings, _doing(row), at, f"e{row.pk}")
    if isinstance(row, HintAnswer):
        version = row.hint.version
        apply_answer(
            state,
            AnswerEvent(at, row.answer, row.hint.kind, version.evidence if version else ""),
        )
    else:
        apply_baseline_reset(state, at)
    return []


def _doing(event: InteractionEvent) -> LearnerAction:
    return LearnerAction(
        at=event.occurred_at.timestamp(),
        kind=event.kind,
        step=event.step_id,
        value=event.value,
        seconds=event.seconds,
    )


def mark_events_evaluated(events: Sequence[RuleEvent]) -> None:
    """Store when each event was evaluated, for idempotence and for replays."""
    interactions: list[EvaluatedEvent] = []
    answers: list[HintAnswer] = []
    resets: list[BaselineReset] = []
    for event in events:
        match event.row:
            case InteractionEvent() as interaction:
                interactions.append(EvaluatedEvent(event=interaction, evaluated_at=event.at))
            case HintAnswer() as answer:
                answer.evaluated_at = event.at
                answers.append(answer)
            case BaselineReset() as reset:
                reset.evaluated_at = event.at
                resets.append(reset)
    EvaluatedEvent.objects.bulk_create(interactions)
    HintAnswer.objects.bulk_update(answers, ["evaluated_at"])
    BaselineReset.objects.bulk_update(resets, ["evaluated_at"])
    # A baseline that was completed while the learner asked for a reset is deleted too.
    for reset in resets:
        delete_baselines(participant_id=reset.participant_id, made_before=reset.asked_at)


def mark_windows_evaluated(windows: Sequence[ObservationWindow]) -> None:
    """Keep when each was taken in, and whether its face counted. Most share both."""
    alike: dict[tuple[datetime | None, bool], list[int]] = {}
    for window in windows:
        alike.setdefault((window.evaluated_at, window.face_counted), []).append(window.pk)
    for (evaluated_at, face_counted), ids in alike.items():
        ObservationWindow.objects.filter(pk__in=ids).update(
            evaluated_at=evaluated_at, face_counted=face_counted
        )
