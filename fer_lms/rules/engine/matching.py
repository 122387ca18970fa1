"""Does a rule speak now, and why; or why is it silent. Pure: evidence in, verdict out.

Time is counted in closed windows of ten seconds: `held` says for how many of them in a row the
evidence was over the threshold often enough. A window in which nothing could be known, or in which
too little of the face was seen while the rest alone is not enough, neither counts nor breaks the
row; three of them in a row break it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from fer_lms.engagement.evidence import DOES_NOT_FIT, NO_CAMERA, NOT_ENOUGH_SEEN, Evidence
from fer_lms.rules.engine.spec import COOLDOWN_SECONDS, LIMITS, MAX_PER_LESSON, RuleSpec

Reason = Literal[
    "fired",
    "unknown",  # not enough seen, nothing done
    "calm",  # under the threshold
    "too_short",  # over it, not yet for long enough
    "face_alone",  # nothing but the face says so
    "spoken",  # has spoken, and the evidence has not calmed down since
    "cooldown",
    "lesson_full",  # as many hints as a lesson may have
    "rule_full",
    "other_step",
    "other_learner",
    "quiet",
    "muted",  # by the learner
    "switched_off",  # by a teacher or an administrator
]
UNKNOWN_BREAKS: Final = 3
OTHER_SOURCE: Final = 0.15
"""What the interaction must show by itself before a face may add to it (`Weights.other_source`
changes it)."""
HIGHEST: Final = 0.98
ASKED_WAIT_SECONDS: Final = 60
"""Who has just asked for a hint is reading it, and is not spoken to as well."""


@dataclass(frozen=True, slots=True)
class RuleProgress:
    """How far a rule has got with one learner. Begins empty."""

    flags: tuple[bool, ...] = ()
    """Over the threshold or not, in the last seen windows."""
    held: int = 0
    unknown: int = 0
    """Windows in a row in which nothing was known."""
    spoken: bool = False
    """Has spoken, and the evidence has not been below the release since."""
    fired: int = 0

    def as_list(self) -> list[Any]:
        return [list(self.flags), self.held, self.unknown, self.spoken, self.fired]


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """One learner at one event, as all rules see it."""

    at: float
    """Seconds since the Unix epoch."""
    closed_window: bool
    """A window closed just now; otherwise an interaction was taken in."""
    evidence: Mapping[str, Evidence]
    step: int | None = None
    seconds_in: float = 0.0
    """Seconds since the sitting began."""
    learner: int = 0
    groups: frozenset[int] = frozenset()
    shifts: Mapping[str, float] = field(default_factory=dict)
    """What the learner's answers and wishes add to the compute_thresholds."""
    hints_given: int = 0
    """In this lesson, by all rules."""
    last_hint_at: float | None = None
    asked_at: float | None = None
    cooldown_factor: float = 1.0
    """2 after "not now": the wait is longer."""
    muted: bool = False
    switched_off: bool = False
    other_source: float = OTHER_SOURCE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule spoke, and what it went by."""

    reason: Reason
    value: float | None = None
    threshold: float = 0.0
    held: int = 0
    coverage: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    wait_seconds: int = 0
    """Until the cooldown ends."""
    last_hint_seconds: int | None = None
    no_face_because: str = ""
    wrong: int = 0
    """Answers that were not right yet."""

    @property
    def fired(self) -> bool:
        return self.reason == "fired"


def evaluate_rule(
    spec: RuleSpec, run: RuleProgress, now: EvaluationContext
) -> tuple[RuleProgress, Verdict]:
    """Let one rule look at one event. Returns how far it has got, and its verdict."""
    evidence = now.evidence[spec.evidence]
    value = evidence.given(spec.minimum_coverage, face_only=spec.face_only)
    threshold, release = compute_thresholds(spec, now.shifts)
    if now.closed_window:
        seen = value is not None and (value >= threshold or not _face_missing(spec, evidence))
        run = _after_window(spec, run, value if seen else None, threshold)
    if run.spoken and value is not None and value < release:
        run = RuleProgress(run.flags, run.held, run.unknown, False, run.fired)
    reason = _reason(spec, run, now, value, threshold)
    verdict = Verdict(
        reason=reason,
        value=value,
        threshold=threshold,
        held=run.held,
        coverage=evidence.coverage,
        parts=evidence.parts_given(spec.minimum_coverage) if value is not None else {},
        wait_seconds=_wait(spec, now),
        last_hint_seconds=None if now.last_hint_at is None else int(now.at - now.last_hint_at),
        no_face_because=evidence.no_face_because
        or (NOT_ENOUGH_SEEN if evidence.coverage < spec.minimum_coverage else ""),
        wrong=evidence.wrong,
    )
    if reason == "fired":
        run = RuleProgress(run.flags, run.held, run.unknown, True, run.fired + 1)
    return run, verdict


def compute_thresholds(spec: RuleSpec, shifts: Mapping[str, float]) -> tuple[float, float]:
    """Threshold and release for one learner; the limits hold whatever the shift."""
    shift = shifts.get(spec.evidence, 0.0)
    threshold = min(max(spec.threshold + shift, LIMITS["threshold"][0]), HIGHEST)
    # It goes as far as the threshold went. Nothing is ever below 0: with such a release the rule
    # would have spoken once and for all.
    release = spec.release + (threshold - spec.threshold)
    return threshold, min(max(release, LIMITS["release"][0]), threshold)


def _face_missing(spec: RuleSpec, evidence: Evidence) -> bool:
    """A camera is on, and too little was seen of the face for this rule."""
    if evidence.no_face_because in (NO_CAMERA, DOES_NOT_FIT):
        return False
    return evidence.coverage < spec.minimum_coverage


def _after_window(
    spec: RuleSpec, run: RuleProgress, value: float | None, threshold: float
) -> RuleProgress:
    if value is None:
        if run.unknown + 1 >= UNKNOWN_BREAKS:
            return RuleProgress((), 0, run.unknown + 1, run.spoken, run.fired)
        return RuleProgress(run.flags, run.held, run.unknown + 1, run.spoken, run.fired)
    flags = (*run.flags, value >= threshold)[-spec.of_windows :]
    held = run.held + 1 if sum(flags) >= spec.over_windows else 0
    return RuleProgress(flags, held, 0, run.spoken, run.fired)


def _reason(
    spec: RuleSpec, run: RuleProgress, now: EvaluationContext, value: float | None, threshold: float
) -> Reason:
    """The first thing that keeps the rule silent; "fired" where nothing does."""
    if value is None:
        return "unknown"
    if value < threshold:
        return "calm"
    if run.held < spec.held_windows:
        return "too_short"
    if (
        spec.needs_other_source
        and (now.evidence[spec.evidence].interaction or 0.0) < now.other_source
    ):
        return "face_alone"
    return _gate(spec, run, now) or "fired"


def _gate(spec: RuleSpec, run: RuleProgress, now: EvaluationContext) -> Reason | None:
    """What stands before a hint that the evidence would justify. People come first."""
    if now.switched_off:
        return "switched_off"
    if now.muted:
        return "muted"
    if not _holds_for(spec, now):
        return "other_learner"
    if spec.steps and now.step not in spec.steps:
        return "other_step"
    if _quiet(spec, now):
        return "quiet"
    if run.spoken:
        return "spoken"
    if now.hints_given >= MAX_PER_LESSON:
        return "lesson_full"
    if run.fired >= min(spec.max_per_lesson, MAX_PER_LESSON):
        return "rule_full"
    return "cooldown" if _wait(spec, now) > 0 else None


def _holds_for(spec: RuleSpec, now: EvaluationContext) -> bool:
    if not spec.learners and not spec.groups:
        return True
    return now.learner in spec.learners or not now.groups.isdisjoint(spec.groups)


def _quiet(spec: RuleSpec, now: EvaluationContext) -> bool:
    minute = now.seconds_in / 60
    return (
        now.seconds_in < spec.quiet_start_seconds
        or now.step in spec.quiet_steps
        or any(start <= minute < end for start, end in spec.quiet_minutes)
    )


def _wait(spec: RuleSpec, now: EvaluationContext) -> int:
    """Seconds until this learner may be spoken to again, by any rule."""
    waits = [0.0]
    if now.last_hint_at is not None:
        cooldown = max(spec.cooldown_seconds, COOLDOWN_SECONDS) * now.cooldown_factor
        waits.append(now.last_hint_at + cooldown - now.at)
    if now.asked_at is not None:
        waits.append(now.asked_at + ASKED_WAIT_SECONDS - now.at)
    return round(max(waits))
