"""The rules at work: what has happened is taken in, once, in order; hints are written.

One transaction takes in everything due of a batch of learners. One worker evaluates at a time, and
it holds the learners' consent rows, so that no event is evaluated twice, and a withdrawal either
comes before (then nothing of the face is used) or after (then it erases what was used).
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Literal

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from fer_lms import push
from fer_lms.engagement.models import BaselineReset, ObservationWindow
from fer_lms.engagement.windows import FACTS, WindowSummary, summarize_window
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant, Role
from fer_lms.rules.baselines import store_baselines
from fer_lms.rules.effective_settings import get_effective_settings, serialize_settings
from fer_lms.rules.engine.evaluation import (
    CLOSES_AFTER,
    WINDOW,
    Firing,
    advance,
    apply_settings,
    compute_close_time,
    create_state,
)
from fer_lms.rules.engine.learner import EffectiveSettings, EvaluationState, parse_state
from fer_lms.rules.firings import write_hints
from fer_lms.rules.models import Hint, HintAnswer, RuleState, SettingsSeen
from fer_lms.rules.rule_events import (
    RuleEvent,
    mark_events_evaluated,
    mark_windows_evaluated,
    of_answer,
    of_event,
    of_reset,
    take,
)

log = structlog.get_logger(__name__)

LEARNERS_AT_ONCE: Final = 200
REACH_BACK: Final = timedelta(minutes=12)
"""Events are kept back by a broken network for ten minutes at most (fer_lms.lessons.actions)."""
TICK: Final = timedelta(microseconds=1)
LOCK: Final = 0x4645525F52554C45
"""PostgreSQL's advisory lock of whoever evaluates."""


@dataclass(slots=True)
class PendingInput:
    """What is to be taken in of one learner."""

    windows: list[ObservationWindow] = field(default_factory=list)
    events: list[RuleEvent] = field(default_factory=list)


@dataclass(slots=True)
class Learner:
    """One learner being evaluated: rows, state, and what comes of it."""

    participant: Participant
    stored: RuleState
    state: EvaluationState
    settings: EffectiveSettings
    due: PendingInput
    used: list[ObservationWindow] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)


def evaluate_due(*, until: datetime) -> int:
    """Take in what happened up to `until`; returns how many learners were looked at.

    The caller has seen to it that every window that closes up to then is closed. Safe to call
    again, at the same time from elsewhere, and with a clock that went back.
    """
    looked_at: set[uuid.UUID] = set()
    while batch := evaluate_some(until=until, besides=looked_at):
        looked_at |= batch
    return len(looked_at)


@transaction.atomic
def evaluate_some(*, until: datetime, besides: Collection[uuid.UUID] = ()) -> set[uuid.UUID]:
    """Evaluate the first learners of those who are due; returns whom. All or nothing, but for
    learners whose own evaluation fails: they stay due, and wait for nobody and nobody for them."""
    _one_at_a_time()
    ids = [pk for pk in _ids_due(until) if pk not in besides][:LEARNERS_AT_ONCE]
    if ids:
        _evaluate_learners(_due_of(ids, until), until)
    return set(ids)


def _one_at_a_time() -> None:
    """Until this transaction ends. SQLite's transactions are IMMEDIATE (settings) anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _ids_due(until: datetime) -> list[uuid.UUID]:
    """Everybody with something new, and everybody for whom a window of time has passed."""
    newest_close = datetime.fromtimestamp(
        int((until.timestamp() - CLOSES_AFTER) // WINDOW) * WINDOW + CLOSES_AFTER, tz=UTC
    )
    waiting = RuleState.objects.filter(
        cursor_at__lt=newest_close,
        active_until__gte=newest_close,
        participant__session__ended_at=None,
    )
    ids = set(waiting.values_list("pk", flat=True))
    for rows, path in (
        (_new_windows(until), "participant_id"),
        (_new_events(until), "participant_id"),
        (_new_answers(until), "hint__participant_id"),
        (_new_resets(until), "participant_id"),
    ):
        ids.update(rows.values_list(path, flat=True))
    return sorted(ids)


def _due_of(ids: Sequence[uuid.UUID], until: datetime) -> dict[uuid.UUID, PendingInput]:
    due = {pk: PendingInput() for pk in ids}
    for window in _new_windows(until).filter(participant_id__in=ids).only(*FACTS, "face_counted"):
        due[window.participant_id].windows.append(window)
    events = [
        *(of_event(event) for event in _new_events(until).filter(participant_id__in=ids)),
        *(
            of_answer(answer)
            for answer in _new_answers(until)
            .filter(hint__participant_id__in=ids)
            .select_related("hint__version")
        ),
        *(of_reset(reset) for reset in _new_resets(until).filter(participant_id__in=ids)),
    ]
    for event in events:
        due[event.participant_id].events.append(event)
    return due


def _new_windows(until: datetime) -> QuerySet[ObservationWindow]:
    return ObservationWindow.objects.filter(
        state=ObservationWindow.State.CLOSED,
        evaluated_at=None,
        start_at__lte=until - timedelta(seconds=CLOSES_AFTER),
        start_at__gte=until - REACH_BACK,
    )


def _new_events(until: datetime) -> QuerySet[InteractionEvent]:
    return InteractionEvent.objects.filter(
        occurred_at__gte=until - REACH_BACK,
        occurred_at__lte=until,
        evaluation=None,
        participant__session__ended_at=None,
        participant__role=Role.STUDENT,
    )


def _new_answers(until: datetime) -> QuerySet[HintAnswer]:
    return HintAnswer.objects.filter(
        evaluated_at=None, answered_at__lte=until, answered_at__gte=until - REACH_BACK
    )


def _new_resets(until: datetime) -> QuerySet[BaselineReset]:
    return BaselineReset.objects.filter(
        evaluated_at=None, asked_at__lte=until, asked_at__gte=until - REACH_BACK
    )


def _evaluate_learners(due: Mapping[uuid.UUID, PendingInput], until: datetime) -> None:
    evaluated = [(each, _evaluated(each, until)) for each in _learners(due, until)]
    learners = [learner for learner, note in evaluated if note is not False]
    SettingsSeen.objects.bulk_create(note for _, note in evaluated if note)
    _store(learners)
    store_baselines(
        [(each.participant.pk, each.state.baseline) for each in learners if _just_made(each)]
    )
    made = write_hints([(each.participant, each.firings) for each in learners if each.firings])
    for participant_id in made:
        transaction.on_commit(partial(push.notify_hint_due, participant_id))


def _evaluated(learner: Learner, until: datetime) -> SettingsSeen | Literal[False] | None:
    """Evaluate one learner; what is to be noted of the settings, or False where it failed."""
    try:
        note = _noted_settings(learner)
        _evaluate(learner, until)
    # Whatever is wrong with one learner's rows must not cost two hundred others their help. It is
    # in memory only so far, and nothing of it is stored.
    except Exception:
        log.exception("rules.evaluation_failed", participant=str(learner.participant.pk))
        return False
    return note


def _just_made(learner: Learner) -> bool:
    """Whether the newest window completed the baseline."""
    baseline = learner.state.baseline
    return bool(
        baseline
        and baseline.ready
        and any(int(each.start_at.timestamp()) + WINDOW == baseline.until for each in learner.used)
    )


def _learners(due: Mapping[uuid.UUID, PendingInput], until: datetime) -> list[Learner]:
    participants = Participant.objects.in_bulk(list(due))
    # Learners by hundreds share few sittings: each is read and made once.
    sessions = LessonSession.objects.select_related("lesson").in_bulk(
        {each.session_id for each in participants.values()}
    )
    for participant in participants.values():
        participant.session = sessions[participant.session_id]
    states = _states(due)
    held = get_effective_settings(list(participants.values()), now=until)
    return [
        Learner(
            participant=participants[pk],
            stored=states[pk],
            state=_state_of(states[pk]),
            settings=held[pk],
            due=due[pk],
        )
        for pk in due
    ]


def _states(due: Mapping[uuid.UUID, PendingInput]) -> dict[uuid.UUID, RuleState]:
    """The state of each, made where there is none: time begins shortly before the first thing."""
    states = {state.pk: state for state in RuleState.objects.filter(pk__in=due)}
    for pk in due.keys() - states.keys():
        states[pk] = _fresh(pk, due[pk])
    return states


def _state_of(stored: RuleState) -> EvaluationState:
    """As it was stored; after a change of the format a new one that remembers what was shown."""
    try:
        return parse_state(stored.body)
    except KeyError:
        state = create_state(stored.cursor_at.timestamp())
        shown = Hint.objects.filter(participant_id=stored.pk, rule__isnull=False)
        times = [fired_at.timestamp() for fired_at in shown.values_list("fired_at", flat=True)]
        state.hints_given, state.last_hint_at = len(times), max(times, default=None)
        return state


def _fresh(participant_id: uuid.UUID, due: PendingInput) -> RuleState:
    times = [window.start_at for window in due.windows]
    times += [event.natural_at for event in due.events]
    at = min(times, default=timezone.now()) - timedelta(seconds=1)
    state = create_state(at.timestamp())
    return RuleState(
        participant_id=participant_id,
        body=state.as_json(),
        cursor_at=at,
        active_until=at + timedelta(seconds=state.active_until - state.cursor),
    )


def _evaluate(learner: Learner, until: datetime) -> None:
    windows = _usable(learner, until)
    settings, state = learner.settings, learner.state
    for event in sorted(learner.due.events, key=lambda event: event.order):
        # What comes late, or by a clock that went back, is taken in now.
        event.at = max(event.natural_at, _time(state.cursor) + TICK)
        learner.firings += advance(state, settings, event.at.timestamp(), windows)
        learner.firings += take(state, settings, event)
    if until.timestamp() > state.cursor:
        learner.firings += advance(state, settings, until.timestamp(), windows)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _noted_settings(learner: Learner) -> SettingsSeen | None:
    """What holds from here on, to be kept, where it is not what held before."""
    body = serialize_settings(learner.settings)
    if learner.stored.body.get("settings") == body:
        return None
    learner.stored.body["settings"] = body
    apply_settings(learner.state, learner.settings)
    return SettingsSeen(
        participant=learner.participant, from_at=_time(learner.state.cursor), body=body
    )


def _usable(learner: Learner, until: datetime) -> dict[int, WindowSummary]:
    """The due windows that may be evidence: under the consent that holds, and not too late."""
    usable = {}
    for window in learner.due.windows:
        start = int(window.start_at.timestamp())
        window.evaluated_at = until
        if window.consent_epoch == learner.settings.epoch and (
            compute_close_time(start) > learner.state.cursor
        ):
            window.face_counted = True
            window.evaluated_at = _time(compute_close_time(start))
            usable[start] = summarize_window(window)
            learner.used.append(window)
    return usable


def _store(learners: Sequence[Learner]) -> None:
    mark_windows_evaluated([window for each in learners for window in each.due.windows])
    mark_events_evaluated([event for each in learners for event in each.due.events])
    for each in learners:
        each.stored.body = each.state.as_json() | {"settings": each.stored.body.get("settings")}
        each.stored.cursor_at = _time(each.state.cursor)
        each.stored.active_until = _time(each.state.active_until)
    # One upsert; bulk_update would spell out every row twice over.
    RuleState.objects.bulk_create(
        [each.stored for each in learners],
        update_conflicts=True,
        unique_fields=["participant"],
        update_fields=["body", "cursor_at", "active_until"],
    )
