"""What a class did in a lesson, step by step, without any camera: pure, and of whole groups only.

Made once, when the sitting is over. Every learner counts once a step; each figure of a step needs
a whole group who have it. A share is told between one and all but one of the smallest group ("20 %
or less", "80 % or more"): where everybody answered alike, that would be everybody's answer.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fer_lms.lessons.models import InteractionEvent, Step
from fer_lms.reports.cells import Visits

Kind = InteractionEvent.Kind
SECONDS_ROUNDED_TO = 5
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What one learner did on one step."""

    seconds: float
    right_at_first: bool | None
    asked_for_hint: bool
    said: str | None
    idle: bool


Records = Mapping[uuid.UUID, StepRecord]


def step_records(
    visits: Visits, events: Iterable[InteractionEvent]
) -> dict[int, dict[uuid.UUID, StepRecord]]:
    """step -> learner -> record, of every learner who opened the step. `events` in time order."""
    own: dict[tuple[uuid.UUID, int | None], list[InteractionEvent]] = {}
    for event in events:
        own.setdefault((event.participant_id, event.step_id), []).append(event)
    seconds: dict[tuple[uuid.UUID, int], float] = {}
    for learner, stays in visits.items():
        for stay in stays:
            key = learner, stay.step_id
            seconds[key] = seconds.get(key, 0.0) + stay.seconds
    records: dict[int, dict[uuid.UUID, StepRecord]] = {}
    for (learner, step_id), spent in seconds.items():
        record = _record(spent, own.get((learner, step_id), []))
        records.setdefault(step_id, {})[learner] = record
    return records


def interaction_rows(
    records: Mapping[int, Records], steps: Iterable[Step], smallest_group: int
) -> list[Figures]:
    return [_row(list(records.get(step.pk, {}).values()), smallest_group) for step in steps]


def counted(records: Mapping[int, Records], smallest_group: int) -> set[uuid.UUID]:
    """Learners who are in at least one of the rows."""
    groups = [set(own) for own in records.values() if len(own) >= smallest_group]
    return set().union(*groups)


def _record(seconds: float, events: Sequence[InteractionEvent]) -> StepRecord:
    answers = [event.value == "right" for event in events if event.kind == Kind.ANSWERED]
    said = [event.value for event in events if event.kind == Kind.SELF_REPORT]
    kinds = {event.kind for event in events}
    return StepRecord(
        seconds=seconds,
        right_at_first=answers[0] if answers else None,
        asked_for_hint=Kind.HINT_ASKED in kinds,
        said=said[-1] if said else None,
        idle=Kind.IDLE in kinds,
    )


def _row(records: Sequence[StepRecord], smallest_group: int) -> Figures:
    if len(records) < smallest_group:
        return dict.fromkeys(("seconds", "right_at_first", "asked_for_hint", "idle", "said"))
    answered = [r.right_at_first for r in records if r.right_at_first is not None]
    said = [r.said for r in records if r.said is not None]
    return {
        "seconds": _mean_seconds(records),
        "right_at_first": _share(answered, smallest_group),
        "asked_for_hint": _share([r.asked_for_hint for r in records], smallest_group),
        "idle": _share([r.idle for r in records], smallest_group),
        "said": _said(said, smallest_group),
    }


def _mean_seconds(records: Sequence[StepRecord]) -> int:
    mean = sum(record.seconds for record in records) / len(records)
    return round(mean / SECONDS_ROUNDED_TO) * SECONDS_ROUNDED_TO


def _said(said: Sequence[str], smallest_group: int) -> dict[str, float] | None:
    if len(said) < smallest_group:
        return None
    return {
        value: share
        for value in InteractionEvent.SelfReport.values
        if (share := _share([each == value for each in said], smallest_group)) is not None
    }


def _share(true: Sequence[bool], smallest_group: int) -> float | None:
    if len(true) < smallest_group:
        return None
    least = 1 / smallest_group
    return round(min(1 - least, max(least, sum(true) / len(true))), 2)
