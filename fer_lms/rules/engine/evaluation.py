"""Evaluate all rules of one learner over time. Pure.

Live evaluation, replays and previews call the same functions, so the same rows give the same
firings. Rules are evaluated at the close of each ten-second window, with or without frames, and at
each interaction. Nothing at or before the cursor is evaluated again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import (
    EXCLUDED,
    FORMULAS,
    EvidenceInput,
    FaceEvidence,
    update_face,
)
from fer_lms.engagement.observations import WINDOW_GRACE, WINDOW_SECONDS
from fer_lms.engagement.usual_face import UsualFace
from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.rules.engine.matching import EvaluationContext, RuleProgress, Verdict, evaluate_rule
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings, EvaluationState

CLOSE_DELAY_S: Final = WINDOW_SECONDS + WINDOW_GRACE.seconds
"""From the start of a window to its close."""
ACTIVE_SECONDS: Final = 300.0
"""Evaluation of empty windows stops this long after the last event or frame."""
ANSWER_SHIFT_LIMITS: Final = (-0.10, 0.30)
"""Range of the threshold shift from answers, within one session."""
SHIFT_BY_ANSWER: Final = {"helped": -0.05, "not_now": 0.05, "not_hard": 0.10, "no": 0.10}
NOT_NOW_COOLDOWN_FACTOR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that fired."""

    rule_id: int
    version_id: int
    event_key: str
    """Identifies what it fired at ("w" + window start, "e" + event id): unique for a learner and
    rule, whatever is evaluated again."""
    at: float
    """Seconds since the Unix epoch."""
    step: int | None
    verdict: Verdict
    face_epoch: int | None
    """Consent epoch of the face evidence in it; None where there is none."""
    level: int = 1
    """Of help on this step: 1 for the first firing there, one more for each further one."""
    sources: Mapping[str, bool] = field(default_factory=dict)
    """Whether interaction, face and both together would have fired; face only where it was used."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """A learner's answer to a hint."""

    at: float
    answer: str
    kind: str
    """Of the hint."""
    evidence: str
    """Of the rule; empty where no rule fired."""


def create_state(at: float) -> EvaluationState:
    """Return the state of a learner whose first event is at this time (Unix seconds)."""
    return EvaluationState(cursor=at, active_until=at + ACTIVE_SECONDS)


def compute_close_time(start: int) -> int:
    """Return when the window that starts at `start` is closed (Unix seconds)."""
    return start + CLOSE_DELAY_S


def advance(
    state: EvaluationState,
    settings: EffectiveSettings,
    until: float,
    windows: Mapping[int, WindowSummary],
) -> list[Firing]:
    """Evaluate every window that closes after the cursor and up to `until`.

    Args:
        until: Unix seconds.
        windows: Closed windows by start; a missing one counts as a window without frames.
    """
    firings: list[Firing] = []
    start = int((state.cursor - CLOSE_DELAY_S) // WINDOW_SECONDS + 1) * WINDOW_SECONDS
    last = int((until - CLOSE_DELAY_S) // WINDOW_SECONDS) * WINDOW_SECONDS
    while start <= last:
        window = windows.get(start)
        if window is None and compute_close_time(start) > state.active_until:
            later = (key for key in windows if key > start)
            start = min(later, default=last + WINDOW_SECONDS)
            continue
        firings += _close_window(state, settings, start, window)
        start += WINDOW_SECONDS
    state.cursor = max(state.cursor, until)
    return firings


def list_active_minutes(
    events: Sequence[tuple[int | None, float]],
) -> frozenset[tuple[int | None, int]]:
    """Return the steps and minutes of a session in which rules are evaluated.

    Args:
        events: Step and second of the session of each interaction, in order.
    """
    ends = [*(at for _, at in events[1:]), math.inf]
    return frozenset(
        (step, minute)
        for (step, at), end in zip(events, ends, strict=False)
        for minute in range(int(at // 60), int(min(end, at + ACTIVE_SECONDS) // 60) + 1)
    )


def apply_settings(state: EvaluationState, settings: EffectiveSettings) -> None:
    """Switch to other settings; face evidence of another consent epoch is erased."""
    if settings.face_epoch != state.face_epoch:
        state.erase_face()
        state.face_epoch = settings.face_epoch
    _apply_versions(state, settings.rules)
    known = {rule.rule_id for rule in settings.rules}
    state.verdicts = {rule: entry for rule, entry in state.verdicts.items() if rule in known}


def _apply_versions(state: EvaluationState, rules: Sequence[ActiveRule]) -> None:
    """Restart the persistence of edited rules, which was counted with other thresholds."""
    for rule in rules:
        progress = state.progress.get(rule.rule_id)
        known_version = state.rule_versions.get(rule.rule_id, rule.version_id)
        if progress and known_version != rule.version_id:
            state.progress[rule.rule_id] = progress.restart()
        state.rule_versions[rule.rule_id] = rule.version_id


def apply_action(
    state: EvaluationState,
    settings: EffectiveSettings,
    action: LearnerAction,
    at: float,
    event_key: str,
) -> list[Firing]:
    """Evaluate the rules at an interaction.

    Args:
        at: When it is evaluated, Unix seconds; later than `action.at` where the network was down.
    """
    state.activity.apply(action, settings.weights, settings.error_rates)
    _keep_active(state, at)
    if action.kind == "hint_asked":
        state.hint_requested_at = at
    if action.kind in ("idle", "returned"):
        return []
    return _evaluate_rules(state, settings, at, event_key, is_window_close=False)


def apply_answer(state: EvaluationState, event: AnswerEvent) -> None:
    """Apply an answer: it shifts thresholds, extends the cooldown, or counts as a self-report."""
    _keep_active(state, event.at)
    if event.answer == "not_now":
        state.cooldown_factor = NOT_NOW_COOLDOWN_FACTOR
    is_question = event.kind == "question"
    report = ""
    if is_question and event.answer == "yes":
        report = "hard"
    elif event.answer == "not_hard" or (is_question and event.answer == "no"):
        report = "fine"
    if report:
        action = LearnerAction(event.at, "self_report", value=report)
        state.activity.apply(action, DEFAULT_WEIGHTS)
    if event.kind != "tell_teacher":
        _shift_threshold(state, event)


def apply_baseline_reset(state: EvaluationState, at: float) -> None:
    """Restart calibration; the face is unknown until it is complete."""
    state.baseline = state.usual_face = None
    state.baseline_reset_at = at
    state.face = FaceEvidence()


def _keep_active(state: EvaluationState, at: float) -> None:
    state.active_until = max(state.active_until, at + ACTIVE_SECONDS)


def _shift_threshold(state: EvaluationState, event: AnswerEvent) -> None:
    amount = SHIFT_BY_ANSWER.get(event.answer)
    if amount is None or not event.evidence:
        return
    low, high = ANSWER_SHIFT_LIMITS
    shift = state.threshold_shifts.get(event.evidence, 0.0) + amount
    state.threshold_shifts[event.evidence] = round(min(max(shift, low), high), 4)


def _close_window(
    state: EvaluationState, settings: EffectiveSettings, start: int, window: WindowSummary | None
) -> list[Firing]:
    at = float(compute_close_time(start))
    state.cursor = at
    if window is not None and window.consent_epoch != settings.face_epoch:
        window = None
    if window is not None and window.processed:
        _keep_active(state, at)
    state.face = _read_face(state, settings, window, at)
    return _evaluate_rules(state, settings, at, f"w{start}", is_window_close=True)


def _read_face(
    state: EvaluationState, settings: EffectiveSettings, window: WindowSummary | None, at: float
) -> FaceEvidence:
    """Return the face evidence after a window, and add the window to calibration and medians."""
    if not settings.uses_face:
        state.baseline = state.usual_face = None
        return FaceEvidence(unknown_reason=EXCLUDED)
    weights = settings.weights
    if window is not None:
        epoch = window.consent_epoch
        if state.baseline is None or state.baseline.is_expired(window.start, weights):
            state.baseline = Baseline(consent_epoch=epoch)
        if state.usual_face is None or state.usual_face.consent_epoch != epoch:
            state.usual_face = UsualFace(consent_epoch=epoch)
    face = update_face(
        state.face, window, state.usual_face, state.baseline, now=at, weights=weights
    )
    if window is not None and window.start >= state.baseline_reset_at:
        if state.baseline is not None:
            state.baseline.add_window(window, weights)
        if state.usual_face is not None and window.coverage >= weights.minimum_coverage:
            state.usual_face.add_window(window, weights)
    return face


def _evaluate_rules(
    state: EvaluationState,
    settings: EffectiveSettings,
    at: float,
    event_key: str,
    *,
    is_window_close: bool,
) -> list[Firing]:
    if not settings.rules:
        return []
    context = _build_context(state, settings, at, is_window_close=is_window_close)
    firings: list[Firing] = []
    for rule in settings.rules:
        progress = state.progress.get(rule.rule_id, RuleProgress())
        is_off = settings.is_disabled or rule.rule_id in settings.disabled_rules
        progress, verdict = evaluate_rule(
            rule.spec, progress, replace(context, is_switched_off=True) if is_off else context
        )
        state.progress[rule.rule_id] = progress
        state.verdicts[rule.rule_id] = (at, verdict)
        if state.verdict_log is not None:
            state.verdict_log.append((at, rule.rule_id, verdict))
        if verdict.has_fired:
            firings.append(_record_firing(state, settings, rule, verdict, at, event_key))
            context = _build_context(state, settings, at, is_window_close=is_window_close)
    return firings


def _build_context(
    state: EvaluationState, settings: EffectiveSettings, at: float, *, is_window_close: bool
) -> EvaluationContext:
    inputs = EvidenceInput(state.face, state.activity, at, settings.step_seconds, settings.weights)
    return EvaluationContext(
        at=at,
        is_window_close=is_window_close,
        evidence={kind: FORMULAS[kind](inputs) for kind in settings.evidence_kinds},
        step=state.activity.step,
        session_seconds=at - settings.session_started_at,
        learner_id=settings.learner_id,
        group_ids=settings.group_ids,
        threshold_shifts=_add_shifts(state.threshold_shifts, settings.threshold_shifts),
        hint_count=state.hint_count,
        last_hint_at=state.last_hint_at,
        hint_requested_at=state.hint_requested_at,
        cooldown_factor=state.cooldown_factor,
        is_muted=settings.is_muted,
        min_interaction=settings.weights.other_source,
    )


def _record_firing(
    state: EvaluationState,
    settings: EffectiveSettings,
    rule: ActiveRule,
    verdict: Verdict,
    at: float,
    event_key: str,
) -> Firing:
    state.hint_count += 1
    state.last_hint_at = at
    state.cooldown_factor = 1.0
    # A calm face was evidence too, though it is none of the parts.
    uses_face = "face" in verdict.sources
    return Firing(
        rule_id=rule.rule_id,
        version_id=rule.version_id,
        event_key=event_key,
        at=at,
        step=state.activity.step,
        verdict=verdict,
        face_epoch=settings.face_epoch if uses_face else None,
        level=state.progress[rule.rule_id].level,
        sources=verdict.sources,
    )


def _add_shifts(
    learned: Mapping[str, float], preferred: Mapping[str, float]
) -> Mapping[str, float]:
    kinds = learned.keys() | preferred.keys()
    return {kind: learned.get(kind, 0.0) + preferred.get(kind, 0.0) for kind in kinds}
