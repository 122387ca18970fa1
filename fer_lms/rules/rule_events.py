"""Rows that rules take in beside windows: what the learner did, answered, or asked to reset."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fer_lms.engagement.actions import forget_baselines
from fer_lms.engagement.activity import Doing
from fer_lms.engagement.models import BaselineReset, ObservationWindow
from fer_lms.lessons.models import InteractionEvent
from fer_lms.rules.engine.evaluation import Answered, Firing, take_answer, take_doing, take_reset
from fer_lms.rules.engine.learner import LearnerSettings, LearnerState
from fer_lms.rules.models import EvaluatedEvent, HintAnswer


@dataclass(slots=True)
class Moment:
    """One such row, and when it counts."""

    row: InteractionEvent | HintAnswer | BaselineReset
    participant_id: uuid.UUID
    natural_at: datetime
    at: datetime
    """When the rules took it in: at the natural time, or later where it came late."""

    @property
    def order(self) -> tuple[datetime, str, int]:
        return self.natural_at, type(self.row).__name__, self.row.pk


def of_event(event: InteractionEvent) -> Moment:
    at = event.occurred_at
    return Moment(event, event.participant_id, at, at)


def of_answer(answer: HintAnswer) -> Moment:
    at = answer.answered_at
    return Moment(answer, answer.hint.participant_id, at, at)


def of_reset(reset: BaselineReset) -> Moment:
    return Moment(reset, reset.participant_id, reset.asked_at, reset.asked_at)


def take(state: LearnerState, settings: LearnerSettings, moment: Moment) -> list[Firing]:
    """Let the rules take one row in."""
    row, at = moment.row, moment.at.timestamp()
    if isinstance(row, InteractionEvent):
        return take_doing(state, settings, _doing(row), at, f"e{row.pk}")
    if isinstance(row, HintAnswer):
        version = row.hint.version
        take_answer(
            state,
            Answered(at, row.answer, row.hint.kind, version.evidence if version else ""),
        )
    else:
        take_reset(state, at)
    return []


def _doing(event: InteractionEvent) -> Doing:
    return Doing(
        at=event.occurred_at.timestamp(),
        kind=event.kind,
        step=event.step_id,
        value=event.value,
        seconds=event.seconds,
    )


def mark_taken(moments: Sequence[Moment]) -> None:
    """Keep when each was taken in, so that it is taken in once, and a replay goes by it."""
    events: list[EvaluatedEvent] = []
    answers: list[HintAnswer] = []
    resets: list[BaselineReset] = []
    for moment in moments:
        match moment.row:
            case InteractionEvent() as event:
                events.append(EvaluatedEvent(event=event, evaluated_at=moment.at))
            case HintAnswer() as answer:
                answer.evaluated_at = moment.at
                answers.append(answer)
            case BaselineReset() as reset:
                reset.evaluated_at = moment.at
                resets.append(reset)
    EvaluatedEvent.objects.bulk_create(events)
    HintAnswer.objects.bulk_update(answers, ["evaluated_at"])
    BaselineReset.objects.bulk_update(resets, ["evaluated_at"])
    for reset in resets:  # one that was being made while the learner asked goes as well
        forget_baselines(participant_id=reset.participant_id, made_before=reset.asked_at)


def mark_windows(windows: Sequence[ObservationWindow]) -> None:
    """Keep when each was taken in, and whether its face counted. Most share both."""
    alike: dict[tuple[datetime | None, bool], list[int]] = {}
    for window in windows:
        alike.setdefault((window.evaluated_at, window.face_counted), []).append(window.pk)
    for (evaluated_at, face_counted), ids in alike.items():
        ObservationWindow.objects.filter(pk__in=ids).update(
            evaluated_at=evaluated_at, face_counted=face_counted
        )
