"""How one learner's time is evaluated, event by event. Pure, and the only way it is done.

Live evaluation and replay call the same functions with the same stored rows, so that they come to
the same firings. A event is either the close of a ten-second window (whether anything was seen in
it or not) or something the learner did. A event at or before the cursor is never evaluated again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import (
    DOES_NOT_FIT,
    FACE_PARTS,
    FORMULAS,
    FaceEvidence,
    compute_face_evidence,
)
from fer_lms.engagement.weights import DEFAULT
from fer_lms.engagement.windows import WindowSummary
from fer_lms.rules.engine.learner import ActiveRule, EffectiveSettings, EvaluationState
from fer_lms.rules.engine.matching import EvaluationContext, RuleProgress, Verdict, evaluate_rule

WINDOW: Final = 10
CLOSES_AFTER: Final = 15
"""Seconds from a window's start to its close: its length and the grace."""
ACTIVE_SECONDS: Final = 300.0
"""After the last sign of the learner, time stops for the rules."""
SHIFT_LIMITS: Final = (-0.10, 0.30)
"""How far answers move a learner's compute_thresholds in one sitting, in either direction."""
SHIFT_OF_ANSWER: Final = {"helped": -0.05, "not_now": 0.05, "not_hard": 0.10, "no": 0.10}
LONGER_WAIT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule spoke. The occasion names it once and for all, however often it is evaluated."""

    rule: int
    version: int
    occasion: str
    at: float
    step: int | None
    verdict: Verdict
    epoch: int | None
    """Of the face evidence in it; None where there is none."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """What the learner said to a hint."""

    at: float
    answer: str
    kind: str
    evidence: str


def create_state(at: float) -> EvaluationState:
    return EvaluationState(cursor=at, active_until=at + ACTIVE_SECONDS)


def compute_close_time(start: int) -> int:
    return start + CLOSES_AFTER


def advance(
    state: EvaluationState,
    settings: EffectiveSettings,
    until: float,
    windows: Mapping[int, WindowSummary],
) -> list[Firing]:
    """Let time pass: evaluate every window that closes after the cursor and up to `until`."""
    firings: list[Firing] = []
    start = int((state.cursor - CLOSES_AFTER) // WINDOW + 1) * WINDOW
    last = int((until - CLOSES_AFTER) // WINDOW) * WINDOW
    while start <= last:
        window = windows.get(start)
        if window is None and compute_close_time(start) > state.active_until:
            start = min((key for key in windows if key > start), default=last + WINDOW)
            continue
        firings += _close(state, settings, start, window)
        start += WINDOW
    state.cursor = max(state.cursor, until)
    return firings


def apply_settings(state: EvaluationState, settings: EffectiveSettings) -> None:
    """Other settings hold from now on. Face evidence of another consent epoch is forgotten."""
    if settings.epoch != state.epoch:
        state.forget_face()
        state.epoch = settings.epoch
    _meet_versions(state, settings.rules)
    known = {active.rule for active in settings.rules}
    state.verdicts = {rule: said for rule, said in state.verdicts.items() if rule in known}


def _meet_versions(state: EvaluationState, rules: Sequence[ActiveRule]) -> None:
    """What a rule had gathered was over another threshold, or of other evidence. That it has
    spoken, and how often, is the same rule's still."""
    for active in rules:
        run = state.runs.get(active.rule)
        if run and state.versions.get(active.rule, active.version) != active.version:
            state.runs[active.rule] = RuleProgress(spoken=run.spoken, fired=run.fired)
        state.versions[active.rule] = active.version


def apply_action(
    state: EvaluationState,
    settings: EffectiveSettings,
    action: LearnerAction,
    at: float,
    occasion: str,
) -> list[Firing]:
    """The learner did something, which is taken in at `at`; what was kept back by a broken network
    is older. Rules that need no persistence may speak at once."""
    state.activity.take(action, settings.weights)
    state.active_until = max(state.active_until, at + ACTIVE_SECONDS)
    if action.kind == "hint_asked":
        state.asked_at = at
    if action.kind in ("idle", "returned"):
        return []
    return _evaluate(state, settings, at, occasion, closed_window=False)


def apply_answer(state: EvaluationState, answered: AnswerEvent) -> None:
    """The learner's word: it moves the threshold, lengthens the wait, or ends the matter. Who
    wants to be left alone is muted by the settings, in every sitting."""
    state.active_until = max(state.active_until, answered.at + ACTIVE_SECONDS)
    if answered.answer == "not_now":
        state.cooldown_factor = LONGER_WAIT
    if answered.kind == "question" and answered.answer == "yes":
        state.activity.take(LearnerAction(answered.at, "self_report", value="hard"), DEFAULT)
    if answered.answer == "not_hard" or (answered.kind == "question" and answered.answer == "no"):
        state.activity.take(LearnerAction(answered.at, "self_report", value="fine"), DEFAULT)
    if answered.kind in ("hint", "easier", "question", "break"):
        _shift(state, answered)


def apply_baseline_reset(state: EvaluationState, at: float) -> None:
    """The learner begins a new baseline, of nothing that was seen before; nothing is said of the
    face until it is there."""
    state.baseline = None
    state.begun_anew_at = at
    state.face = FaceEvidence()


def _shift(state: EvaluationState, answered: AnswerEvent) -> None:
    amount = SHIFT_OF_ANSWER.get(answered.answer)
    if amount is None or not answered.evidence:
        return
    low, high = SHIFT_LIMITS
    moved = state.shifts.get(answered.evidence, 0.0) + amount
    state.shifts[answered.evidence] = round(min(max(moved, low), high), 4)


def _close(
    state: EvaluationState, settings: EffectiveSettings, start: int, window: WindowSummary | None
) -> list[Firing]:
    """One window closes."""
    at = float(compute_close_time(start))
    state.cursor = at
    if window is not None and window.epoch != settings.epoch:
        window = None
    if window is not None and window.processed:
        state.active_until = max(state.active_until, at + ACTIVE_SECONDS)
    state.face = _look(state, settings, window)
    return _evaluate(state, settings, at, f"w{start}", closed_window=True)


def _look(
    state: EvaluationState, settings: EffectiveSettings, window: WindowSummary | None
) -> FaceEvidence:
    """What the face says in this window; a baseline is made of the first ones."""
    if not settings.face_fits:
        state.baseline = None
        return FaceEvidence(unknown=DOES_NOT_FIT)
    if window is None:
        return FaceEvidence()
    weights = settings.weights
    if state.baseline is None or state.baseline.expired(window.start, weights):
        state.baseline = Baseline(epoch=window.epoch)
    face = compute_face_evidence(window, state.baseline, weights)
    if window.start >= state.begun_anew_at:
        state.baseline.gather(window, weights)
    return face


def _evaluate(
    state: EvaluationState,
    settings: EffectiveSettings,
    at: float,
    occasion: str,
    *,
    closed_window: bool,
) -> list[Firing]:
    if not settings.rules:
        return []
    now = _situation(state, settings, at, closed_window=closed_window)
    firings: list[Firing] = []
    for active in settings.rules:
        run = state.runs.get(active.rule, RuleProgress())
        off = settings.all_off or active.rule in settings.off
        run, verdict = evaluate_rule(
            active.spec, run, replace(now, switched_off=True) if off else now
        )
        state.runs[active.rule] = run
        state.verdicts[active.rule] = (at, verdict)
        if state.heard is not None:
            state.heard.append((at, active.rule, verdict))
        if verdict.fired:
            firings.append(_fired(state, settings, active, verdict, at, occasion))
            now = _situation(state, settings, at, closed_window=closed_window)
    return firings


def _situation(
    state: EvaluationState, settings: EffectiveSettings, at: float, *, closed_window: bool
) -> EvaluationContext:
    return EvaluationContext(
        at=at,
        closed_window=closed_window,
        evidence={
            kind: FORMULAS[kind](state.face, state.activity, at, settings.pace, settings.weights)
            for kind in settings.kinds
        },
        step=state.activity.step,
        seconds_in=at - settings.started,
        learner=settings.learner,
        groups=settings.groups,
        shifts=_shifts(state, settings),
        hints_given=state.hints_given,
        last_hint_at=state.last_hint_at,
        asked_at=state.asked_at,
        cooldown_factor=state.cooldown_factor,
        muted=settings.muted,
        other_source=settings.weights.other_source,
    )


def _fired(
    state: EvaluationState,
    settings: EffectiveSettings,
    active: ActiveRule,
    verdict: Verdict,
    at: float,
    occasion: str,
) -> Firing:
    state.hints_given += 1
    state.last_hint_at = at
    state.cooldown_factor = 1.0
    return Firing(
        rule=active.rule,
        version=active.version,
        occasion=occasion,
        at=at,
        step=state.activity.step,
        verdict=verdict,
        epoch=None if FACE_PARTS.isdisjoint(verdict.parts) else settings.epoch,
    )


def _shifts(state: EvaluationState, settings: EffectiveSettings) -> Mapping[str, float]:
    """What the learner's wishes and answers come to, together within what matching allows."""
    if not state.shifts:
        return settings.shifts
    kinds = state.shifts.keys() | settings.shifts.keys()
    return {kind: state.shifts.get(kind, 0.0) + settings.shifts.get(kind, 0.0) for kind in kinds}
