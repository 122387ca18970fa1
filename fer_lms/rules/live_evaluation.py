"""Live evaluation: process pending windows and events once, in order, and write hints.

One transaction processes a batch of learners. One worker evaluates at a time and locks the consent
rows, so that no event is evaluated twice, and a withdrawal either precedes it (then no face
evidence is used) or waits (then it erases the evidence).
"""

import traceback
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from fer_lms import notifications
from fer_lms.engagement.actions import store_baselines
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.face_reading import is_fitted_to
from fer_lms.engagement.models import SUMMARY_COLUMNS, BaselineReset, ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.engagement.queries import get_current_weights
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Role
from fer_lms.rules.effective_settings import get_effective_settings, serialize_settings
from fer_lms.rules.engine.evaluation import (
    ACTIVE_SECONDS,
    CLOSE_DELAY_S,
    Firing,
    advance,
    apply_settings,
    compute_close_time,
    create_state,
)
from fer_lms.rules.engine.matching import RuleProgress
from fer_lms.rules.engine.state import EffectiveSettings, EvaluationState
from fer_lms.rules.engine.stored_state import InvalidStateError, parse_state, serialize_state
from fer_lms.rules.firings import write_hints
from fer_lms.rules.models import Hint, HintAnswer, RuleState, SettingsSnapshot
from fer_lms.rules.rule_events import (
    EventRow,
    RuleEvent,
    apply_event,
    build_event,
    mark_events_evaluated,
    mark_windows_evaluated,
)

log = structlog.get_logger(__name__)

BATCH_SIZE: Final = 200
LOOKBACK: Final = timedelta(minutes=12)
"""Clients buffer events for ten minutes at most (fer_lms.lessons.actions)."""
CLOCK_TICK: Final = timedelta(microseconds=1)
MAX_CLOCK_LEAD: Final = timedelta(minutes=5)
"""A state that is further ahead was evaluated by a clock that was wrong, and restarts: until its
time nothing would be evaluated, and no hint would come."""
ADVISORY_LOCK: Final = 0x4645525F52554C45
"""PostgreSQL's advisory lock of live evaluation."""


@dataclass(slots=True)
class PendingInput:
    """Windows and events of one learner that are not evaluated yet."""

    windows: list[ObservationWindow] = field(default_factory=list)
    events: list[RuleEvent] = field(default_factory=list)


@dataclass(slots=True)
class LearnerEvaluation:
    """Input and outcome of the evaluation of one learner."""

    participant: Participant
    stored: RuleState
    state: EvaluationState
    settings: EffectiveSettings
    pending: PendingInput
    used_windows: list[ObservationWindow] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)
    new_settings: tuple[datetime, dict[str, Any]] | None = None
    """Time and content of a `SettingsSnapshot`, where the settings have changed."""


def evaluate_due(*, until: datetime) -> int:
    """Evaluate everything that happened up to `until`, and return the number of learners.

    Requires that every window that closes up to then is closed. Idempotent, also when called
    concurrently or with a clock that went back.
    """
    evaluated: set[uuid.UUID] = set()
    while batch := _evaluate_batch(until, evaluated):
        evaluated |= batch
    return len(evaluated)


@transaction.atomic
def _evaluate_batch(until: datetime, exclude: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Evaluate the next learners and return their ids; those who fail stay pending."""
    _lock_evaluation()
    ids = [pk for pk in _find_pending_ids(until) if pk not in exclude][:BATCH_SIZE]
    if ids:
        _evaluate_learners(_load_pending(ids, until), until)
    return set(ids)


def _lock_evaluation() -> None:
    """Lock until the transaction ends. SQLite's transactions are IMMEDIATE (settings) anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def _find_pending_ids(until: datetime) -> list[uuid.UUID]:
    """Return learners with new input, or for whom a window without frames has closed."""
    last_start = int((until.timestamp() - CLOSE_DELAY_S) // WINDOW_SECONDS) * WINDOW_SECONDS
    last_close = _to_datetime(compute_close_time(last_start))
    waiting = RuleState.objects.filter(
        cursor_at__lt=last_close,
        active_until__gte=last_close,
        participant__session__ended_at=None,
    )
    ids = set(waiting.values_list("pk", flat=True))
    for rows, path in (
        (_list_new_windows(until), "participant_id"),
        (_list_new_interactions(until), "participant_id"),
        (_list_new_answers(until), "hint__participant_id"),
        (_list_new_resets(until), "participant_id"),
    ):
        ids.update(rows.values_list(path, flat=True))
    return sorted(ids)


def _load_pending(ids: Sequence[uuid.UUID], until: datetime) -> dict[uuid.UUID, PendingInput]:
    pending = {pk: PendingInput() for pk in ids}
    windows = _list_new_windows(until).filter(participant_id__in=ids)
    for window in windows.only(*SUMMARY_COLUMNS, "face_counted", "model"):
        pending[window.participant_id].windows.append(window)
    answers = _list_new_answers(until).filter(hint__participant_id__in=ids)
    rows: list[EventRow] = [
        *_list_new_interactions(until).filter(participant_id__in=ids),
        *answers.select_related("hint__version"),
        *_list_new_resets(until).filter(participant_id__in=ids),
    ]
    for row in rows:
        event = build_event(row)
        pending[event.participant_id].events.append(event)
    return pending


def _list_new_windows(until: datetime) -> QuerySet[ObservationWindow]:
    return ObservationWindow.objects.filter(
        state=ObservationWindow.State.CLOSED,
        evaluated_at=None,
        start_at__lte=until - timedelta(seconds=CLOSE_DELAY_S),
        start_at__gte=until - LOOKBACK,
    )


def _list_new_interactions(until: datetime) -> QuerySet[InteractionEvent]:
    return InteractionEvent.objects.filter(
        occurred_at__range=(until - LOOKBACK, until),
        evaluation=None,
        participant__session__ended_at=None,
        participant__role=Role.STUDENT,
    )


def _list_new_answers(until: datetime) -> QuerySet[HintAnswer]:
    return HintAnswer.objects.filter(
        evaluated_at=None, answered_at__range=(until - LOOKBACK, until)
    )


def _list_new_resets(until: datetime) -> QuerySet[BaselineReset]:
    return BaselineReset.objects.filter(
        evaluated_at=None, asked_at__range=(until - LOOKBACK, until)
    )


def _evaluate_learners(pending: Mapping[uuid.UUID, PendingInput], until: datetime) -> None:
    """Evaluate and store these learners; a failure of one does not stop the others.

    Those who fail stay pending. The log has their number and the types of the errors, and nothing
    that identifies a learner.
    """
    failures: Counter[str] = Counter()
    learners = []
    for learner in _load_learners(pending, until, failures):
        is_evaluated = _evaluate_safely(learner, until, failures)
        if not is_evaluated:  # by its state or by its input: only the state can be replaced
            learner.state = _restart_state(learner.stored, until)
            is_evaluated = _evaluate_safely(learner, until, failures)
        if is_evaluated:
            learners.append(learner)
    _store_safely(learners, failures)
    if failures:
        log.error("rules.evaluation_failed", learners=failures.total(), errors=dict(failures))


def _evaluate_safely(learner: LearnerEvaluation, until: datetime, failures: Counter[str]) -> bool:
    """Evaluate one learner in memory; return False where it failed."""
    learner.used_windows, learner.firings = [], []
    try:
        _update_settings(learner)
        _evaluate(learner, until)
    except Exception as error:  # invalid rows can raise anything
        failures[_describe_error(error)] += 1
        return False
    return True


def _describe_error(error: BaseException) -> str:
    """Return type and place; the message could quote a row."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"


def _store_safely(learners: Sequence[LearnerEvaluation], failures: Counter[str]) -> None:
    """Store a batch; where that fails, store each learner in a savepoint of its own."""
    try:
        with transaction.atomic():
            _store(learners)
    except (OperationalError, InterfaceError):
        raise  # the database failed, not the rows of a learner
    except Exception as error:  # whatever a row raises, the other learners' rows are stored
        if len(learners) == 1:
            failures[_describe_error(error)] += 1
            return
        for learner in learners:
            _store_safely([learner], failures)


def _store(learners: Sequence[LearnerEvaluation]) -> None:
    SettingsSnapshot.objects.bulk_create(
        _build_snapshot(learner) for learner in learners if learner.new_settings is not None
    )
    _store_states(learners)
    store_baselines(
        _find_new_baselines(learners),
        lifetime=timedelta(hours=get_current_weights().baseline_hours),
    )
    for participant_id in write_hints(
        [(learner.participant, learner.firings) for learner in learners if learner.firings]
    ):
        transaction.on_commit(partial(notifications.notify_hint_due, participant_id))


def _build_snapshot(learner: LearnerEvaluation) -> SettingsSnapshot:
    from_at, body = learner.new_settings or (learner.stored.cursor_at, {})
    return SettingsSnapshot(participant=learner.participant, from_at=from_at, body=body)


def _find_new_baselines(learners: Sequence[LearnerEvaluation]) -> dict[uuid.UUID, Baseline]:
    """Return the baselines that were completed by a window of this evaluation."""
    new = {}
    for learner in learners:
        baseline = learner.state.baseline
        starts = {int(window.start_at.timestamp()) for window in learner.used_windows}
        if baseline and baseline.is_complete and baseline.until - WINDOW_SECONDS in starts:
            new[learner.participant.pk] = baseline
    return new


def _load_learners(
    pending: Mapping[uuid.UUID, PendingInput], until: datetime, failures: Counter[str]
) -> list[LearnerEvaluation]:
    participants = Participant.objects.in_bulk(list(pending))
    # Hundreds of learners share a few sessions: each is loaded and instantiated once.
    sessions = LessonSession.objects.select_related("lesson").in_bulk(
        {participant.session_id for participant in participants.values()}
    )
    for participant in participants.values():
        participant.session = sessions[participant.session_id]
    states = {state.pk: state for state in RuleState.objects.filter(pk__in=pending)}
    for pk in pending.keys() - states.keys():
        states[pk] = _create_rule_state(pk, pending[pk])
    settings = get_effective_settings(list(participants.values()), now=until)
    return [
        LearnerEvaluation(
            participant=participants[pk],
            stored=states[pk],
            state=_restore_state(states[pk], until, failures),
            settings=settings[pk],
            pending=pending[pk],
        )
        for pk in pending
    ]


def _restore_state(stored: RuleState, until: datetime, failures: Counter[str]) -> EvaluationState:
    """Return the stored state; one that is invalid or in the future restarts."""
    try:
        state = parse_state(stored.body)
        latest = (until + MAX_CLOCK_LEAD).timestamp()
        # Written so that a NaN, which compares false with everything, restarts the state.
        if state.cursor <= latest and state.active_until <= latest + ACTIVE_SECONDS:
            return state
        failures["state in the future"] += 1
    except (InvalidStateError, TypeError) as error:
        if stored.body:  # an erasure empties it
            failures[str(error)] += 1
    return _restart_state(stored, until)


def _restart_state(stored: RuleState, until: datetime) -> EvaluationState:
    """Return a new state from the stored time on, not in the future, with the hints counted."""
    stored.body = {}  # the settings are applied again
    state = create_state(min(stored.cursor_at, until).timestamp())
    hints = Hint.objects.filter(participant_id=stored.pk, rule__isnull=False)
    given = list(hints.values_list("rule", "fired_at"))
    counts = Counter(rule for rule, _ in given)
    state.progress = {rule: RuleProgress(fire_count=count) for rule, count in counts.items()}
    state.hint_count = len(given)
    last = max((fired_at for _, fired_at in given), default=None)
    state.last_hint_at = min(last, until).timestamp() if last else None
    return state


def _create_rule_state(participant_id: uuid.UUID, pending: PendingInput) -> RuleState:
    times = [window.start_at for window in pending.windows]
    times += [event.occurred_at for event in pending.events]
    at = min(times, default=timezone.now()) - timedelta(seconds=1)
    state = create_state(at.timestamp())
    return RuleState(
        participant_id=participant_id,
        body=serialize_state(state),
        cursor_at=at,
        active_until=_to_datetime(state.active_until),
    )


def _evaluate(learner: LearnerEvaluation, until: datetime) -> None:
    windows = _select_windows(learner, until)
    settings, state = learner.settings, learner.state
    for event in sorted(learner.pending.events, key=lambda event: event.sort_key):
        # An event that arrives late, or by a clock that went back, is evaluated now.
        event.evaluated_at = max(event.occurred_at, _to_datetime(state.cursor) + CLOCK_TICK)
        learner.firings += advance(state, settings, event.evaluated_at.timestamp(), windows)
        learner.firings += apply_event(state, settings, event)
    if until.timestamp() > state.cursor:
        learner.firings += advance(state, settings, until.timestamp(), windows)


def _to_datetime(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _update_settings(learner: LearnerEvaluation) -> None:
    body = serialize_settings(learner.settings)
    if learner.stored.body.get("settings") == body:
        return
    learner.stored.body["settings"] = body
    apply_settings(learner.state, learner.settings)
    learner.new_settings = (_to_datetime(learner.state.cursor), body)


def _select_windows(learner: LearnerEvaluation, until: datetime) -> dict[int, WindowSummary]:
    """Return the pending windows of the current consent that are not too late, by start."""
    selected = {}
    for window in learner.pending.windows:
        summary = window.summary
        closes_at = compute_close_time(summary.start)
        window.evaluated_at = until
        is_permitted = summary.consent_epoch == learner.settings.face_epoch
        # Another network's scores have another scale; also those read on a learner's device.
        if is_permitted and is_fitted_to(window.model) and closes_at > learner.state.cursor:
            window.face_counted = True
            window.evaluated_at = _to_datetime(closes_at)
            selected[summary.start] = summary
            learner.used_windows.append(window)
    return selected


def _store_states(learners: Sequence[LearnerEvaluation]) -> None:
    mark_windows_evaluated([window for learner in learners for window in learner.pending.windows])
    mark_events_evaluated([event for learner in learners for event in learner.pending.events])
    for learner in learners:
        stored = learner.stored
        settings: dict[str, Any] = {"settings": stored.body.get("settings")}
        stored.body = serialize_state(learner.state) | settings
        stored.cursor_at = _to_datetime(learner.state.cursor)
        stored.active_until = _to_datetime(learner.state.active_until)
    # One upsert: bulk_update would list every row twice.
    RuleState.objects.bulk_create(
        [learner.stored for learner in learners],
        update_conflicts=True,
        unique_fields=["participant"],
        update_fields=["body", "cursor_at", "active_until"],
    )
