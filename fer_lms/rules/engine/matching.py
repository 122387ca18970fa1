"""Compute the verdict of one rule from evidence at one time. Pure.

Persistence is counted in closed windows of ten seconds: `held_windows` is the number of consecutive
windows in which the evidence was above the threshold often enough. A window without usable evidence
neither counts nor interrupts; three such windows in a row do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from fer_lms.engagement.evidence import EXCLUDED, NO_CAMERA, NOT_ENOUGH_SEEN, Evidence
from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.rules.engine.spec import COOLDOWN_SECONDS, LIMITS, MAX_PER_LESSON, RuleSpec

Reason = Literal[
    "fired",
    "unknown",  # no usable evidence
    "calm",  # below the threshold
    "too_short",  # above it, not yet for long enough
    "face_alone",  # no evidence besides the face
    "cooldown",
    "lesson_full",  # maximum number of hints in a lesson, over all rules
    "rule_full",  # maximum number of hints of this rule in a lesson
    "other_step",
    "other_learner",
    "quiet",
    "muted",  # by the learner
    "switched_off",  # by a teacher or an administrator
]
MAX_UNKNOWN_WINDOWS: Final = 3
"""As many unknown windows in a row reset the persistence."""
MAX_THRESHOLD: Final = 0.98
REQUEST_COOLDOWN_S: Final = 20
"""No rule fires while the learner reads a hint that was requested; longer would leave alone those
who need help most, since asking is itself evidence."""


@dataclass(frozen=True, slots=True)
class RuleProgress:
    """Persistence, hysteresis and count of one rule for one learner."""

    flags: tuple[bool, ...] = ()
    """For each of the last known windows: True where the evidence was above the threshold."""
    held_windows: int = 0
    unknown_windows: int = 0
    """Consecutive windows without usable evidence."""
    is_latched: bool = False
    """Has fired, and the evidence has not fallen below the release level since: still stuck."""
    fire_count: int = 0
    step: int | None = None
    """Step of the last firing."""
    level: int = 0
    """Firings on that step."""

    def restart(self) -> "RuleProgress":
        """Reset the persistence only."""
        return replace(self, flags=(), held_windows=0, unknown_windows=0)


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """Input of an evaluation that all rules of one learner share."""

    at: float
    """Seconds since the Unix epoch."""
    is_window_close: bool
    """Evaluated at the close of a window; otherwise at an interaction."""
    evidence: Mapping[str, Evidence]
    step: int | None = None
    session_seconds: float = 0.0
    """Seconds since the session started."""
    learner_id: int = 0
    group_ids: frozenset[int] = frozenset()
    threshold_shifts: Mapping[str, float] = field(default_factory=dict)
    hint_count: int = 0
    """In this lesson, of all rules."""
    last_hint_at: float | None = None
    hint_requested_at: float | None = None
    cooldown_factor: float = 1.0
    is_muted: bool = False
    is_switched_off: bool = False
    min_interaction: float = DEFAULT_WEIGHTS.other_source
    """Evidence of the interaction that a rule needs besides the face, 0..1."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a rule fired or was suppressed, and the numbers behind it."""

    reason: Reason
    value: float | None = None
    threshold: float = 0.0
    held_windows: int = 0
    coverage: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    wait_seconds: int = 0
    """Until the cooldown ends."""
    seconds_since_hint: int | None = None
    face_unknown_reason: str = ""
    wrong_answers: int = 0
    sources: Mapping[str, bool] = field(default_factory=dict)
    """Whether the level of firing is reached by "interaction", "face" and "fused" evidence: the
    threshold, or the release level for who is still stuck. Without a face: interaction only."""

    @property
    def has_fired(self) -> bool:
        return self.reason == "fired"


def evaluate_rule(
    spec: RuleSpec, progress: RuleProgress, context: EvaluationContext
) -> tuple[RuleProgress, Verdict]:
    """Evaluate one rule.

    Returns:
        The progress after this evaluation, and the verdict.
    """
    evidence = context.evidence[spec.evidence]
    value = evidence.select_value(spec.minimum_coverage, face_only=spec.face_only)
    threshold, release = compute_thresholds(spec, context.threshold_shifts)
    if context.is_window_close:
        is_known = value is not None and (
            value >= threshold or not _is_face_missing(spec, evidence)
        )
        progress = _add_window(spec, progress, value if is_known else None, threshold)
    if progress.is_latched and value is not None and value < release:
        progress = replace(progress, is_latched=False)
    reason = _find_reason(spec, progress, context, value, threshold)
    is_covered = evidence.coverage >= spec.minimum_coverage
    last_hint_at = context.last_hint_at
    verdict = Verdict(
        reason=reason,
        value=value,
        threshold=threshold,
        held_windows=progress.held_windows,
        coverage=evidence.coverage,
        parts=evidence.select_parts(spec.minimum_coverage) if value is not None else {},
        wait_seconds=_compute_wait(spec, context),
        seconds_since_hint=None if last_hint_at is None else int(context.at - last_hint_at),
        face_unknown_reason=evidence.face_unknown_reason or ("" if is_covered else NOT_ENOUGH_SEEN),
        wrong_answers=evidence.wrong_answers,
        sources=_compare_sources(
            evidence, release if progress.is_latched else threshold, with_face=is_covered
        ),
    )
    if verdict.has_fired:
        progress = replace(
            progress,
            is_latched=True,
            fire_count=progress.fire_count + 1,
            step=context.step,
            level=progress.level + 1 if progress.step == context.step else 1,
        )
    return progress, verdict


def _compare_sources(evidence: Evidence, level: float, *, with_face: bool) -> dict[str, bool]:
    """Return whether each source reaches a level; the face only where it was seen enough."""
    values = {"interaction": evidence.interaction}
    if with_face and evidence.face is not None:
        values |= {"face": evidence.face, "fused": evidence.value}
    return {name: value >= level for name, value in values.items() if value is not None}


def compute_thresholds(spec: RuleSpec, shifts: Mapping[str, float]) -> tuple[float, float]:
    """Return (threshold, release level) for one learner, within the limits of rules."""
    shift = shifts.get(spec.evidence, 0.0)
    threshold = min(max(spec.threshold + shift, LIMITS["threshold"][0]), MAX_THRESHOLD)
    # The release level moves with the threshold, but stays above 0: evidence is never below 0, and
    # the rule could fire only once.
    release = spec.release + (threshold - spec.threshold)
    return threshold, min(max(release, LIMITS["release"][0]), threshold)


def _is_face_missing(spec: RuleSpec, evidence: Evidence) -> bool:
    """Return whether a camera is on, but the face was not seen long enough for this rule."""
    if evidence.face_unknown_reason in (NO_CAMERA, EXCLUDED):
        return False
    return evidence.coverage < spec.minimum_coverage


def _add_window(
    spec: RuleSpec, progress: RuleProgress, value: float | None, threshold: float
) -> RuleProgress:
    if value is None:
        unknown = progress.unknown_windows + 1
        if unknown >= MAX_UNKNOWN_WINDOWS:
            progress = progress.restart()
        return replace(progress, unknown_windows=unknown)
    flags = (*progress.flags, value >= threshold)[-spec.of_windows :]
    held = progress.held_windows + 1 if sum(flags) >= spec.over_windows else 0
    return replace(progress, flags=flags, held_windows=held, unknown_windows=0)


def _find_reason(
    spec: RuleSpec,
    progress: RuleProgress,
    context: EvaluationContext,
    value: float | None,
    threshold: float,
) -> Reason:
    """Return the first reason that suppresses the rule, or "fired"."""
    if value is None:
        return "unknown"
    if not progress.is_latched:
        if value < threshold:
            return "calm"
        if progress.held_windows < spec.held_windows:
            return "too_short"
    interaction = context.evidence[spec.evidence].interaction or 0.0
    if spec.needs_other_source and interaction < context.min_interaction:
        return "face_alone"
    return _find_suppression(spec, progress, context) or "fired"


def _find_suppression(
    spec: RuleSpec, progress: RuleProgress, context: EvaluationContext
) -> Reason | None:
    """Return the reason to suppress a justified hint; decisions of people take precedence."""
    if context.is_switched_off:
        return "switched_off"
    if context.is_muted:
        return "muted"
    if not _applies_to_learner(spec, context):
        return "other_learner"
    if spec.steps and context.step not in spec.steps:
        return "other_step"
    if _is_quiet(spec, context.step, context.session_seconds):
        return "quiet"
    if context.hint_count >= MAX_PER_LESSON:
        return "lesson_full"
    if progress.fire_count >= min(spec.max_per_lesson, MAX_PER_LESSON):
        return "rule_full"
    return "cooldown" if _compute_wait(spec, context) > 0 else None


def _applies_to_learner(spec: RuleSpec, context: EvaluationContext) -> bool:
    if not spec.learners and not spec.groups:
        return True
    return context.learner_id in spec.learners or not context.group_ids.isdisjoint(spec.groups)


def can_fire_at(spec: RuleSpec, step: int | None, session_seconds: float) -> bool:
    """Return whether a rule may fire on a step at a time, whatever the learner does."""
    is_on_step = not spec.steps or step in spec.steps
    return is_on_step and not _is_quiet(spec, step, session_seconds)


def _is_quiet(spec: RuleSpec, step: int | None, session_seconds: float) -> bool:
    minute = session_seconds / 60
    return (
        session_seconds < spec.quiet_start_seconds
        or step in spec.quiet_steps
        or any(start <= minute < end for start, end in spec.quiet_minutes)
    )


def _compute_wait(spec: RuleSpec, context: EvaluationContext) -> int:
    """Return the seconds until any rule may fire again for this learner."""
    waits = [0.0]
    if context.last_hint_at is not None:
        cooldown = max(spec.cooldown_seconds, COOLDOWN_SECONDS) * context.cooldown_factor
        waits.append(context.last_hint_at + cooldown - context.at)
    if context.hint_requested_at is not None:
        waits.append(context.hint_requested_at + REQUEST_COOLDOWN_S - context.at)
    return round(max(waits))
