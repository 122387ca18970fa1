"""Step metrics from interaction events, without camera data, as pure functions.

Computed once, when the session has ended. Every learner counts once per step; each metric of a
step needs enough learners who have a value for it (fer_lms.disclosure.coarsening).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fer_lms.disclosure import coarsening
from fer_lms.lessons.models import InteractionEvent
from fer_lms.reports.attendance import ClassEvent
from fer_lms.reports.summary import Metrics

Kind = InteractionEvent.Kind
ROUNDING_STEP_S = 5
SHARES = ("right_at_first", "asked_for_hint", "right_after_hint", "idle")


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A learner's activity on one step.

    Attributes:
        right_after_hint: A right answer followed the first request for a hint; None without a
            request, without any answer, and where a right answer preceded it.
        self_report: The latest.
    """

    seconds: float
    right_at_first: bool | None
    asked_for_hint: bool
    right_after_hint: bool | None
    self_report: str | None
    idle: bool


LearnerRecords = Mapping[uuid.UUID, StepRecord]
"""Learner -> record of one step."""
RecordsByStep = Mapping[int, LearnerRecords]
"""Step -> learner -> record."""


def build_step_records(
    seconds: Mapping[uuid.UUID, Mapping[int, float]], events: Iterable[ClassEvent]
) -> dict[int, dict[uuid.UUID, StepRecord]]:
    """Build the record of every learner for every step that the learner opened.

    Args:
        seconds: Learner -> opened step -> time on it.
        events: Each learner's events in time order.
    """
    by_step: dict[tuple[uuid.UUID, int | None], list[ClassEvent]] = {}
    for event in events:
        by_step.setdefault((event.participant_id, event.step_id), []).append(event)
    records: dict[int, dict[uuid.UUID, StepRecord]] = {}
    for learner, step_seconds in seconds.items():
        for step_id, spent in step_seconds.items():
            record = _build_record(spent, by_step.get((learner, step_id), []))
            records.setdefault(step_id, {})[learner] = record
    return records


def build_interaction_rows(
    records: RecordsByStep, steps: Iterable[int], min_group_size: int
) -> list[Metrics]:
    return [_build_row(step, records.get(step, {}), min_group_size) for step in steps]


def get_interaction_contributors(records: RecordsByStep, min_group_size: int) -> set[uuid.UUID]:
    """Return the learners who contribute to at least one row."""
    released = [set(learners) for learners in records.values() if len(learners) >= min_group_size]
    return set().union(*released)


def _build_record(seconds: float, events: Sequence[ClassEvent]) -> StepRecord:
    answers = [event.value == "right" for event in events if event.kind == Kind.ANSWERED]
    self_reports = [event.value for event in events if event.kind == Kind.SELF_REPORT]
    kinds = {event.kind for event in events}
    return StepRecord(
        seconds=seconds,
        right_at_first=answers[0] if answers else None,
        asked_for_hint=Kind.HINT_ASKED in kinds,
        right_after_hint=_find_success_after_hint(events),
        self_report=self_reports[-1] if self_reports else None,
        idle=Kind.IDLE in kinds,
    )


def _find_success_after_hint(events: Sequence[ClassEvent]) -> bool | None:
    kinds = [event.kind for event in events]
    if Kind.HINT_ASKED not in kinds or Kind.ANSWERED not in kinds:
        return None
    asked = kinds.index(Kind.HINT_ASKED)
    is_right = [
        event.kind == Kind.ANSWERED and event.value == InteractionEvent.Answer.RIGHT
        for event in events
    ]
    return None if any(is_right[:asked]) else any(is_right[asked:])


def _build_row(step: int, records: LearnerRecords, min_group_size: int) -> Metrics:
    released = coarsening.filter_releasable_metrics(_build_groups(step, records), min_group_size)
    seconds, reports = released.get(("seconds", step)), released.get(("self_report", step))
    row: Metrics = {
        name: coarsening.compute_released_share(group.values(), min_group_size) if group else None
        for name in SHARES
        for group in [released.get((name, step))]
    }
    row["seconds"] = _compute_mean_seconds(seconds.values()) if seconds else None
    row["said"] = _compute_self_report_shares(reports.values(), min_group_size) if reports else None
    return row


def _build_groups(
    step: int, records: LearnerRecords
) -> dict[coarsening.MetricKey, coarsening.Contributions]:
    """Collect the values of each metric by learner, without missing values."""
    built: dict[coarsening.MetricKey, coarsening.Contributions] = {}
    for name in (*SHARES, "seconds", "self_report"):
        values = {learner: getattr(record, name) for learner, record in records.items()}
        built[name, step] = {
            learner: value for learner, value in values.items() if value is not None
        }
    return built


def _compute_mean_seconds(seconds: Collection[float]) -> int:
    mean = sum(seconds) / len(seconds)
    return round(mean / ROUNDING_STEP_S) * ROUNDING_STEP_S


def _compute_self_report_shares(reports: Collection[str], min_group_size: int) -> dict[str, float]:
    return {
        value: coarsening.compute_released_share(
            [report == value for report in reports], min_group_size
        )
        for value in InteractionEvent.SelfReport.values
    }
