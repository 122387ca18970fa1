"""What a class did in a lesson, step by step, without any camera: pure, and of whole groups only.

Made once, when the sitting is over. Every learner counts once a step; each figure of a step needs
a whole group who have it (fer_lms.engagement.groups).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fer_lms.engagement import groups
from fer_lms.lessons.models import InteractionEvent, Step
from fer_lms.reports.released_cells import Visits

Kind = InteractionEvent.Kind
SECONDS_ROUNDED_TO = 5
SHARES = ("right_at_first", "asked_for_hint", "idle")
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


def build_step_records(
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


def build_interaction_rows(
    records: Mapping[int, Records], steps: Iterable[Step], smallest_group: int
) -> list[Figures]:
    return [_row(step.pk, records.get(step.pk, {}), smallest_group) for step in steps]


def counted(records: Mapping[int, Records], smallest_group: int) -> set[uuid.UUID]:
    """Learners who are in at least one of the rows."""
    whole = [set(own) for own in records.values() if len(own) >= smallest_group]
    return set().union(*whole)


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


def _row(step: int, records: Records, smallest_group: int) -> Figures:
    told = groups.filter_releasable_groups(_groups(step, records), smallest_group)
    seconds, said = told.get(("seconds", step)), told.get(("said", step))
    row: Figures = {
        name: groups.compute_released_share(group.values(), smallest_group) if group else None
        for name in SHARES
        for group in [told.get((name, step))]
    }
    row["seconds"] = _mean_seconds(seconds.values()) if seconds else None
    row["said"] = _said(said.values(), smallest_group) if said else None
    return row


def _groups(step: int, records: Records) -> dict[groups.Key, groups.Group]:
    """Of each figure: who is in it, with what. Not everybody answers, or says how it was."""
    found: dict[groups.Key, groups.Group] = {}
    for name in (*SHARES, "seconds", "said"):
        values = {learner: getattr(record, name) for learner, record in records.items()}
        found[name, step] = {who: value for who, value in values.items() if value is not None}
    return found


def _mean_seconds(seconds: Collection[float]) -> int:
    mean = sum(seconds) / len(seconds)
    return round(mean / SECONDS_ROUNDED_TO) * SECONDS_ROUNDED_TO


def _said(said: Collection[str], smallest_group: int) -> dict[str, float]:
    return {
        value: groups.compute_released_share([each == value for each in said], smallest_group)
        for value in InteractionEvent.SelfReport.values
    }
