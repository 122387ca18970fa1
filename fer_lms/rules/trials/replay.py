"""Evaluate the rules again over the stored input of live evaluation.

The input is what live evaluation stored: which windows were used as evidence, when each event was
evaluated, and which settings were effective from when. Erased input cannot be replayed; the result
reports it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from fer_lms.consent.models import Consent
from fer_lms.consent.permissions import permits_face_evidence
from fer_lms.engagement.models import BaselineReset, ObservationWindow
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.policy.queries import get_inference_policy
from fer_lms.rules.effective_settings import has_present_formulas, load_rules, parse_settings
from fer_lms.rules.engine.evaluation import Firing, advance, apply_settings, create_state
from fer_lms.rules.engine.matching import Verdict
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings
from fer_lms.rules.models import Hint, HintAnswer, RuleState, SettingsSnapshot
from fer_lms.rules.rule_events import RuleEvent, apply_event, build_event

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recording:
    """Stored input of the evaluation of one learner. Times are Unix seconds."""

    participant: Participant
    until: float
    settings: list[tuple[float, EffectiveSettings]]
    """(effective from, settings), in order."""
    windows: dict[int, WindowSummary]
    """By start."""
    events: list[RuleEvent]
    is_face_removed: bool = False
    """The policy no longer permits the face evidence that was used."""
    is_of_earlier_release: bool = False
    """Evaluated with formulas that this release no longer has."""

    @property
    def user(self) -> User:
        return self.participant.user


@dataclass(slots=True)
class ReplayResult:
    """Firings of a replay and the hints of live evaluation, of one learner."""

    participant: Participant
    firings: list[Firing] = field(default_factory=list)
    live_hints: list[Hint] = field(default_factory=list)
    is_face_erased: bool = False
    """Some of the input was erased after a withdrawal, or the policy no longer permits it."""
    is_of_earlier_release: bool = False

    @property
    def is_same(self) -> bool | None:
        """True where the replay fired at the same events; None where they cannot be compared."""
        replayed = [(firing.rule_id, firing.event_key) for firing in self.firings]
        live = [(hint.rule_id or 0, hint.occasion) for hint in self.live_hints]
        is_comparable = not (self.is_face_erased or self.is_of_earlier_release)
        return sorted(replayed) == sorted(live) or (False if is_comparable else None)

    @property
    def erased_count(self) -> int:
        """Hints whose reason was erased."""
        return sum(not hint.why for hint in self.live_hints)


def replay_session(session: LessonSession) -> list[ReplayResult]:
    """Replay every learner of a session for whom rules were evaluated."""
    hints: dict[object, list[Hint]] = defaultdict(list)
    for hint in Hint.objects.filter(participant__session=session, rule__isnull=False):
        hints[hint.participant_id].append(hint)
    erased = Consent.objects.filter(participant__session=session, erased_at__isnull=False)
    erased_ids = set(erased.values_list("participant_id", flat=True))
    return [
        ReplayResult(
            recording.participant,
            replay(recording),
            hints[recording.participant.pk],
            is_face_erased=recording.is_face_removed or recording.participant.pk in erased_ids,
            is_of_earlier_release=recording.is_of_earlier_release,
        )
        for recording in load_recordings(session)
    ]


def load_recordings(session: LessonSession, *, with_windows: bool = True) -> list[Recording]:
    """Load the recording of each learner of a session, with a fixed number of queries.

    Without face evidence where the policy does not permit it now, even if it did then.

    Args:
        with_windows: Load the windows that were used as evidence; a large class has many.
    """
    states = RuleState.objects.filter(participant__session=session)
    states = states.select_related("participant__user", "participant__session").order_by(
        "participant__joined_at", "pk"
    )
    snapshots = list(
        SettingsSnapshot.objects.filter(participant__session=session).select_related("participant")
    )
    rules = load_rules(snapshot.body for snapshot in snapshots)
    windows: dict[object, dict[int, WindowSummary]] = defaultdict(dict)
    counted = ObservationWindow.objects.filter(participant__session=session, face_counted=True)
    for window in counted if with_windows else ():
        summary = window.summary
        windows[window.participant_id][summary.start] = summary
    events: dict[object, list[RuleEvent]] = defaultdict(list)
    for event in sorted(_load_events(session), key=lambda event: event.evaluated_at):
        events[event.participant_id].append(event)
    settings = _parse_snapshots(session, snapshots, rules)
    earlier = {item.participant_id for item in snapshots if not has_present_formulas(item.body)}
    recordings = [
        Recording(
            participant=state.participant,
            until=state.cursor_at.timestamp(),
            settings=settings[state.pk],
            windows=windows[state.pk],
            events=events[state.pk],
            is_of_earlier_release=state.pk in earlier,
        )
        for state in states
    ]
    if permits_face_evidence(get_inference_policy()):
        return recordings
    return [_remove_face(recording) for recording in recordings]


def _remove_face(recording: Recording) -> Recording:
    settings = [(at, recorded.without_face()) for at, recorded in recording.settings]
    return replace(
        recording, settings=settings, windows={}, is_face_removed=bool(recording.windows)
    )


def replay(
    recording: Recording,
    *,
    rules: Sequence[ActiveRule] | None = None,
    verdict_log: list[tuple[float, int, Verdict]] | None = None,
) -> list[Firing]:
    """Evaluate a recording again.

    Args:
        rules: Replace the recorded rules. Recorded answers are then ignored, since they belong to
            hints that these rules may not offer.
        verdict_log: Collects (time, rule, verdict) of every evaluation.
    """
    if not recording.settings:
        return []
    firings: list[Firing] = []
    state, settings = create_state(recording.settings[0][0]), EffectiveSettings()
    state.verdict_log = verdict_log
    for at, item in _merge_by_time(recording):
        firings += advance(state, settings, at, recording.windows)
        if isinstance(item, EffectiveSettings):
            settings = item if rules is None else _replace_rules(item, rules)
            apply_settings(state, settings)
        elif rules is None or not isinstance(item.row, HintAnswer):
            firings += apply_event(state, settings, item)
    return firings + advance(state, settings, recording.until, recording.windows)


def _replace_rules(settings: EffectiveSettings, rules: Sequence[ActiveRule]) -> EffectiveSettings:
    """Return the settings with other rules; recorded switches do not apply to these."""
    return replace(settings, rules=tuple(rules), disabled_rules=frozenset(), is_disabled=False)


def _merge_by_time(recording: Recording) -> list[tuple[float, EffectiveSettings | RuleEvent]]:
    """Return settings and events in order; at the same time settings come first."""
    items: list[tuple[float, int, EffectiveSettings | RuleEvent]] = [
        *((at, 0, settings) for at, settings in recording.settings),
        *((event.evaluated_at.timestamp(), 1, event) for event in recording.events),
    ]
    return [(at, item) for at, _, item in sorted(items, key=lambda item: item[:2])]


def _parse_snapshots(
    session: LessonSession, snapshots: Sequence[SettingsSnapshot], rules: Mapping[int, ActiveRule]
) -> dict[object, list[tuple[float, EffectiveSettings]]]:
    """Return the settings of each participant; invalid ones are left out and counted in the log."""
    settings: dict[object, list[tuple[float, EffectiveSettings]]] = defaultdict(list)
    invalid = 0
    for snapshot in snapshots:
        try:
            parsed = parse_settings(
                snapshot.body,
                session_started_at=session.started_at.timestamp(),
                learner_id=snapshot.participant.user_id,
                rules=rules,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            invalid += 1
        else:
            settings[snapshot.participant_id].append((snapshot.from_at.timestamp(), parsed))
    if invalid:
        log.error("rules.invalid_settings", snapshots=invalid)
    return settings


def _load_events(session: LessonSession) -> list[RuleEvent]:
    """Return the evaluated events of a session."""
    interactions = InteractionEvent.objects.filter(
        participant__session=session, evaluation__isnull=False
    ).select_related("evaluation")
    answers = HintAnswer.objects.filter(
        hint__participant__session=session, evaluated_at__isnull=False
    ).select_related("hint__version")
    resets = BaselineReset.objects.filter(participant__session=session, evaluated_at__isnull=False)
    return [
        *(build_event(event, event.evaluation.evaluated_at) for event in interactions),
        *(build_event(answer, answer.evaluated_at) for answer in answers),
        *(build_event(reset, reset.evaluated_at) for reset in resets),
    ]
