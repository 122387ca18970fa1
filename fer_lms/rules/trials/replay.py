"""The rules over stored windows and interactions again: the same functions, the same firings.

It reads what live evaluation kept: which windows were evidence, when each interaction was taken
in, and which settings held from when. What was erased since cannot be replayed, and is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fer_lms.consent.models import Consent
from fer_lms.engagement.models import BaselineReset, ObservationWindow
from fer_lms.engagement.windows import WindowSummary, summarize_window
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.rules.effective_settings import parse_settings, rules_in
from fer_lms.rules.engine.evaluation import Firing, advance, apply_settings, create_state
from fer_lms.rules.engine.learner import ActiveRule, EffectiveSettings
from fer_lms.rules.engine.matching import Verdict
from fer_lms.rules.models import Hint, HintAnswer, RuleState, SettingsSeen
from fer_lms.rules.rule_events import RuleEvent, of_answer, of_event, of_reset, take


@dataclass(frozen=True, slots=True)
class Recording:
    """What is stored of one learner's sitting, as the rules met it."""

    participant: Participant
    until: float
    settings: list[tuple[float, EffectiveSettings]]
    windows: dict[int, WindowSummary]
    events: list[RuleEvent]


@dataclass(slots=True)
class ReplayResult:
    participant: Participant
    firings: list[Firing] = field(default_factory=list)
    live: list[Hint] = field(default_factory=list)
    face_erased: bool = False
    """A withdrawal took back what some of the hints went by."""

    @property
    def same(self) -> bool | None:
        """Whether the replay spoke exactly where live evaluation spoke. None where it did not, and
        some of what live went by is erased: then nobody can know."""
        again = [(each.rule, each.occasion) for each in self.firings]
        live = [(hint.rule_id or 0, hint.occasion) for hint in self.live]
        return sorted(again) == sorted(live) or (None if self.face_erased else False)

    @property
    def erased(self) -> int:
        return sum(not hint.why for hint in self.live)


def replay_session(session: LessonSession) -> list[ReplayResult]:
    """Every learner of a sitting whom the rules have looked at."""
    hints: dict[object, list[Hint]] = {}
    withdrawn = set(
        Consent.objects.filter(participant__session=session, erased_at__isnull=False).values_list(
            "participant_id", flat=True
        )
    )
    for hint in Hint.objects.filter(participant__session=session, rule__isnull=False):
        hints.setdefault(hint.participant_id, []).append(hint)
    return [
        ReplayResult(
            each.participant,
            replay(each),
            hints.get(each.participant.pk, []),
            face_erased=each.participant.pk in withdrawn,
        )
        for each in load_recordings(session)
    ]


def load_recordings(session: LessonSession) -> list[Recording]:
    """What is stored of each learner of a sitting; a few queries, however many there are."""
    states = RuleState.objects.filter(participant__session=session)
    states = states.select_related("participant__user").order_by("participant__joined_at", "pk")
    notes = list(SettingsSeen.objects.filter(participant__session=session))
    rules = rules_in([note.body for note in notes])
    windows: dict[object, dict[int, WindowSummary]] = {}
    for window in ObservationWindow.objects.filter(participant__session=session, face_counted=True):
        facts = summarize_window(window)
        windows.setdefault(window.participant_id, {})[facts.start] = facts
    events: dict[object, list[RuleEvent]] = {}
    for event in _moments(session):
        events.setdefault(event.participant_id, []).append(event)
    return [
        Recording(
            participant=state.participant,
            until=state.cursor_at.timestamp(),
            settings=_settings(state.participant, session, notes, rules),
            windows=windows.get(state.pk, {}),
            events=sorted(events.get(state.pk, []), key=lambda event: event.at),
        )
        for state in states
    ]


def replay(
    stored: Recording,
    *,
    instead: Sequence[ActiveRule] | None = None,
    heard: list[tuple[float, int, Verdict]] | None = None,
) -> list[Firing]:
    """What the rules say of this learner's sitting; `instead`: other rules than those of then.

    With other rules, hints come at other events, and nobody answered them: answers that were
    given then are left out. `heard` collects every verdict.
    """
    if not stored.settings:
        return []
    firings: list[Firing] = []
    state, held = create_state(stored.settings[0][0]), EffectiveSettings()
    state.heard = heard
    for at, what in _in_order(stored):
        firings += advance(state, held, at, stored.windows)
        if isinstance(what, EffectiveSettings):
            held = what if instead is None else _tried(what, instead)
            apply_settings(state, held)
        elif instead is None or not isinstance(what.row, HintAnswer):
            firings += take(state, held, what)
    return firings + advance(state, held, stored.until, stored.windows)


def _tried(held: EffectiveSettings, rules: Sequence[ActiveRule]) -> EffectiveSettings:
    """These rules under the permissions of then; switches do not hold for a trial."""
    return replace(held, rules=tuple(rules), off=frozenset(), all_off=False)


def _in_order(stored: Recording) -> list[tuple[float, EffectiveSettings | RuleEvent]]:
    """Settings hold for everything after their time, so they come first at it."""
    items: list[tuple[float, int, EffectiveSettings | RuleEvent]] = [
        *((at, 0, held) for at, held in stored.settings),
        *((event.at.timestamp(), 1, event) for event in stored.events),
    ]
    return [(at, what) for at, _, what in sorted(items, key=lambda item: item[:2])]


def _settings(
    participant: Participant,
    session: LessonSession,
    notes: Sequence[SettingsSeen],
    rules: Mapping[int, ActiveRule],
) -> list[tuple[float, EffectiveSettings]]:
    return [
        (
            note.from_at.timestamp(),
            parse_settings(
                note.body,
                started=session.started_at.timestamp(),
                learner=participant.user_id,
                rules=rules,
            ),
        )
        for note in notes
        if note.participant_id == participant.pk
    ]


def _moments(session: LessonSession) -> list[RuleEvent]:
    """Everything that was taken in, at the time it was."""
    events = InteractionEvent.objects.filter(
        participant__session=session, evaluation__isnull=False
    ).select_related("evaluation")
    answers = HintAnswer.objects.filter(
        hint__participant__session=session, evaluated_at__isnull=False
    ).select_related("hint__version")
    resets = BaselineReset.objects.filter(participant__session=session, evaluated_at__isnull=False)
    return [
        *(replace(of_event(event), at=event.evaluation.evaluated_at) for event in events),
        *(replace(of_answer(each), at=each.evaluated_at) for each in answers if each.evaluated_at),
        *(replace(of_reset(each), at=each.evaluated_at) for each in resets if each.evaluated_at),
    ]
